import { createHash, timingSafeEqual } from 'node:crypto'
import twilio from 'twilio'
import type { RawWebhook } from '../../delivery/message-provider.ts'

/**
 * Whether Twilio signed this request with one of the tokens (the current one and, during a rotation, the other).
 *
 * A form is covered with all of its parameters, known or not, empty or not. Any other body is covered only through `bodySHA256` in
 * the signed URL; without that, nothing vouches for the body and the request is refused. There is no signed time: a replay is
 * caught by its dedupe keys. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function isSignedByTwilio(authTokens: readonly string[], webhook: RawWebhook): boolean {
  const signature = webhook.headers['x-twilio-signature']
  // Overrides in the fragment (#rc=2&rp=all) configure the caller and are never signed.
  const url = webhook.url.split('#', 1)[0] ?? ''
  if (signature === undefined || !URL.canParse(url)) return false
  const bodyHash = new URL(url).searchParams.get('bodySHA256')
  if (bodyHash !== null && !hashesTo(webhook.body, bodyHash)) return false
  if (bodyHash === null && !isForm(webhook)) return false
  const parameters = bodyHash === null ? formParameters(webhook.body) : {}
  return authTokens.some((token) => token !== '' && twilio.validateRequest(token, signature, url, parameters))
}

/** The form of a webhook, last value first come: callbacks have each parameter once. */
export function readForm(body: Buffer): URLSearchParams {
  return new URLSearchParams(body.toString('utf8'))
}

function isForm(webhook: RawWebhook): boolean {
  const type = webhook.headers['content-type'] ?? ''
  return webhook.body.length === 0 || type.toLowerCase().startsWith('application/x-www-form-urlencoded')
}

function formParameters(body: Buffer): Record<string, string | string[]> {
  const form = readForm(body)
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

function hashesTo(body: Buffer, hash: string): boolean {
  const expected = Buffer.from(createHash('sha256').update(body).digest('hex'))
  const given = Buffer.from(hash.toLowerCase())
  return expected.length === given.length && timingSafeEqual(expected, given)
}
