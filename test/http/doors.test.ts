import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signOptInToken } from '../../src/consent/opt-in/token.ts'
import { signPreferenceToken, verifyPreferenceToken } from '../../src/consent/preferences/token.ts'
import { signUnsubscribeToken, verifyUnsubscribeToken } from '../../src/consent/unsubscribe-token.ts'
import { createSealer } from '../../src/http/admin/session.ts'
import { inboundEmailToken } from '../../src/http/inbound-email.ts'
import { NOON, rows } from '../ingestion/shop.ts'
import { bearer, emptyStore, openSurface, SECRET, sentEmail, SERVER_KEY, type Surface } from './surface.ts'

let surface: Surface
let now = 1_800_000_000_000

beforeAll(async () => {
  surface = await openSurface({ realNow: () => now })
})
afterAll(async () => {
  await surface.app.close()
  await surface.shop.database.close()
})
beforeEach(() => emptyStore(surface.shop))

/** Every route once, without a key and with a token that is none, and some addresses that are no route. */
function everywhere(): readonly { readonly method: 'GET' | 'POST'; readonly url: string }[] {
  const doors = surface.app.doors.filter(({ method }) => method === 'GET' || method === 'POST')
  return [
    ...doors.map(({ method, path }) => ({
      method: method === 'GET' ? ('GET' as const) : ('POST' as const),
      url: path.replaceAll(/:\w+/g, 'x'),
    })),
    { method: 'GET', url: '/nowhere' },
    { method: 'GET', url: '/v1/consents' },
    { method: 'GET', url: '/%zz' },
  ]
}

describe('every answer', () => {
  test('forbids to be sniffed, framed, told to other sites, or kept, whatever it says', async () => {
    expect(everywhere().length).toBeGreaterThan(35)
    for (const { method, url } of everywhere()) {
      const { headers } = await surface.app.inject({ method, url })
      expect({ url, ...headers }).toMatchObject({
        url,
        'content-security-policy': expect.stringMatching(
          /^default-src 'none';.*(?:base-uri 'none'; frame-ancestors 'none'|frame-ancestors 'none')/,
        ),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|script-src/)
      expect(headers).not.toHaveProperty('x-powered-by')
      if (url !== '/%zz') expect(headers['strict-transport-security']).toBe('max-age=31536000')
    }
  })

  test('insists on https only where people come by https', async () => {
    const plain = await openSurface({ publicUrl: 'http://127.0.0.1:4400' }, surface.shop)
    const { headers } = await plain.app.inject({ method: 'GET', url: '/health' })
    expect(headers).not.toHaveProperty('strict-transport-security')
    await plain.app.close()
  })

  test.each([
    ['an address that there is not', 'GET', '/nowhere', {}, '', 404],
    ['an address that cannot be decoded', 'GET', '/%zz', {}, '', 400],
    ['another method', 'GET', '/v1/consents', {}, '', 405],
    ['another method of a page', 'PUT', '/u/x', {}, '', 405],
    ['no key', 'POST', '/v1/suppressions', {}, '{}', 401],
    ['a body that is no JSON', 'POST', '/v1/consents', bearer(SERVER_KEY), '{', 400],
    ['a body of another type', 'POST', '/v1/consents', { ...bearer(SERVER_KEY), 'content-type': 'text/csv' }, 'a', 415],
    ['a form of another type', 'POST', '/join/x', { 'content-type': 'application/json' }, '{}', 415],
    ['a body that is too large', 'POST', '/v1/track', bearer(SERVER_KEY), `"${'x'.repeat(600_000)}"`, 413],
    [
      'a form that is too large',
      'POST',
      '/p/x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'x'.repeat(70_000),
      413,
    ],
  ] as const)('to %s is a problem with the id of the request', async (_name, method, url, headers, payload, status) => {
    const sent = payload === '' ? headers : { 'content-type': 'application/json', ...headers }
    const response = await surface.app.inject({ method, url, headers: sent, ...(payload === '' ? {} : { payload }) })
    expect(response.statusCode).toBe(status)
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(response.json()).toMatchObject({ status, instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) })
    if (status === 405) expect(response.headers['allow']).toMatch(/POST/)
  })

  test('to bytes that are no HTTP is a problem too', async () => {
    await using served = await listening()
    const answer = await new Promise<string>((resolve) => {
      const chunks: Buffer[] = []
      const socket = connect(served.port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'))
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('application/problem+json')
  })
})

async function listening(): Promise<{ readonly port: number } & AsyncDisposable> {
  const other = await openSurface({}, surface.shop)
  const url = new URL(await other.app.listen({ port: 0, host: '127.0.0.1' }))
  return { port: Number(url.port), [Symbol.asyncDispose]: () => other.app.close() }
}

describe('a signed token', () => {
  test('of one purpose opens nothing of another', async () => {
    const send = await sentEmail(surface.shop, null)
    const [contact] = await rows<{ id: string }>(surface.shop.database, 'select id from contact limit 1')
    const id = contact?.id ?? ''
    const expiresAt = NOON + 3_600_000
    const tokens = {
      unsubscribe: signUnsubscribeToken(send, SECRET),
      preferences: signPreferenceToken({ kind: 'send', id: send }, SECRET),
      contact: signPreferenceToken({ kind: 'contact', id, expiresAt }, SECRET),
      confirm: signOptInToken(
        { requestId: send, channel: 'email', purpose: 'cart-reminders', addressHash: 'a', expiresAt },
        SECRET,
      ),
      session: createSealer([SECRET]).seal({ keyId: 'a', nonce: 'b', expiresAt: now + 1_000 }),
      form: createSealer([SECRET]).formToken({ keyId: 'a', nonce: 'b' }, 'keys'),
      inbound: inboundEmailToken(SECRET),
    }
    const opens = {
      unsubscribe: '/u/',
      preferences: '/p/',
      contact: '/p/',
      confirm: '/confirm/',
      inbound: '/webhooks/sendgrid/inbound/',
    }
    for (const [kind, token] of Object.entries(tokens)) {
      for (const [purpose, path] of Object.entries(opens)) {
        if (path === opens[kind as keyof typeof opens]) continue
        const form = { 'content-type': 'application/x-www-form-urlencoded' }
        for (const method of ['GET', 'POST'] as const) {
          if (purpose === 'inbound' && method === 'GET') continue
          const payload = method === 'POST' ? { payload: 'stop=everything&confirm=yes', headers: form } : {}
          const { statusCode } = await surface.app.inject({ method, url: `${path}${token}`, ...payload })
          expect([kind, purpose, method, [403, 404, 414, 415].includes(statusCode)]).toEqual([
            kind,
            purpose,
            method,
            true,
          ])
        }
      }
      const cookie = `__Host-segue-admin=${token}`
      const admin = await surface.app.inject({ method: 'GET', url: '/admin/keys', headers: { cookie } })
      expect([kind, admin.statusCode]).toEqual([kind, 303])
    }
    expect(await rows(surface.shop.database, 'select 1 from consent')).toEqual([])
    expect(await rows(surface.shop.database, 'select 1 from suppression')).toEqual([])
    expect(verifyUnsubscribeToken(tokens.preferences, [SECRET])).toBeUndefined()
    expect(verifyPreferenceToken(tokens.unsubscribe, [SECRET])).toBeUndefined()
  })
})

describe('forged webhooks', () => {
  const forge = (address: string) =>
    surface.app.inject({
      method: 'POST',
      url: '/webhooks/sendgrid',
      payload: '[{"event":"delivered"}]',
      remoteAddress: address,
    })
  const kept = () =>
    rows<{ detail: string }>(surface.shop.database, "select detail from rejection where reason = 'forged' order by id")

  test('cannot fill the store: a few are kept, the rest is counted, and genuine ones go through', async () => {
    now += 60_000
    surface.receipt = { kind: 'forged' }
    for (let n = 0; n < 30; n++) expect((await forge('192.0.2.1')).statusCode).toBe(403)
    expect(await kept()).toHaveLength(10)
    for (let n = 0; n < 100; n++) await forge(`198.51.100.${n}`)
    expect(await kept()).toHaveLength(60)

    surface.receipt = { kind: 'accepted', recorded: 1, duplicates: 0, unreadable: 0 }
    expect((await forge('192.0.2.1')).statusCode).toBe(204)

    surface.receipt = { kind: 'forged' }
    now += 60_000
    await forge('192.0.2.1')
    expect((await kept()).at(-1)?.detail).toMatch(/; 70 more before this one were not kept$/)
    surface.receipt = { kind: 'accepted', recorded: 1, duplicates: 0, unreadable: 0 }
  })
})
