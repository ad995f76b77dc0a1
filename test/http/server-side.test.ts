import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashAddress } from '../../src/consent/address.ts'
import { NOON, rows } from '../ingestion/shop.ts'
import { addressKeys, basic, bearer, emptyStore, openSurface, SERVER_KEY, type Surface, WRITE_KEY } from './surface.ts'

let api: Surface

beforeAll(async () => {
  api = await openSurface()
})
afterAll(async () => {
  await api.app.close()
  await api.shop.database.close()
})
beforeEach(() => emptyStore(api.shop))

const post = (path: string, payload: object, headers = bearer(SERVER_KEY)) =>
  api.app.inject({ method: 'POST', url: path, payload, headers })

const granted = {
  userId: 'ada',
  channel: 'sms',
  purpose: 'cart-reminders',
  state: 'granted',
  proof: { wording: 'Text me about my cart', version: '3', page: 'https://shop.example.com/checkout' },
  at: '2026-03-01T09:00:00Z',
}
const ledger = () =>
  rows(
    api.shop.database,
    `select c.external_id as who, e.channel, e.purpose, e.state, e.source, e.at, e.recorded_at
       from consent_event e join contact c on c.id = e.contact_id order by e.id`,
  )

function nested(levels: number): object {
  return levels === 0 ? {} : { inner: nested(levels - 1) }
}

describe('consents', () => {
  test('a grant is recorded with its evidence, also for somebody who is not known yet', async () => {
    const response = await post('/v1/consents', granted)
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({ recorded: 1, requested: 0, items: [{ state: 'recorded' }] })
    expect(await ledger()).toEqual([
      {
        who: 'ada',
        channel: 'sms',
        purpose: 'cart-reminders',
        state: 'granted',
        source: 'api',
        at: Date.parse('2026-03-01T09:00:00Z'),
        recorded_at: NOON,
      },
    ])
  })

  test('a list is recorded as a whole', async () => {
    const revoked = { userId: 'bob', channel: 'email', purpose: '*', state: 'revoked' }
    expect((await post('/v1/consents', [granted, revoked])).json()).toMatchObject({ recorded: 2, requested: 0 })
    expect(await ledger()).toMatchObject([{ who: 'ada' }, { who: 'bob', at: NOON }])
  })

  test('one wrong item refuses the list and is named by its index', async () => {
    const response = await post('/v1/consents', [granted, { ...granted, channel: 'fax' }, { ...granted, purpose: 'x' }])
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({
      code: 'invalid_body',
      detail: 'item 1/channel: must be equal to one of the allowed values: ["email","sms"]; nothing was recorded',
      errors: [{ index: 1, pointer: '/channel' }],
    })
    expect(await ledger()).toEqual([])
  })

  test.each([
    ['a purpose that does not exist', { purpose: 'newsletter' }, '/purpose'],
    ['a grant of everything', { purpose: '*' }, '/purpose'],
    ['a grant without evidence', { proof: {} }, '/proof'],
    ['an instant without a zone', { at: '2026-03-01 09:00' }, '/at'],
    ['an instant in the future', { at: '2030-01-01T00:00:00Z' }, '/at'],
    ['a state that is not known', { state: 'maybe' }, '/state'],
    ['a member that is not known', { agreed: true }, ''],
    ['nobody', { userId: '' }, '/userId'],
  ])('%s is refused', async (_name, change, pointer) => {
    const response = await post('/v1/consents', { ...granted, ...change })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ errors: [{ pointer }] })
    expect(await ledger()).toEqual([])
  })

  test.each([
    ['a NUL in an id', { userId: 'a\0' }, 'holds a NUL'],
    ['a NUL in the evidence', { proof: { page: '\0' } }, 'holds a NUL'],
    ['half a character', { proof: { page: '\ud800' } }, 'half a surrogate pair'],
    ['bottomless evidence', { proof: nested(30) }, 'nested too deeply'],
  ])('%s, which no store can keep, is refused', async (_name, change, words) => {
    const response = await post('/v1/consents', { ...granted, ...change })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ errors: [{ detail: expect.stringContaining(words) }] })
    expect(await ledger()).toEqual([])
  })

  test('a write key is never enough', async () => {
    for (const headers of [basic(WRITE_KEY), bearer(WRITE_KEY)]) {
      expect((await post('/v1/consents', granted, headers)).statusCode).toBe(401)
      expect((await post('/v1/suppressions', { channel: 'sms', address: '212-555-0142' }, headers)).statusCode).toBe(
        401,
      )
    }
    expect(await ledger()).toEqual([])
  })
})

describe('suppressions', () => {
  test('an address is kept as a keyed hash, normalised, whoever has it', async () => {
    const response = await post('/v1/suppressions', [
      { channel: 'email', address: ' Ada@Example.com ' },
      { channel: 'sms', address: '(212) 555-0142', reason: 'stop', at: '2026-03-01T09:00:00Z' },
    ])
    expect(response.json()).toEqual({ recorded: 2 })
    expect(
      await rows(
        api.shop.database,
        'select address_hash, channel, reason, source, at from suppression order by channel',
      ),
    ).toEqual([
      {
        address_hash: hashAddress(addressKeys, 'email', 'ada@example.com').hash,
        channel: 'email',
        reason: 'manual',
        source: 'api',
        at: NOON,
      },
      {
        address_hash: hashAddress(addressKeys, 'sms', '+12125550142').hash,
        channel: 'sms',
        reason: 'stop',
        source: 'api',
        at: Date.parse('2026-03-01T09:00:00Z'),
      },
    ])
  })

  test('what is no address is refused by index, without quoting it', async () => {
    const response = await post('/v1/suppressions', [
      { channel: 'email', address: 'ada@example.com' },
      { channel: 'sms', address: 'call me' },
    ])
    expect(response.statusCode).toBe(400)
    expect(response.json()).toMatchObject({ errors: [{ index: 1, pointer: '/address' }] })
    expect(response.body).not.toContain('call me')
    expect(await rows(api.shop.database, 'select * from suppression')).toEqual([])
  })
})

describe('health', () => {
  test('alive without the store, ready only with it', async () => {
    expect((await api.app.inject('/health')).statusCode).toBe(200)
    expect((await api.app.inject('/ready')).statusCode).toBe(200)
    api.storeDown = true
    expect((await api.app.inject('/health')).statusCode).toBe(200)
    expect((await api.app.inject('/ready')).statusCode).toBe(503)
    api.storeDown = false
  })

  test('too many requests of one key are told when to come again', async () => {
    const strict = await openSurface({ requestsPerMinute: 2 }, api.shop)
    const ask = (key: string) =>
      strict.app.inject({ method: 'POST', url: '/v1/consents', payload: {}, headers: bearer(key) })
    const guesses = [await ask('guess-1'), await ask('guess-2'), await ask('guess-3')]
    expect(guesses.map((response) => response.statusCode)).toEqual([401, 401, 429])
    expect(guesses[2]?.headers['retry-after']).toBeDefined()
    expect(guesses[2]?.json()).toMatchObject({ code: 'too_many_requests' })
    expect((await ask(SERVER_KEY)).statusCode).toBe(400)
    await strict.app.close()
  })

  test('what does not exist is a problem too', async () => {
    const response = await api.app.inject({ method: 'PUT', url: '/v1/track' })
    expect(response.statusCode).toBe(405)
    expect(response.headers['allow']).toBe('OPTIONS, POST')
    expect(response.json()).toMatchObject({ code: 'method_not_allowed', status: 405 })
  })

  test('a bug says nothing about itself, and is logged without its message', async () => {
    const receiveWebhook = async (): Promise<never> => {
      throw new Error('duplicate key (email)=(ada@example.com)')
    }
    const broken = await openSurface({ receiveWebhook }, api.shop)
    const response = await broken.app.inject({ method: 'POST', url: '/webhooks/sendgrid', payload: '[]' })
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toContain('ada@')
    const log = broken.logged.join('')
    expect(log).toContain('request failed')
    expect(log).not.toContain('ada@')
    await broken.app.close()
  })
})
