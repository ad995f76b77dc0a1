import { describe, expect, it, test } from 'vitest'
import { disclosureOf, titleOf } from '../../../src/consent/preferences/disclosure.ts'
import { acceptedLanguage, LANGUAGES, languageOf } from '../../../src/consent/preferences/language.ts'
import { maskAddress } from '../../../src/consent/preferences/mask.ts'
import type { Purpose } from '../../../src/core/workspace.ts'
import { aWorkspace } from '../../gate/scene.ts'

describe('the language of a reader', () => {
  test.each([
    ['en', 'en'],
    ['es-MX', 'es'],
    ['ES_us', 'es'],
    [' es ', 'es'],
    ['eso', undefined],
    ['de-AT', undefined],
    ['', undefined],
    [7, undefined],
    [undefined, undefined],
  ])('of the tag %j is %s', (tag, expected) => {
    expect(languageOf(tag)).toBe(expected)
  })

  test.each([
    ['es-ES,es;q=0.9,en;q=0.8', 'es'],
    ['en;q=0.5, es;q=0.7', 'es'],
    ['de, fr;q=0.9, es;q=0.1', 'es'],
    ['es;q=0, en;q=0.1', 'en'],
    ['*', undefined],
    ['', undefined],
    [undefined, undefined],
    [';;;,,,q=x', undefined],
  ])('that accepts %j is %s', (header, expected) => {
    expect(acceptedLanguage(header)).toBe(expected)
  })
})

test.each([
  ['email', 'joan@example.com', 'j•••@example.com'],
  ['email', '"a@b"@example.com', '"•••@example.com'],
  ['sms', '+12025550142', '42'],
] as const)('of %s %s is shown %s', (channel, address, masked) => {
  expect(maskAddress(channel, address)).toBe(masked)
})

describe('the disclosure', () => {
  const policy = aWorkspace().policies['us-retail']
  if (policy === undefined) throw new Error('the workspace has lost its policy')
  const purpose: Purpose = {
    class: 'marketing',
    description: 'Reminders',
    title: 'Cart reminders',
    frequency: 'up to 4 a month',
  }

  it.each(LANGUAGES)('for texts has everything that the law and the carriers ask for, in %s', (language) => {
    const { text, hash } = disclosureOf({ name: 'cart', purpose, policy }, 'sms', language)
    for (const part of ['Example Shop', 'Cart reminders', 'up to 4 a month', 'HELP', 'STOP'])
      expect(text).toContain(part)
    expect(text).toMatch(language === 'en' ? /not a condition of any purchase/ : /no es condición para ninguna compra/)
    expect(text).toMatch(language === 'en' ? /Message and data rates may apply/ : /Pueden aplicarse tarifas/)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('for emails names the sender and where they are, and the way out', () => {
    const { text } = disclosureOf({ name: 'cart', purpose, policy }, 'email', 'en')
    for (const part of ['Example Shop', '1 Example Street', 'unsubscribe at any time']) expect(text).toContain(part)
  })

  it('is the author’s own where there is one, with its version', () => {
    const own = { ...purpose, disclosure: { text: 'Our own words.', version: '2026-07' } }
    expect(disclosureOf({ name: 'cart', purpose: own, policy }, 'sms', 'es')).toMatchObject({
      text: 'Our own words.',
      version: '2026-07',
    })
  })

  it('has a title even where the author gave none', () => {
    expect(titleOf('cart-reminders', { class: 'marketing', description: '' })).toBe('Cart reminders')
  })
})
