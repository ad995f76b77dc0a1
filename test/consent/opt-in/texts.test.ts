import { describe, expect, it } from 'vitest'
import { requestMail } from '../../../src/consent/opt-in/mail.ts'
import { confirmationText, type Programme, requestText } from '../../../src/consent/opt-in/sms-text.ts'
import { LANGUAGES } from '../../../src/consent/preferences/language.ts'
import { segmentsOf } from '../../../src/delivery/rendering/sms-encoding.ts'

const usual = { brand: 'Fernway Goods', title: 'Cart reminders', frequency: 'up to 4 messages a month' }
const programmes: readonly (readonly [string, Omit<Programme, 'language'>])[] = [
  ['usual words', usual],
  ['no frequency', { brand: 'Fernway Goods', title: 'Cart reminders' }],
  [
    'letters outside of GSM-7',
    { brand: 'Café Zoë’s 🛒', title: 'Ofertas – ¡más baratas!', frequency: 'até 4 por mês…' },
  ],
  [
    'words that never end',
    { brand: 'B'.repeat(200), title: 'news of the shop '.repeat(20), frequency: 'often '.repeat(50) },
  ],
  ['an alphabet without any likeness', { brand: 'Магазин 24', title: '新着情報', frequency: '週に一度' }],
  ['characters that take two places', { brand: '[{Shop}]', title: 'a^b|c~d '.repeat(20), frequency: '€ '.repeat(60) }],
]

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(programmes)('the confirmation has all that carriers require, with %s', (_name, programme) => {
    const text = confirmationText({ ...programme, language })
    expect(text).toMatch(/^[^:]{2,}: /)
    expect(text).toMatch(/HELP/)
    expect(text).toMatch(/STOP/)
    expect(text).toMatch(/data rates may apply|tarifas de mensajes y datos/)
    expect(text).toMatch(programme.frequency === usual.frequency ? /Up to 4 messages a month\./ : /\. [^.]/)
    expect(segmentsOf(text)).toMatchObject({ encoding: 'GSM-7' })
    expect(segmentsOf(text).segments).toBeLessThanOrEqual(2)
  })

  it.each(programmes)(
    'the request asks for Y, and never for a word that the carrier keeps, with %s',
    (_name, programme) => {
      const text = requestText({ ...programme, language })
      expect(text).toMatch(/\b(Reply|Responda) Y\b/)
      expect(text).not.toMatch(/\bYES\b/)
      expect(text).toMatch(/HELP.*STOP/)
      expect(segmentsOf(text)).toMatchObject({ encoding: 'GSM-7' })
      expect(segmentsOf(text).segments).toBeLessThanOrEqual(2)
    },
  )
})

it('the texts read as people write', () => {
  const programme = { ...usual, language: 'en' } as const
  expect(requestText(programme)).toBe(
    'Fernway Goods: Reply Y to confirm that you want texts about Cart reminders. Up to 4 messages a month. Msg & data rates may apply. Reply HELP for help, STOP to opt out.',
  )
  expect(confirmationText(programme)).toBe(
    'Fernway Goods: You will now get texts about Cart reminders. Up to 4 messages a month. Msg & data rates may apply. Reply HELP for help, STOP to opt out.',
  )
})

it.each(LANGUAGES)(
  'the mail in %s names the sender, the link and the way to say no, and reads nothing as markup',
  (language) => {
    const programme = { ...usual, brand: 'A & <B>', language, postalAddress: '1 Example Street' }
    const mail = requestMail(programme, { url: 'https://segue.example.com/confirm/a.b', validDays: 7 })
    expect(mail.text).toContain('https://segue.example.com/confirm/a.b')
    expect(mail.text).toContain('1 Example Street')
    expect(mail.html).toContain('A &amp; &lt;B&gt;')
    expect(mail.html).toContain('href="https://segue.example.com/confirm/a.b"')
    expect(mail.html).not.toContain('<B>')
  },
)
