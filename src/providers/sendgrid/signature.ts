import { createPublicKey, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { RawWebhook } from '../../delivery/message-provider.ts'

const SIGNATURE = 'x-twilio-email-event-webhook-signature'
const TIMESTAMP = 'x-twilio-email-event-webhook-timestamp'

/** SendGrid retries for 24 hours with the signature it made first; an hour more for clocks and queues. */
const OLDEST_MS = 25 * 3_600_000
const AHEAD_MS = 300_000

/** A verification key as SendGrid shows it: base64 of the DER (spki) public key. Throws if it is none: a configuration mistake. */
export function verificationKey(base64: string): KeyObject {
  return createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' })
}

/**
 * Whether SendGrid signed this request with one of the keys: ECDSA P-256 with SHA-256 over timestamp + raw bytes, CR LF included.
 * A body that was parsed and written again, or trimmed, fails. The age limit bounds a replay; dedupe keys do the real work.
 * Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
export function isSignedBySendgrid(keys: readonly KeyObject[], webhook: RawWebhook, realNow: number): boolean {
  const signature = webhook.headers[SIGNATURE]
  const timestamp = webhook.headers[TIMESTAMP]
  if (signature === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return false
  const age = realNow - Number(timestamp) * 1_000
  if (age > OLDEST_MS || age < -AHEAD_MS) return false
  const signed = Buffer.concat([Buffer.from(timestamp, 'utf8'), webhook.body])
  const der = Buffer.from(signature, 'base64')
  return keys.some((key) => verify('sha256', signed, key, der))
}
