import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'

export interface EventSignature {
  readonly 'x-twilio-email-event-webhook-signature': string
  readonly 'x-twilio-email-event-webhook-timestamp': string
}

/**
 * The signature headers of an event webhook: ECDSA P-256 with SHA-256 over timestamp and raw body, DER in base64.
 * `timestamp` is real unix seconds, because receivers compare it with a real clock.
 * Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
export const eventSignature = (privateKeyPem: string, timestamp: number, body: string): EventSignature => ({
  'x-twilio-email-event-webhook-signature': sign(
    'sha256',
    Buffer.from(`${timestamp}${body}`, 'utf8'),
    privateKeyPem,
  ).toString('base64'),
  'x-twilio-email-event-webhook-timestamp': String(timestamp),
})

/** The verification key as SendGrid shows it: the public key in DER (spki), base64. */
export const verificationKey = (privateKeyPem: string): string =>
  createPublicKey(createPrivateKey(privateKeyPem)).export({ type: 'spki', format: 'der' }).toString('base64')

/** A fresh P-256 signing key in PEM, for tests and for a sandbox that was given none. */
export const generateWebhookKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
