import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashAddress } from '../../src/consent/address.ts'
import { suppress } from '../../src/consent/suppression.ts'
import { signPreferenceToken } from '../../src/consent/preferences/token.ts'
import { signUnsubscribeToken } from '../../src/consent/unsubscribe-token.ts'
import { DAY, HOUR, NOON, rows } from '../ingestion/shop.ts'
import { EMAIL, fieldsOf, formOf, openPreferenceShop, PHONE, type PreferenceShop } from './preference-shop.ts'
import { addressKeys, SECRET } from './surface.ts'

let shop: PreferenceShop

beforeAll(async () => {
  shop = await openPreferenceShop()
})
afterAll(() => shop.close())
beforeEach(() => shop.reset())

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const get = (path: string, headers = {}) => shop.surface.app.inject({ url: path, headers })
const post = (path: string, payload: string, headers = {}) =>
  shop.surface.app.inject({ method: 'POST', url: path, payload, headers: { ...form, ...headers } })
const said = () =>
  rows<{ channel: string; purpose: string; state: string; source: string }>(
    shop.surface.shop.database,
    'select channel, purpose, state, source from consent_event order by id',
  )
const saidHere = async () => (await said()).filter(({ source }) => source === 'preferences')
const blocks = () => rows(shop.surface.shop.database, 'select channel, reason from suppression where lifted_at is null')
const standing = async () =>
  (
    await rows<{ channel: string; purpose: string; state: string }>(
      shop.surface.shop.database,
      'select channel, purpose, state from consent order by channel, purpose',
    )
  ).map(({ channel, purpose, state }) => `${channel} ${purpose} ${state}`)
const preference = async () =>
  (
    await rows<{
      paused_until_at: number | null
      cap_count: number | null
      cap_window_ms: number | null
      language: string | null
    }>(shop.surface.shop.database, 'select paused_until_at, cap_count, cap_window_ms, language from contact_preference')
  )[0]

/** Presses Save on a page as it was shown, with some boxes changed. */
async function save(
  token: string,
  page: string,
  change: { on?: string[]; off?: string[]; fewer?: string; language?: string },
) {
  const fields = fieldsOf(page)
  const on = fields.getAll('on').filter((one) => change.off?.includes(one) !== true)
  fields.delete('on')
  for (const one of [...on, ...(change.on ?? [])]) fields.append('on', one)
  if (change.fewer !== undefined) fields.set('fewer', change.fewer)
  if (change.language !== undefined) fields.set('language', change.language)
  fields.set('do', 'save')
  return post(`/p/${token}`, fields.toString())
}

const GRANTS = [
  ['cart-reminders', 'email'],
  ['newsletter', 'email'],
  ['newsletter', 'sms'],
] as const

describe('opening the preference centre', () => {
  test('shows what is on and changes nothing, whoever opens it and however often', async () => {
    const { token } = await shop.person({ grants: GRANTS })
    for (const method of ['GET', 'HEAD', 'GET'] as const) {
      expect((await shop.surface.app.inject({ method, url: `/p/${token}` })).statusCode).toBe(200)
    }
    const page = (await get(`/p/${token}`)).body
    expect(fieldsOf(page).getAll('on').toSorted()).toEqual([
      'cart-reminders:email',
      'newsletter:email',
      'newsletter:sms',
    ])
    expect(await saidHere()).toEqual([])
    expect(await preference()).toBeUndefined()
  })

  test('never names an address, a number or a person in full', async () => {
    const { token, contactId } = await shop.person({ grants: GRANTS })
    const { body, headers } = await get(`/p/${token}`)
    expect(body).toContain('a•••@example.com')
    expect(body).toContain('the number ending in 42')
    for (const secret of [EMAIL, PHONE, '2025550142', contactId]) expect(body).not.toContain(secret)
    expect(headers['set-cookie']).toBeUndefined()
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(shop.surface.logged.join('')).not.toContain(token)
  })

  test('explains transactional messages without a switch', async () => {
    const { token } = await shop.person()
    const { body } = await get(`/p/${token}`)
    expect(body).toContain('Order updates')
    expect(body).not.toContain('value="receipts:')
  })

  test('shows beside every switch that is off the words that turning it on agrees to', async () => {
    const { token } = await shop.person({ grants: [['newsletter', 'sms']] })
    const { body } = await get(`/p/${token}`)
    expect(body).toContain('Consent is not a condition of any purchase')
    expect(body).toContain('up to 4 messages a month')
    expect(body).toContain('1 Example Street')
  })

  test.each([
    ['what was chosen here', 'es', 'en', 'en', 'es'],
    ['the trait of the contact', null, 'es-MX', 'en', 'es'],
    ['what the browser asks for', null, null, 'fr, es;q=0.8, en;q=0.5', 'es'],
    ['English, when nothing is known', null, null, 'fr', 'en'],
  ])('speaks the language of %s', async (_what, chosen, trait, header, expected) => {
    const { token, contactId } = await shop.person()
    const { database } = shop.surface.shop
    if (trait !== null) {
      await database.query(`update contact set traits = jsonb_build_object('locale', $2::text) where id = $1`, [
        contactId,
        trait,
      ])
    }
    if (chosen !== null) {
      await database.query('insert into contact_preference (contact_id, language, updated_at) values ($1, $2, 0)', [
        contactId,
        chosen,
      ])
    }
    const { body } = await get(`/p/${token}`, { 'accept-language': header })
    expect(body).toContain(`<html lang="${expected}">`)
  })

  test('a token that is forged, cut off, of an unsubscribe link or of nobody is a page that says nothing', async () => {
    const { sendId, token } = await shop.person()
    const nobody = signPreferenceToken({ kind: 'send', id: '00000000-0000-8000-a000-000000000000' }, SECRET)
    for (const wrong of [
      token.slice(0, -2),
      signUnsubscribeToken(sendId, SECRET),
      nobody,
      'x.y',
      'x'.repeat(5000).slice(0, 99),
    ]) {
      for (const response of [await get(`/p/${wrong}`), await post(`/p/${wrong}`, formOf({ do: 'stop' }))]) {
        expect(response.statusCode).toBe(404)
        expect(response.headers['content-type']).toContain('text/html')
      }
    }
    expect(await saidHere()).toEqual([])
  })

  test('is reached from the unsubscribe page', async () => {
    const { sendId } = await shop.person({ grants: GRANTS })
    const { body } = await get(`/u/${signUnsubscribeToken(sendId, SECRET)}`)
    const link = /href="\.\.(\/p\/[\w.-]+)"/.exec(body)?.[1] ?? ''
    expect((await get(link)).statusCode).toBe(200)
  })
})

describe('saving', () => {
  test('a switch that is turned off revokes that purpose on that channel, with evidence, and redirects back', async () => {
    const { token, sendId } = await shop.person({ grants: GRANTS })
    const page = (await get(`/p/${token}`)).body
    shop.now += HOUR
    const response = await save(token, page, { off: ['newsletter:email'] })
    expect([response.statusCode, response.headers.location]).toEqual([303, '?done=saved'])
    expect(await saidHere()).toEqual([
      { channel: 'email', purpose: 'newsletter', state: 'revoked', source: 'preferences' },
    ])
    expect(await blocks()).toEqual([])
    const [entry] = await rows<{ proof: Record<string, unknown> }>(
      shop.surface.shop.database,
      `select proof from consent_event where source = 'preferences'`,
    )
    expect(entry?.proof).toMatchObject({ page: 'preference-centre', send: sendId, language: 'en', ip: '127.0.0.1' })
  })

  test('what was not touched says nothing, however old the page', async () => {
    const { token } = await shop.person({ grants: GRANTS })
    const page = (await get(`/p/${token}`)).body
    shop.now += HOUR
    await save(token, page, {})
    expect(await saidHere()).toEqual([])
    expect(await preference()).toBeUndefined()
  })

  test('the last switch of a channel that is turned off blocks the address for marketing as well', async () => {
    const { token } = await shop.person({ grants: GRANTS })
    const page = (await get(`/p/${token}`)).body
    await save(token, page, { off: ['newsletter:email', 'cart-reminders:email'] })
    expect(await blocks()).toEqual([{ channel: 'email', reason: 'unsubscribe' }])
  })

  test('a switch that is turned on with the link in the mailbox itself is a grant, with the words that stood beside it', async () => {
    const { token } = await shop.person()
    const page = (await get(`/p/${token}`)).body
    shop.now += HOUR
    await save(token, page, { on: ['newsletter:email'] })
    expect(await standing()).toEqual(['email newsletter granted'])
    const [entry] = await rows<{ proof: Record<string, unknown> }>(
      shop.surface.shop.database,
      `select proof from consent_event where state = 'granted'`,
    )
    const { wording, wordingHash, wordingVersion } = entry?.proof ?? {}
    expect(page.replaceAll('&#39;', "'")).toContain(wording)
    expect(wordingHash).toMatch(/^[0-9a-f]{64}$/)
    expect(wordingVersion).toBe('built-in-1-en')
  })

  test('a switch for the phone asks the phone first, because an email proves no phone', async () => {
    const { token } = await shop.person()
    const page = (await get(`/p/${token}`)).body
    shop.now += HOUR
    const response = await save(token, page, { on: ['cart-reminders:sms'] })
    expect(response.headers.location).toBe('?done=saved+sms')
    expect(await standing()).toEqual([])
    expect(await saidHere()).toMatchObject([{ channel: 'sms', purpose: 'cart-reminders', state: 'requested' }])
    expect(await rows(shop.surface.shop.database, 'select kind, channel, asked from service_message')).toEqual([
      { kind: 'opt_in_request', channel: 'sms', asked: true },
    ])
    expect((await get(`/p/${token}?done=saved+sms`)).body).toContain('We have sent you a text.')
  })

  test('turning one back on does not bring back others that a block of the address had silenced', async () => {
    const { token } = await shop.person({ grants: GRANTS })
    await shop.surface.shop.database.transaction((statements) =>
      suppress(statements, {
        keys: addressKeys,
        channel: 'email',
        address: EMAIL,
        reason: 'unsubscribe',
        source: 'link',
        at: NOON,
      }),
    )
    shop.now += HOUR
    const page = (await get(`/p/${token}`)).body
    expect(fieldsOf(page).getAll('on')).toEqual(['newsletter:sms'])
    shop.now += HOUR
    await save(token, page, { on: ['cart-reminders:email'] })
    expect(await standing()).toEqual([
      'email cart-reminders granted',
      'email newsletter revoked',
      'sms newsletter granted',
    ])
    expect(await blocks()).toEqual([])
    const after = fieldsOf((await get(`/p/${token}`)).body)
    expect(after.getAll('on').toSorted()).toEqual(['cart-reminders:email', 'newsletter:sms'])
  })

  test.each([
    ['stop', 'sms', PHONE, 'text START'],
    ['bounce', 'email', EMAIL, 'came back or were reported'],
    ['complaint', 'email', EMAIL, 'came back or were reported'],
  ] as const)('what %s blocked on %s is not turned on here', async (reason, channel, address, words) => {
    const { token } = await shop.person()
    const stale = (await get(`/p/${token}`)).body
    shop.now += HOUR
    await shop.surface.shop.database.transaction((statements) =>
      suppress(statements, { keys: addressKeys, channel, address, reason, source: 'carrier', at: shop.now }),
    )
    shop.now += HOUR
    const page = (await get(`/p/${token}`)).body
    expect(page).toContain(words)
    for (const shown of [stale, page]) {
      const response = await save(token, shown, { on: [`newsletter:${channel}`] })
      expect(response.headers.location).toBe('?done=outdated')
    }
    expect(await standing()).toEqual([])
  })

  test('a page that is older than a "no" cannot undo it, and says so; sent again and again it changes nothing', async () => {
    const { token } = await shop.person()
    const tab = (await get(`/p/${token}`)).body
    shop.now += HOUR
    await post(`/p/${token}`, formOf({ do: 'stop' }))
    shop.now += HOUR
    for (let again = 0; again < 2; again++) {
      expect((await save(token, tab, { on: ['newsletter:email'] })).headers.location).toBe('?done=outdated')
    }
    expect((await standing()).every((one) => one.endsWith('revoked'))).toBe(true)
    expect((await get(`/p/${token}?done=outdated`)).body).toContain('please choose again')
  })

  test('words that changed since the page was made are agreed to by nobody', async () => {
    const { token } = await shop.person()
    const page = (await get(`/p/${token}`)).body
    shop.now += HOUR
    await save(token, page.replace(/name="version" value="\w+"/, 'name="version" value="0"'), {
      on: ['newsletter:email'],
    })
    expect(await standing()).toEqual([])
  })

  test('a link that is older than 60 days takes a "no" and no "yes"', async () => {
    const { token } = await shop.person({ grants: [['newsletter', 'email']] })
    shop.now = NOON - HOUR + 60 * DAY
    const page = (await get(`/p/${token}`)).body
    expect(page).toContain('This link is too old to turn things on')
    await save(token, page, { on: ['cart-reminders:email'], off: ['newsletter:email'] })
    expect(await standing()).toEqual(['email newsletter revoked'])
  })

  test('whoever reads a mailbox that the contact has given up may say no, and only no', async () => {
    const { token, contactId } = await shop.person({ grants: [['newsletter', 'email']] })
    await shop.surface.shop.database.query('update contact set email = $2 where id = $1', [
      contactId,
      'new@example.com',
    ])
    const page = (await get(`/p/${token}`)).body
    shop.now += HOUR
    await save(token, page, { on: ['cart-reminders:email'], off: ['newsletter:email'] })
    expect((await standing()).filter((one) => one.endsWith('granted'))).toEqual([])
    await post(`/p/${token}`, formOf({ do: 'stop' }))
    const { hash } = hashAddress(addressKeys, 'email', EMAIL)
    expect(
      await rows(shop.surface.shop.database, `select address_hash from suppression where channel = 'email'`),
    ).toContainEqual({
      address_hash: hash,
    })
  })

  test('a link for somebody who is logged in proves no mailbox: a "yes" is asked there first', async () => {
    const { contactId } = await shop.person()
    const token = signPreferenceToken({ kind: 'contact', id: contactId, expiresAt: NOON + DAY }, SECRET)
    const page = (await get(`/p/${token}`)).body
    shop.now += HOUR
    expect((await save(token, page, { on: ['newsletter:email'] })).headers.location).toBe('?done=saved+email')
    expect(await standing()).toEqual([])
  })

  test('fewer messages and another language are kept, and can be taken back', async () => {
    const { token } = await shop.person()
    await save(token, (await get(`/p/${token}`)).body, { fewer: 'week', language: 'es' })
    expect(await preference()).toMatchObject({ cap_count: 1, cap_window_ms: 7 * DAY, language: 'es' })
    const page = (await get(`/p/${token}`)).body
    expect(page).toContain('<html lang="es">')
    await save(token, page, { fewer: 'none' })
    expect(await preference()).toMatchObject({ cap_count: null, cap_window_ms: null, language: 'es' })
  })

  test.each([
    ['nothing', ''],
    ['a button that there is not', 'do=erase'],
    ['a purpose that there is not', 'do=save&on=prototype:email&on=receipts:email&on=newsletter:fax&on=:&on=x'],
    ['broken escapes', 'do=%E0%A4%A&on=%'],
  ])('%s changes nothing', async (_what, payload) => {
    const { token } = await shop.person()
    expect((await post(`/p/${token}`, payload)).statusCode).toBe(303)
    expect(await said()).toEqual([])
  })

  test('a body that is no form is refused', async () => {
    const { token } = await shop.person()
    const response = await post(`/p/${token}`, '{"do":"stop"}', { 'content-type': 'application/json' })
    expect(response.statusCode).toBe(415)
    expect(await said()).toEqual([])
  })
})

describe('the other buttons', () => {
  test('a break lasts 30 days from the first press, ends when told to, and is pressed twice to no more effect', async () => {
    const { token } = await shop.person({ grants: GRANTS })
    expect((await post(`/p/${token}`, formOf({ do: 'pause' }))).headers.location).toBe('?done=paused')
    shop.now += HOUR
    await post(`/p/${token}`, formOf({ do: 'pause' }))
    expect(await preference()).toMatchObject({ paused_until_at: NOON + 30 * DAY })
    expect((await get(`/p/${token}`)).body).toContain('until April 2, 2026')
    await post(`/p/${token}`, formOf({ do: 'resume' }))
    expect(await preference()).toMatchObject({ paused_until_at: null })
    expect(await saidHere()).toEqual([])
  })

  test('stopping everything revokes every marketing purpose and blocks both addresses, and leaves receipts alone', async () => {
    const { token } = await shop.person({ grants: [...GRANTS, ['receipts', 'email']] })
    expect((await post(`/p/${token}`, formOf({ do: 'stop' }))).headers.location).toBe('?done=stopped')
    expect(await standing()).toEqual([
      'email cart-reminders revoked',
      'email newsletter revoked',
      'email receipts granted',
      'sms cart-reminders revoked',
      'sms newsletter revoked',
    ])
    expect(await blocks()).toHaveLength(2)
    const hash = hashAddress(addressKeys, 'sms', PHONE).hash
    expect(
      await rows(shop.surface.shop.database, `select address_hash from suppression where channel = 'sms'`),
    ).toEqual([{ address_hash: hash }])
  })

  test('stopping everything ends the runs that have no channel left, in the same transaction', async () => {
    const { token } = await shop.person({ grants: GRANTS })
    await post(`/p/${token}`, formOf({ do: 'stop' }))
    expect(await rows(shop.surface.shop.database, 'select state, outcome, end_reason from enrollment')).toEqual([
      { state: 'ended', outcome: 'exited', end_reason: 'opt_out' },
    ])
    expect(await rows(shop.surface.shop.database, `select kind from outbox where kind = 'signal'`)).toHaveLength(1)
  })

  test('a store that is down is a 503, so that the "no" is said again', async () => {
    const { token } = await shop.person()
    shop.surface.storeDown = true
    const response = await post(`/p/${token}`, formOf({ do: 'stop' }))
    shop.surface.storeDown = false
    expect(response.statusCode).toBe(503)
  })
})
