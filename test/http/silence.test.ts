import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSealer } from '../../src/http/admin/session.ts'
import { inboundEmailToken } from '../../src/http/inbound-email.ts'
import { signPreferenceToken } from '../../src/consent/preferences/token.ts'
import { signUnsubscribeToken } from '../../src/consent/unsubscribe-token.ts'
import { serverLog } from '../../src/cli/server-process.ts'
import {
  addressKeys,
  ADMIN_KEY,
  basic,
  bearer,
  openSurface,
  READ_KEY,
  SECRET,
  sentEmail,
  SERVER_KEY,
  type Surface,
  WRITE_KEY,
} from './surface.ts'

const PERSON = { email: 'ada@example.com', phone: '+12025550123', ip: '192.0.2.77' }

let surface: Surface
const logged: string[] = []
/** Everything that must never be in a log. */
let secrets: readonly string[] = []

beforeAll(async () => {
  surface = await openSurface({ log: { level: 'trace', stream: { write: (line) => logged.push(line) } } })
  const send = await sentEmail(surface.shop, null, PERSON.email)
  secrets = [
    SECRET,
    ...Object.values(addressKeys.keys),
    ...[WRITE_KEY, SERVER_KEY],
    ...[ADMIN_KEY, READ_KEY].map((key) => key.slice(-43)),
    Buffer.from(`${SERVER_KEY}:`).toString('base64'),
    signUnsubscribeToken(send, SECRET),
    signPreferenceToken({ kind: 'send', id: send }, SECRET),
    inboundEmailToken(SECRET),
    createSealer([SECRET]).seal({ keyId: ADMIN_KEY.split('_')[2] ?? '', nonce: 'n', expiresAt: 9_999_999_999_999 }),
    ...Object.values(PERSON),
  ]
})
afterAll(async () => {
  await surface.app.close()
  await surface.shop.database.close()
})

/** Every route, with everything secret and personal in every place where a request can carry it. */
async function sayEverything(): Promise<void> {
  const tokens = secrets.filter((secret) => /^[\w.-]{20,}$/.test(secret))
  for (const { method, path } of surface.app.doors) {
    if (method !== 'GET' && method !== 'POST') continue
    for (const token of path.includes(':') ? tokens : ['']) {
      const url = `${path.replaceAll(/:\w+/g, token)}?email=${PERSON.email}&key=${SERVER_KEY}`
      const body = { writeKey: WRITE_KEY, key: ADMIN_KEY, ...PERSON, userId: PERSON.email, context: { ip: PERSON.ip } }
      const form = new URLSearchParams({ key: ADMIN_KEY, ...PERSON }).toString()
      const sent = [
        { payload: JSON.stringify(body), headers: { 'content-type': 'application/json', ...bearer(SERVER_KEY) } },
        {
          payload: `{"broken": "${PERSON.email}`,
          headers: { 'content-type': 'application/json', ...basic(SERVER_KEY) },
        },
        { payload: form, headers: { 'content-type': 'application/x-www-form-urlencoded', ...bearer(ADMIN_KEY) } },
      ]
      for (const { payload, headers } of sent) {
        const cookie = `__Host-segue-admin=${secrets.find((secret) => secret.startsWith('session.')) ?? ''}`
        const all = { ...headers, cookie, 'x-forwarded-for': PERSON.ip, 'user-agent': `Mozilla ${PERSON.email}` }
        await surface.app.inject({
          method,
          url,
          headers: method === 'GET' ? { ...all, 'content-type': undefined } : all,
          remoteAddress: PERSON.ip,
          ...(method === 'POST' && { payload }),
        })
      }
    }
  }
}

const found = (lines: readonly string[]): readonly string[] => {
  const all = lines.join('')
  return secrets.filter((secret) => all.includes(secret) || all.includes(encodeURIComponent(secret)))
}

describe('the log at its most talkative', () => {
  test('holds no secret, no token and nobody, whatever is asked and however', async () => {
    await sayEverything()
    expect(logged.length).toBeGreaterThan(200)
    expect(found(logged)).toEqual([])
  })

  test('nor when the store is down, or fails with a message that quotes values', async () => {
    surface.storeDown = true
    await sayEverything()
    surface.storeDown = false
    expect(found(logged)).toEqual([])

    const lines: string[] = []
    const quoting = new Error(`duplicate key (email)=(${PERSON.email}) for ${SECRET}`, { cause: PERSON.phone })
    const broken = await openSurface(
      {
        log: { level: 'trace', stream: { write: (line) => lines.push(line) } },
        receiveWebhook: () => Promise.reject(quoting),
      },
      surface.shop,
    )
    const response = await broken.app.inject({ method: 'POST', url: '/webhooks/sendgrid', payload: '[]' })
    await broken.app.close()
    expect(response.statusCode).toBe(500)
    expect(lines.join('')).toContain('request failed')
    expect(found([...lines, response.body])).toEqual([])
  })

  test('of a worker drops what might hold an address by name, also one level down', () => {
    const lines: string[] = []
    const log = serverLog('trace', { write: (line) => lines.push(line) })
    log.trace(
      { email: PERSON.email, to: PERSON.phone, authorization: SERVER_KEY, send: { address: PERSON.email } },
      'x',
    )
    expect(lines).toHaveLength(1)
    expect(found(lines)).toEqual([])
  })
})
