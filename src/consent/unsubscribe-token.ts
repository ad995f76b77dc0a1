import { createHmac, timingSafeEqual } from 'node:crypto'

/** 128 bits: far beyond guessing, and short enough that no mail client wraps the link. */
const SIGNATURE_BYTES = 16
const ID_BYTES = 16

/**
 * The token in an unsubscribe link: base64url(send id) + "." + HMAC-SHA256 over it, cut to 128 bits.
 *
 * Opaque and unforgeable, as RFC 8058 section 3.1 asks. It names the send, and so the person, the address and the purpose,
 * without holding any of them. It never expires: CASL asks for 60 days, and a "no" is never too late.
 */
export function signUnsubscribeToken(sendId: string, secret: string): string {
  const id = Buffer.from(sendId.replaceAll('-', ''), 'hex')
  if (id.length !== ID_BYTES) throw new Error('an unsubscribe token is made for a send id, which is a UUID')
  return `${id.toString('base64url')}.${signature(id, secret).toString('base64url')}`
}

/**
 * The send id in a token, or undefined if none of the secrets signed it. Several secrets are accepted, so that links in
 * mail already delivered go on working after the secret was changed.
 */
export function verifyUnsubscribeToken(token: string, secrets: readonly string[]): string | undefined {
  const [encodedId, encodedSignature, ...rest] = token.split('.')
  if (encodedId === undefined || encodedSignature === undefined || rest.length > 0) return undefined
  const id = Buffer.from(encodedId, 'base64url')
  const given = Buffer.from(encodedSignature, 'base64url')
  if (id.length !== ID_BYTES || given.length !== SIGNATURE_BYTES) return undefined
  if (!secrets.some((secret) => timingSafeEqual(given, signature(id, secret)))) return undefined
  const hex = id.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function signature(id: Buffer, secret: string): Buffer {
  // The prefix keeps a signature made here from ever being valid for anything else that is signed with the same secret.
  return createHmac('sha256', secret).update('unsubscribe.').update(id).digest().subarray(0, SIGNATURE_BYTES)
}
