import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rows } from '../ingestion/shop.ts'
import { EMAIL, fieldsOf, formOf, openPreferenceShop, PHONE, type PreferenceShop } from './preference-shop.ts'
import { openSurface } from './surface.ts'

let shop: PreferenceShop

beforeAll(async () => {
  shop = await openPreferenceShop()
})
afterAll(() => shop.close())
beforeEach(() => shop.reset())

const agent = 'Mozilla/5.0 (a test)'
const get = (path: string, headers = {}) => shop.surface.app.inject({ url: path, headers })
const post = (path: string, payload: string, app = shop.surface.app) =>
  app.inject({
    method: 'POST',
    url: path,
    payload,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': agent },
  })
const join = async (fields: Record<string, string | readonly string[]>, purpose = 'cart-reminders') => {
  const version = fieldsOf((await get(`/join/${purpose}`)).body).get('version') ?? ''
  return post(`/join/${purpose}`, formOf({ version, ...fields }))
}
const query = <Row extends object>(text: string) => rows<Row>(shop.surface.shop.database, text)
const contacts = () =>
  query<{ email: string | null; phone: string | null }>('select email, phone from contact order by email, phone')
const entries = () =>
  query<{ channel: string; state: string; source: string; proof: Record<string, unknown> }>(
    'select channel, state, source, proof from consent_event order by channel',
  )

describe('the sign-up page', () => {
  test('shows at the point of capture who asks, what for, how often, what it costs and how to get out, with no box ticked', async () => {
    const { body, statusCode } = await get('/join/cart-reminders')
    expect(statusCode).toBe(200)
    for (const words of [
      'Fernway Goods',
      'Cart reminders',
      'up to 4 messages a month',
      'Message and data rates may apply',
      'Reply HELP for help or STOP to cancel',
      'Consent is not a condition of any purchase',
      'I can unsubscribe at any time',
      'https://shop.example.com/terms',
      'https://shop.example.com/privacy',
      '1 Example Street, Springfield',
    ]) {
      expect(body).toContain(words)
    }
    expect(fieldsOf(body).getAll('agree')).toEqual([])
    expect(await contacts()).toEqual([])
  })

  test.each(['receipts', 'nothing', '__proto__', '%00', 'constructor'])('there is none for %s', async (purpose) => {
    const response = await get(`/join/${purpose}`)
    expect(response.statusCode).toBe(404)
    expect((await post(`/join/${purpose}`, formOf({ agree: 'email', email: EMAIL }))).statusCode).toBe(404)
    expect(await contacts()).toEqual([])
  })

  test('asks both addresses to confirm, grants nothing, and keeps what was shown, where, when and to whom', async () => {
    const response = await join({ agree: ['email', 'sms'], email: ' Kim@Example.com ', phone: '(202) 555-0177' })
    expect([response.statusCode, response.headers.location]).toEqual([303, '?lang=en&asked=email+sms'])
    expect(await contacts()).toEqual([{ email: 'kim@example.com', phone: '+12025550177' }])
    const said = await entries()
    expect(said).toMatchObject([
      { channel: 'email', state: 'requested', source: 'form' },
      { channel: 'sms', state: 'requested', source: 'form' },
    ])
    expect(said[1]?.proof).toMatchObject({
      wordingVersion: 'built-in-1-en',
      language: 'en',
      page: 'https://segue.example.com/base/join/cart-reminders?lang=en',
      ip: '127.0.0.1',
      userAgent: agent,
      boxes: { email: 'ticked', sms: 'ticked' },
    })
    expect(said[1]?.proof['wording']).toContain('Consent is not a condition of any purchase')
    expect(await query('select state from consent')).toEqual([])
    expect(await query('select kind, channel, asked from service_message order by channel')).toEqual([
      { kind: 'opt_in_request', channel: 'email', asked: false },
      { kind: 'opt_in_request', channel: 'sms', asked: false },
    ])
  })

  test('keeps no address whose box was not ticked', async () => {
    await join({ agree: 'email', email: 'kim@example.com', phone: '(202) 555-0177' })
    expect(await contacts()).toEqual([{ email: 'kim@example.com', phone: null }])
    expect(await entries()).toHaveLength(1)
  })

  test('answers alike whether or not the address is known, and gives a known person no second address', async () => {
    await shop.person({ grants: [['cart-reminders', 'email']], phone: null })
    const known = await join({ agree: ['email', 'sms'], email: EMAIL, phone: '(202) 555-0177' })
    const unknown = await join({ agree: ['email', 'sms'], email: 'nobody@example.com', phone: '(202) 555-0178' })
    expect([known.statusCode, known.headers.location, known.body]).toEqual([
      unknown.statusCode,
      unknown.headers.location,
      unknown.body,
    ])
    expect(await contacts()).toEqual([
      { email: EMAIL, phone: null },
      { email: 'nobody@example.com', phone: '+12025550178' },
      { email: null, phone: '+12025550177' },
    ])
  })

  test('many sign-ups of one address at once make one contact', async () => {
    await Promise.all(
      Array.from({ length: 12 }, () => join({ agree: ['email', 'sms'], email: 'kim@example.com', phone: PHONE })),
    )
    expect(await contacts()).toEqual([{ email: 'kim@example.com', phone: PHONE }])
  })

  test.each([
    ['no box', { email: EMAIL }, 'Tick at least one way', '#agree-email'],
    ['no address', { agree: 'email' }, 'Enter your email address', '#email'],
    ['a wrong address', { agree: 'email', email: 'a@b' }, 'Enter an email address such as', '#email'],
    ['a wrong number', { agree: 'sms', phone: '12' }, 'Enter a mobile number such as', '#phone'],
  ] as const)('%s is said in words, at the field, and nothing is kept', async (_what, fields, words, href) => {
    const response = await join(fields)
    expect(response.statusCode).toBe(422)
    expect(response.body).toContain(words)
    expect(response.body).toContain(`href="${href}"`)
    expect(await contacts()).toEqual([])
  })

  test('other words than are shown now are agreed to by nobody, and the boxes are empty again', async () => {
    const response = await join({ agree: 'email', email: EMAIL, version: 'of last week' })
    expect(response.statusCode).toBe(422)
    expect(fieldsOf(response.body).getAll('agree')).toEqual([])
    expect(response.body).toContain(`value="${EMAIL}"`)
    expect(await entries()).toEqual([])
  })

  test('a program that fills in every field is answered as everybody is, and nothing happens', async () => {
    const response = await join({ agree: 'email', email: EMAIL, website: 'https://spam.example.com' })
    expect([response.statusCode, response.headers.location]).toEqual([303, '?lang=en&asked=email'])
    expect(await contacts()).toEqual([])
  })

  test('what people enter is never markup', async () => {
    const response = await join({ agree: 'email', email: '"><script>alert(1)</script>' })
    expect(response.body).not.toContain('<script>')
    expect((await get('/join/cart-reminders?asked=<script>alert(1)</script>')).body).not.toContain('<script>')
  })

  test('one connection signs up ten times in ten minutes and is then asked to wait, in a page', async () => {
    const { signUpsPerTenMinutes: _, ...deps } = shop.surface.deps
    const strict = await openSurface({ clock: deps.clock }, shop.surface.shop)
    const answers: number[] = []
    for (let again = 0; again < 11; again++) {
      answers.push((await post('/join/cart-reminders', formOf({ agree: 'email' }), strict.app)).statusCode)
    }
    const last = await post('/join/cart-reminders', formOf({ agree: 'email' }), strict.app)
    await strict.app.close()
    expect(answers).toEqual([...Array.from({ length: 10 }, () => 422), 429])
    expect(last.headers['content-type']).toContain('text/html')
    expect(last.body).toContain('Please wait a moment')
  })
})
