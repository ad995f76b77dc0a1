import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashAddress } from '../../src/consent/address.ts'
import { signUnsubscribeToken, verifyUnsubscribeToken } from '../../src/consent/unsubscribe-token.ts'
import { isMachine } from '../../src/http/links.ts'
import { rows } from '../ingestion/shop.ts'
import { addressKeys, emptyStore, openSurface, SECRET, sentEmail, type Surface } from './surface.ts'

let api: Surface

beforeAll(async () => {
  api = await openSurface()
})
afterAll(async () => {
  await api.app.close()
  await api.shop.database.close()
})
beforeEach(() => emptyStore(api.shop))

const BROWSER = {
  'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
}
const hashOf = (email: string) => hashAddress(addressKeys, 'email', email).hash

describe('the unsubscribe token', () => {
  const id = '0b9cd2a4-7f0e-8a2b-a1c3-0123456789ab'

  test('names the send to whoever has the secret, and survives a change of the secret', () => {
    const token = signUnsubscribeToken(id, 'old secret')
    expect(token).toMatch(/^[\w-]{22}\.[\w-]{22}$/)
    expect(verifyUnsubscribeToken(token, ['new secret', 'old secret'])).toBe(id)
    expect(verifyUnsubscribeToken(token, ['new secret'])).toBeUndefined()
  })

  test.each(['', '.', 'a.b', '..', 'x'.repeat(10_000), `${'A'.repeat(22)}.${'A'.repeat(22)}`])(
    '%# is not one',
    (token) => {
      expect(verifyUnsubscribeToken(token, [SECRET])).toBeUndefined()
    },
  )

  test('one changed character makes it void', () => {
    const token = signUnsubscribeToken(id, SECRET)
    const other = (token.startsWith('A') ? 'B' : 'A') + token.slice(1)
    expect(verifyUnsubscribeToken(other, [SECRET])).toBeUndefined()
  })
})

describe('unsubscribing', () => {
  const states = async () => ({
    suppressed: await rows(api.shop.database, 'select address_hash, channel, reason from suppression'),
    consent: await rows(api.shop.database, 'select channel, purpose, state from consent'),
  })
  const untouched = { suppressed: [], consent: [] }

  test('opening the link only asks, whoever opens it and however often', async () => {
    const token = signUnsubscribeToken(await sentEmail(api.shop, hashOf('ada@example.com')), SECRET)
    for (const method of ['GET', 'HEAD', 'GET'] as const) {
      const response = await api.app.inject({ method, url: `/u/${token}` })
      expect(response.statusCode).toBe(200)
    }
    const page = (await api.app.inject(`/u/${token}`)).body
    expect(page).toContain('<form method="post">')
    expect(page).toContain('Example Outfitters')
    expect(page).toContain('reminders about a cart that you left')
    expect(page).not.toMatch(/<script|ada@/)
    expect(await states()).toEqual(untouched)
  })

  test('a mailbox provider’s one click revokes the purpose and suppresses the address, without cookies or a redirect', async () => {
    const token = signUnsubscribeToken(await sentEmail(api.shop, hashOf('ada@example.com')), SECRET)
    for (let again = 0; again < 3; again++) {
      const response = await api.app.inject({
        method: 'POST',
        url: `/u/${token}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'List-Unsubscribe=One-Click',
      })
      expect(response.statusCode).toBe(200)
      expect(response.headers['set-cookie']).toBeUndefined()
    }
    expect(await states()).toEqual({
      suppressed: [{ address_hash: hashOf('ada@example.com'), channel: 'email', reason: 'unsubscribe' }],
      consent: [{ channel: 'email', purpose: 'cart-reminders', state: 'revoked' }],
    })
    const [said] = await rows(api.shop.database, 'select source, proof from consent_event limit 1')
    expect(said).toMatchObject({ source: 'link', proof: { method: 'one_click' } })
  })

  test.each([
    [
      'multipart',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    ],
    ['the page’s button', 'application/x-www-form-urlencoded', 'confirm=yes'],
    ['JSON that is broken', 'application/json', '{'],
    ['nothing', undefined, ''],
  ])('a POST with %s counts as well', async (_name, contentType, payload) => {
    const token = signUnsubscribeToken(await sentEmail(api.shop, null), SECRET)
    const headers = contentType === undefined ? {} : { 'content-type': contentType }
    const response = await api.app.inject({ method: 'POST', url: `/u/${token}`, headers, payload })
    expect(response.statusCode).toBe(200)
    expect((await states()).suppressed).toHaveLength(1)
  })

  test('somebody who has another address by now suppresses the one that the message went to', async () => {
    const id = await sentEmail(api.shop, hashOf('old@example.com'), 'new@example.com')
    await api.app.inject({ method: 'POST', url: `/u/${signUnsubscribeToken(id, SECRET)}` })
    expect((await states()).suppressed).toEqual([
      { address_hash: hashOf('old@example.com'), channel: 'email', reason: 'unsubscribe' },
    ])
  })

  test('a token that is forged, cut off, or of no message shows a page and changes nothing', async () => {
    const id = await sentEmail(api.shop, null)
    const unknown = signUnsubscribeToken('00000000-0000-8000-a000-000000000000', SECRET)
    for (const token of [
      signUnsubscribeToken(id, 'not ours'),
      signUnsubscribeToken(id, SECRET).slice(0, -2),
      unknown,
    ]) {
      for (const method of ['GET', 'POST'] as const) {
        const response = await api.app.inject({ method, url: `/u/${token}` })
        expect(response.statusCode).toBe(404)
        expect(response.headers['content-type']).toContain('text/html')
      }
    }
    expect(await states()).toEqual(untouched)
  })

  test('a store that is down is a 503, so that the "no" comes again', async () => {
    const token = signUnsubscribeToken(await sentEmail(api.shop, null), SECRET)
    api.storeDown = true
    const response = await api.app.inject({ method: 'POST', url: `/u/${token}` })
    api.storeDown = false
    expect(response.statusCode).toBe(503)
  })

  test('the pages may load nothing and be framed by nobody', async () => {
    const response = await api.app.inject('/u/x')
    const policy = String(response.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toMatch(/style-src 'sha256-/)
  })
})

describe('short links', () => {
  const addLink = async (token: string, url: string) => {
    const id = await sentEmail(api.shop, null)
    await api.shop.database.query('insert into link (token, send_id, url) values ($1, $2, $3)', [token, id, url])
  }
  const clicks = () => rows(api.shop.database, 'select token, machine from click order by id')

  test('redirect to the stored target, and to nothing that the request says', async () => {
    await addLink('abc', 'https://shop.example.com/cart?utm_source=segue')
    const response = await api.app.inject({ url: '/l/abc?url=https://evil.example.com', headers: BROWSER })
    expect(response.statusCode).toBe(302)
    expect(response.headers.location).toBe('https://shop.example.com/cart?utm_source=segue')
    expect(response.headers['cache-control']).toBe('no-store')
    expect(await clicks()).toEqual([{ token: 'abc', machine: false }])
  })

  test('what a scanner does is recorded and marked', async () => {
    await addLink('abc', 'https://shop.example.com/cart')
    await api.app.inject({ method: 'HEAD', url: '/l/abc', headers: BROWSER })
    await api.app.inject({ url: '/l/abc', headers: { 'user-agent': 'Mozilla/5.0 (compatible; bingbot/2.0)' } })
    expect(await clicks()).toEqual([
      { token: 'abc', machine: true },
      { token: 'abc', machine: true },
    ])
  })

  test.each(['%3Cscript%3E', '%00', 'x'.repeat(90)])(
    'a token that nobody stored (%s) is a page, and no click',
    async (token) => {
      const response = await api.app.inject({ url: `/l/${token}`, headers: BROWSER })
      expect(response.statusCode).toBe(404)
      expect(response.headers['content-type']).toContain('text/html')
      expect(await clicks()).toEqual([])
    },
  )

  test.each([
    [undefined, true],
    ['', true],
    ['curl/8.5.0', true],
    ['Mozilla/5.0 (compatible; Barracuda Sentinel)', true],
    ['Slackbot-LinkExpanding 1.0', true],
    [BROWSER['user-agent'], false],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
      false,
    ],
  ])('the user agent %s is a machine: %s', (userAgent, machine) => {
    expect(isMachine(userAgent)).toBe(machine)
  })
})

describe('webhooks', () => {
  const body = 'MessageSid=SM1&MessageStatus=delivered&Empty='
  const send = (url: string, payload: string = body) =>
    api.app.inject({
      method: 'POST',
      url,
      payload,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        host: 'evil.example.com',
        'x-twilio-signature': 's',
      },
    })

  beforeEach(() => {
    api.webhooks.length = 0
    api.receipt = { kind: 'accepted', recorded: 1, duplicates: 0, unreadable: 0 }
  })

  test('hand over the raw bytes and the configured public URL, never the host of the request', async () => {
    expect((await send('/webhooks/twilio/status/key-1?x=1')).statusCode).toBe(204)
    const inbound = await send('/webhooks/twilio/inbound')
    expect(inbound.headers['content-type']).toContain('text/xml')
    const events = '[{"event":"delivered"}]\r\n'
    expect((await send('/webhooks/sendgrid', events)).statusCode).toBe(204)
    expect(api.webhooks.map(({ provider, kind, url }) => [provider, kind, url])).toEqual([
      ['twilio', 'feedback', 'https://segue.example.com/base/webhooks/twilio/status/key-1?x=1'],
      ['twilio', 'inbound', 'https://segue.example.com/base/webhooks/twilio/inbound'],
      ['sendgrid', 'feedback', 'https://segue.example.com/base/webhooks/sendgrid'],
    ])
    expect(api.webhooks.map((webhook) => webhook.body.toString())).toEqual([body, body, events])
    expect(api.webhooks[0]?.headers['x-twilio-signature']).toBe('s')
  })

  test('a forged one is a 403, and kept in part with the reason', async () => {
    api.receipt = { kind: 'forged' }
    const response = await send('/webhooks/sendgrid', 'x'.repeat(5000))
    expect(response.statusCode).toBe(403)
    expect(response.json()).toMatchObject({ code: 'forged' })
    expect(await rows(api.shop.database, 'select source, reason, length(payload) as kept from rejection')).toEqual([
      { source: 'sendgrid', reason: 'forged', kept: 1000 },
    ])
  })

  test('a store that is down is a 503, so that the carrier sends it again', async () => {
    api.storeDown = true
    const response = await send('/webhooks/sendgrid')
    api.storeDown = false
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBe('5')
  })
})
