import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contentHash } from '../../src/core/canonical-json.ts'
import { NOON, openShop, rows } from '../ingestion/shop.ts'
import { WORKSPACE } from '../ingestion/opt-in-scene.ts'
import { basic, bearer, emptyStore, openSurface, SERVER_KEY, type Surface, WRITE_KEY } from './surface.ts'

let api: Surface

beforeAll(async () => {
  const shop = await openShop()
  await shop.database.query('update workspace set compiled = $1, hash = $2', [
    JSON.stringify(WORKSPACE),
    contentHash(WORKSPACE),
  ])
  api = await openSurface({}, shop)
})
afterAll(async () => {
  await api.app.close()
  await api.shop.database.close()
})
beforeEach(async () => {
  await api.shop.database.query('truncate service_message, opt_in_request')
  await emptyStore(api.shop)
  await api.shop.database.query(
    `insert into contact (id, external_id, email, phone, created_at, updated_at)
     values ('11111111-1111-4111-8111-111111111111', 'ada', 'ada@example.com', '+12125550142', $1, $1)`,
    [NOON],
  )
})

const wish = {
  userId: 'ada',
  channel: 'email',
  purpose: 'cart-reminders',
  state: 'granted',
  source: 'checkout',
  proof: {
    wording: 'Yes, remind me of my cart.',
    wordingVersion: '3',
    language: 'en-US',
    page: 'https://shop.example.com/checkout',
    ip: '192.0.2.7',
    userAgent: 'Mozilla/5.0',
    jurisdiction: 'US-NY',
  },
}
const post = (payload: object, headers = bearer(SERVER_KEY)) =>
  api.app.inject({ method: 'POST', url: '/v1/consents', payload, headers })
const messages = () =>
  rows<{ kind: string; body: string; subject: string | null }>(
    api.shop.database,
    'select kind, body, subject from service_message order by said_at, id',
  )
const held = () =>
  rows(api.shop.database, `select channel, purpose from consent where state = 'granted' order by channel, purpose`)
const ledger = () => rows(api.shop.database, 'select state, source, proof from consent_event order by id')

async function link(): Promise<string> {
  await post(wish)
  const [mail] = await messages()
  const path = /https:\/\/segue\.example\.com\/base(\/confirm\/\S+)/.exec(mail?.body ?? '')?.[1]
  if (path === undefined) throw new Error('the mail has no link')
  return path
}

describe('consent from a form or a checkout', () => {
  test('to a purpose with double opt-in is asked for, and says so', async () => {
    const response = await post(wish)
    expect(response.json()).toEqual({
      recorded: 0,
      requested: 1,
      items: [{ state: 'requested', message: 'sent' }],
    })
    expect(await held()).toEqual([])
    expect(await ledger()).toEqual([{ state: 'requested', source: 'checkout', proof: wish.proof }])
    expect(await messages()).toMatchObject([
      { kind: 'opt_in_request', subject: 'Please confirm: emails from The Shop' },
    ])
  })

  test('that was confirmed elsewhere is recorded with that confirmation', async () => {
    const proof = { ...wish.proof, confirmation: { at: '2026-03-01T09:00:00Z', messageId: 'SM-elsewhere' } }
    expect((await post({ ...wish, proof })).json()).toMatchObject({ recorded: 1, requested: 0 })
    expect(await held()).toEqual([{ channel: 'email', purpose: 'cart-reminders' }])
    expect(await ledger()).toMatchObject([{ state: 'granted', proof }])
  })

  test('to a purpose with single opt-in is recorded, and a text is confirmed by a text', async () => {
    const list = [
      { ...wish, channel: 'sms', purpose: 'newsletter', source: 'form' },
      { userId: 'ada', channel: 'email', purpose: 'newsletter', state: 'revoked' },
    ]
    expect((await post(list)).json()).toEqual({
      recorded: 2,
      requested: 0,
      items: [{ state: 'recorded' }, { state: 'recorded' }],
    })
    expect(await messages()).toMatchObject([{ kind: 'opt_in_confirmation' }])
  })

  test('is asked for anew on demand, and the same call again asks once', async () => {
    const anew = { ...wish, purpose: 'newsletter', state: 'requested' }
    expect((await post([anew, anew])).json()).toMatchObject({
      items: [{ message: 'sent' }, { message: 'sent_before' }],
    })
    expect(await messages()).toHaveLength(1)
  })

  test('with a write key is refused, whatever it says', async () => {
    for (const headers of [basic(WRITE_KEY), bearer(WRITE_KEY)])
      expect((await post(wish, headers)).statusCode).toBe(401)
    expect(await messages()).toEqual([])
    expect(await ledger()).toEqual([])
  })

  test.each([
    ['/proof/ip', { proof: { ...wish.proof, ip: '300.1.1.1' } }, 'must be an IPv4 or IPv6 address'],
    ['/proof/jurisdiction', { proof: { ...wish.proof, jurisdiction: 'New York' } }, 'must match pattern'],
    ['/proof/language', { proof: { ...wish.proof, language: '' } }, 'must match pattern'],
    ['/proof/wording', { proof: { wording: 7 } }, 'must be string'],
    ['/proof/confirmation', { proof: { confirmation: { at: '2026-03-01T09:00:00Z' } } }, 'must say how'],
    ['/proof/confirmation/at', { proof: { confirmation: { at: 'yesterday', method: 'link' } } }, 'RFC 3339'],
    ['/proof/confirmation/at', { proof: { confirmation: { at: '2030-01-01T00:00:00Z', method: 'link' } } }, 'future'],
    ['/proof/confirmation', { proof: { confirmation: { method: 'link' } } }, "must have required property 'at'"],
    ['/source', { source: 'import' }, 'must be equal to one of the allowed values'],
    ['/proof', { state: 'requested', proof: { wording: '' } }, 'must'],
  ])('with a wrong %s is refused with what was expected', async (pointer, change, words) => {
    const response = await post({ ...wish, ...change })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({
      errors: expect.arrayContaining([
        expect.objectContaining({ pointer: expect.stringContaining(pointer), detail: expect.stringContaining(words) }),
      ]),
    })
    expect(await ledger()).toEqual([])
  })
})

describe('the confirmation link', () => {
  const get = (url: string) => api.app.inject({ method: 'GET', url })
  const press = (url: string) =>
    api.app.inject({
      method: 'POST',
      url,
      payload: 'confirm=yes',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Mozilla/5.0' },
    })

  test('asks on a page that works without scripts; opening it ten times gives no consent', async () => {
    const path = await link()
    for (let i = 0; i < 10; i++) expect((await get(path)).statusCode).toBe(200)
    const page = await get(path)
    expect(page.body).toContain('<form method="post"')
    expect(page.body).toContain('Yes, send them')
    expect(page.body).not.toContain('ada@example.com')
    expect(page.body).not.toContain('<script')
    expect(page.headers['cache-control']).toBe('no-store')
    expect(await held()).toEqual([])
  })

  test('gives the consent when its button is pressed, with the evidence, and only once', async () => {
    const path = await link()
    for (let i = 0; i < 3; i++) {
      const done = await press(path)
      expect(done.statusCode).toBe(200)
      expect(done.body).toContain('You are signed up')
    }
    expect(await held()).toEqual([{ channel: 'email', purpose: 'cart-reminders' }])
    const entries = await ledger()
    expect(entries).toHaveLength(2)
    expect(entries[1]).toMatchObject({
      state: 'granted',
      source: 'double_opt_in',
      proof: {
        wording: 'Yes, remind me of my cart.',
        confirmation: { method: 'link', ip: '127.0.0.1', userAgent: 'Mozilla/5.0', at: NOON },
      },
    })
    expect((await get(path)).body).toContain('You are signed up')
  })

  test('says how to get a new one when it has expired', async () => {
    const path = await link()
    await api.shop.database.query('update opt_in_request set expires_at = expires_at - 1')
    // The expiry is signed: a link whose row says otherwise is not ours.
    expect((await press(path)).statusCode).toBe(404)
    await api.shop.database.query('update opt_in_request set expires_at = expires_at + 1')
    const late = await openSurface({ clock: { now: () => NOON + 8 * 86_400_000, scale: 1 } }, api.shop)
    const page = await late.app.inject({ method: 'POST', url: path, payload: '' })
    expect(page.statusCode).toBe(410)
    expect(page.body).toContain('sign up again where you did it before')
    await late.app.close()
    expect(await held()).toEqual([])
  })

  test.each(['/confirm/nonsense', '/confirm/a.b', `/confirm/${'A'.repeat(30)}.${'A'.repeat(22)}`])(
    '%s is none of ours',
    async (path) => {
      expect((await get(path)).statusCode).toBe(404)
      expect((await press(path)).statusCode).toBe(404)
    },
  )

  test('speaks the language in which the person signed up', async () => {
    await post({ ...wish, proof: { ...wish.proof, language: 'es-MX' } })
    const [mail] = await messages()
    expect(mail?.subject).toBe('Confirme, por favor: correos de The Shop')
    const path = /(\/confirm\/\S+)/.exec(mail?.body ?? '')?.[1] ?? ''
    const page = await get(path)
    expect(page.body).toContain('<html lang="es">')
    expect(page.body).toContain('Sí, quiero recibirlos')
  })
})
