import { createHmac } from 'node:crypto'

/**
 * The headers of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`, one signature per secret,
 * so that a receiver who knows the old or the new one verifies during a rotation.
 *
 * @param secrets `whsec_` and base64, the current one first.
 * @param at Real epoch milliseconds of this attempt: receivers refuse old ones.
 */
export function signedHeaders(
  id: string,
  body: string,
  secrets: readonly string[],
  at: number,
): Readonly<Record<string, string>> {
  const timestamp = Math.floor(at / 1_000)
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
