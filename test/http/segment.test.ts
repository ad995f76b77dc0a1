import { gzipSync } from 'node:zlib'
import { Analytics } from '@segment/analytics-node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NOON, rows } from '../ingestion/shop.ts'
import { basic, emptyStore, openSurface, SERVER_KEY, type Surface, WRITE_KEY } from './surface.ts'

let api: Surface
let url: string

beforeAll(async () => {
  api = await openSurface()
  url = await api.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await api.app.close()
  await api.shop.database.close()
})
beforeEach(async () => {
  api.storeDown = false
  await emptyStore(api.shop)
})

const post = (path: string, payload: object | string, headers: Record<string, string> = basic(WRITE_KEY)) =>
  api.app.inject({ method: 'POST', url: path, payload, headers: { 'content-type': 'application/json', ...headers } })
const order = { userId: 'ada', messageId: 'm-1', event: 'order.placed', properties: { cart_id: 'c1' } }
const stored = async () => (await rows<{ id: number }>(api.shop.database, 'select id from event')).length

describe('the real analytics-node client, unchanged', () => {
  test('identifies, tracks and pages; what it sends begins a run', async () => {
    const analytics = new Analytics({ writeKey: WRITE_KEY, host: url, maxRetries: 0 })
    const errors: unknown[] = []
    analytics.on('error', (error) => errors.push(error))
    analytics.identify({ userId: 'ada', traits: { email: 'Ada@Example.com', firstName: 'Ada' } })
    analytics.track({ userId: 'ada', event: 'cart.abandoned', properties: { cart: { id: 'c1', total: 42 } } })
    analytics.page({ userId: 'ada', name: 'Home' })
    analytics.track({ anonymousId: 'browser-1', event: 'order.placed', properties: { cart_id: 'c2' } })
    await analytics.closeAndFlush()

    expect(errors).toEqual([])
    expect(
      await rows(api.shop.database, 'select external_id, email, traits from contact order by external_id'),
    ).toEqual([
      { external_id: 'ada', email: 'ada@example.com', traits: { first_name: 'Ada' } },
      { external_id: null, email: null, traits: {} },
    ])
    expect(await rows(api.shop.database, 'select journey, key, state from enrollment')).toEqual([
      { journey: 'cart-recovery', key: 'c1', state: 'active' },
    ])
    expect(await stored()).toBe(4)
  })

  test('loses nothing while the store is down: it waits and sends the same ids again', async () => {
    api.storeDown = true
    const analytics = new Analytics({ writeKey: WRITE_KEY, host: url, maxRetries: 10 })
    const answered = new Promise<void>((resolve) => {
      analytics.on('http_request', () => resolve())
    })
    analytics.track({ userId: 'ada', event: 'order.placed', properties: { cart_id: 'c1' } })
    const flushed = analytics.closeAndFlush({ timeout: 30_000 })
    await answered
    api.storeDown = false
    await flushed
    expect(await stored()).toBe(1)
  })
})

describe('a call', () => {
  test.each(['track', 'identify', 'page', 'screen'])('%s is taken', async (kind) => {
    const response = await post(`/v1/${kind}`, order)
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({ success: true })
    expect(await rows(api.shop.database, 'select kind, at, received_at from event')).toEqual([
      { kind, at: NOON, received_at: NOON },
    ])
  })

  test.each([
    ['t', 'track'],
    ['i', 'identify'],
    ['p', 'page'],
    ['s', 'screen'],
  ])('browsers may write %s for %s', async (letter, kind) => {
    expect((await post(`/v1/${letter}`, order)).statusCode).toBe(200)
    expect((await post('/v1/b', { batch: [{ ...order, type: kind, messageId: 'm-2' }] })).statusCode).toBe(200)
    expect(await rows(api.shop.database, 'select kind from event')).toEqual([{ kind }, { kind }])
  })

  test('the write key may be in the body, and a server key may do what a write key may', async () => {
    expect((await post('/v1/track', { ...order, writeKey: WRITE_KEY }, {})).statusCode).toBe(200)
    expect((await post('/v1/track', { ...order, messageId: 'm-2' }, basic(SERVER_KEY))).statusCode).toBe(200)
  })

  test.each([
    ['no key', {}],
    ['a wrong key', basic('nobody')],
    ['an empty key', basic('')],
    ['a scheme that is not known', { authorization: `Digest ${WRITE_KEY}` }],
    ['a header that is broken', { authorization: 'Basic' }],
  ])('%s is answered with 401 and how to send it', async (_name, headers) => {
    const response = await post('/v1/track', order, headers)
    expect(response.statusCode).toBe(401)
    expect(response.headers['content-type']).toContain('application/problem+json')
    expect(response.headers['www-authenticate']).toContain('Basic')
    expect(response.json()).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('base64(writeKey') })
    expect(await stored()).toBe(0)
  })

  test.each([
    ['no JSON', '{"userId": ', 400, 'invalid_json'],
    ['nothing', '', 400, 'invalid_json'],
    ['a list', [order], 400, 'invalid_body'],
    ['null', 'null', 400, 'invalid_body'],
    ['a number', '7', 400, 'invalid_body'],
    ['a call of nobody', { ...order, userId: null }, 400, 'invalid_body'],
    ['a call without an event', { ...order, event: undefined }, 400, 'invalid_body'],
    ['a prototype', '{"userId":"ada","event":"order.placed","__proto__":{"admin":true}}', 400, 'invalid_json'],
    ['over 32 KB', { ...order, properties: { note: 'a'.repeat(33_000) } }, 413, 'too_large'],
    ['over 500 KB', { ...order, properties: { note: 'a'.repeat(600_000) } }, 413, 'too_large'],
  ])('a body that is %s is a problem, not an exception', async (_name, payload, status, code) => {
    const response = await post('/v1/track', payload)
    expect(response.statusCode).toBe(status)
    expect(response.headers['content-type']).toContain('application/problem+json')
    const problem = response.json<{ detail: string }>()
    expect(problem).toMatchObject({ code, status })
    expect(problem.detail).not.toMatch(/\n|at .*\.ts/)
    expect(await stored()).toBe(0)
  })

  test('an event that is not in events/ is answered with 200, listed in the answer and kept', async () => {
    const response = await post('/v1/track', { ...order, event: 'cart.forgotten' })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({
      success: true,
      rejected: [{ index: 0, reason: 'unknown_event', detail: 'no schema in events/ is named "cart.forgotten"' }],
    })
    expect(await rows(api.shop.database, 'select source, reason from rejection')).toEqual([
      { source: 'api', reason: 'unknown_event' },
    ])
  })
})

describe('a batch', () => {
  const track = { type: 'track', ...order }

  test('takes what it can, keeps the rest with reasons, and answers 200', async () => {
    const response = await post('/v1/batch', {
      batch: [
        track,
        { ...track, messageId: 'm-2', userId: undefined },
        { ...track, messageId: 'm-3', properties: { note: 'a'.repeat(33_000) } },
        track,
        { type: 'group', userId: 'ada', groupId: 'g', messageId: 'm-4' },
      ],
      sentAt: new Date(NOON).toISOString(),
    })
    expect(response.statusCode).toBe(200)
    const { rejected } = response.json<{ rejected: { index: number; reason: string }[] }>()
    expect(rejected.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'malformed'],
      [2, 'too_large'],
      [4, 'unsupported'],
    ])
    expect(await stored()).toBe(1)
    expect(await rows(api.shop.database, 'select reason from rejection')).toHaveLength(3)
  })

  test('corrects each event by the sentAt of the batch', async () => {
    const hour = 3_600_000
    await post('/v1/batch', {
      batch: [{ ...track, timestamp: new Date(NOON - 5 * hour).toISOString() }],
      sentAt: new Date(NOON - 4 * hour).toISOString(),
    })
    expect(await rows(api.shop.database, 'select at from event')).toEqual([{ at: NOON - hour }])
  })

  test('gzip is understood, and a bomb is cut off', async () => {
    const headers = { ...basic(WRITE_KEY), 'content-encoding': 'gzip' }
    const squeeze = (body: object) => gzipSync(JSON.stringify(body))
    const send = (payload: Buffer) =>
      api.app.inject({
        method: 'POST',
        url: '/v1/batch',
        payload,
        headers: { 'content-type': 'application/json', 'content-length': String(payload.length), ...headers },
      })
    expect((await send(squeeze({ batch: [track] }))).statusCode).toBe(200)
    expect(await stored()).toBe(1)
    expect((await send(squeeze({ batch: 'a'.repeat(20_000_000) }))).statusCode).toBe(413)
    expect((await send(Buffer.from('not gzip at all'))).statusCode).toBe(400)
  })

  test.each([
    ['no batch', {}],
    ['a batch that is no list', { batch: {} }],
    ['a list', [track]],
  ])('a body with %s is a 400', async (_name, payload) => {
    expect((await post('/v1/batch', payload)).statusCode).toBe(400)
  })

  test('a store that is down is a 503 that says when to come again; nothing is half taken', async () => {
    api.storeDown = true
    const response = await post('/v1/batch', { batch: [track] })
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBe('5')
    expect(response.json()).toMatchObject({ code: 'store_unavailable' })
    api.storeDown = false
    expect(await stored()).toBe(0)
    expect((await post('/v1/batch', { batch: [track] })).statusCode).toBe(200)
    expect(await stored()).toBe(1)
  })
})

describe('from a browser', () => {
  test('another origin may ask and send, and a beacon may send text', async () => {
    const asked = await api.app.inject({
      method: 'OPTIONS',
      url: '/v1/track',
      headers: { origin: 'https://shop.example.com' },
    })
    expect(asked.statusCode).toBe(204)
    expect(asked.headers['access-control-allow-headers']).toContain('authorization')
    const sent = await api.app.inject({
      method: 'POST',
      url: '/v1/track',
      headers: { 'content-type': 'text/plain' },
      payload: JSON.stringify({ ...order, writeKey: WRITE_KEY }),
    })
    expect(sent.statusCode).toBe(200)
    expect(sent.headers['access-control-allow-origin']).toBe('*')
  })
})

test('logs hold neither bodies nor addresses, tokens nor keys', async () => {
  api.logged.length = 0
  await post('/v1/identify', { userId: 'ada-secret', traits: { email: 'ada@example.com' } })
  await api.app.inject({ url: '/u/token-secret' })
  await api.app.inject({ url: '/l/token-secret' })
  await api.app.inject({ url: '/nowhere/token-secret?email=ada@example.com' })
  const log = api.logged.join('')
  expect(log).toContain('/v1/identify')
  expect(log).not.toMatch(/secret|example\.com|127\.0\.0\.1|write-key/)
})
