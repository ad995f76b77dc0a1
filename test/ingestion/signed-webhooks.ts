import { generateKeyPairSync, createHmac, sign } from 'node:crypto'
import type { RawWebhook } from '../../src/delivery/message-provider.ts'

/** Webhooks as the carriers sign them, made here and not by the code under test. */
export const TOKEN = 'token-for-tests'
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const PUBLIC_KEY = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
export const REAL_NOW = Date.UTC(2026, 10, 23)

export function twilioWebhook(url: string, fields: Readonly<Record<string, string>>, token = TOKEN): RawWebhook {
  const signed =
    url +
    Object.keys(fields)
      .toSorted()
      .map((name) => name + (fields[name] ?? ''))
      .join('')
  return {
    url,
    body: Buffer.from(new URLSearchParams(fields).toString()),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': createHmac('sha1', token).update(signed).digest('base64'),
    },
  }
}

export function sendgridWebhook(events: readonly object[], realAt = REAL_NOW): RawWebhook {
  const body = Buffer.from(`[${events.map((event) => JSON.stringify(event)).join(',\r\n')}]\r\n`)
  const timestamp = String(Math.floor(realAt / 1_000))
  return {
    url: 'https://segue.example.com/webhooks/sendgrid',
    body,
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-timestamp': timestamp,
      'x-twilio-email-event-webhook-signature': sign(
        'sha256',
        Buffer.concat([Buffer.from(timestamp), body]),
        keys.privateKey,
      ).toString('base64'),
    },
  }
}
