import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a link to the preference centre stands for. */
export type PreferenceSubject =
  /** The link in a message: whoever opens it reads the mailbox or phone that the message went to. Its age is that of the send. */
  | { readonly kind: 'send'; readonly id: string }
  /** A link that a shop shows to somebody who is logged in. It proves no address, so with it a "yes" needs a confirmation. */
  | { readonly kind: 'contact'; readonly id: string; readonly expiresAt: number }

/**
 * Consent may be given with a link for this long, in milliseconds. CASL section 11(2) asks that a way out works for 60 days; a "yes"
 * with an older link would be one that nobody can still connect with the message. A "no" is never too late.
 */
export const CONSENT_BY_LINK_MS = 60 * 86_400_000

const SIGNATURE_BYTES = 16
const ID_BYTES = 16
const SEND = 1
const CONTACT = 2
const INSTANT_BYTES = 6

/**
 * The token in a link to the preference centre: base64url(kind, id, and for a contact the expiry) + "." + HMAC-SHA256 over it, cut to
 * 128 bits. It holds no address. Its signature is valid for nothing else that is signed with the same secret, so an unsubscribe
 * link, which never expires, cannot be turned into one with which consent is given.
 */
export function signPreferenceToken(subject: PreferenceSubject, secret: string): string {
  const id = Buffer.from(subject.id.replaceAll('-', ''), 'hex')
  if (id.length !== ID_BYTES)
    throw new Error('a preference token is made for the id of a send or a contact, which is a UUID')
  const payload =
    subject.kind === 'send'
      ? Buffer.concat([Buffer.of(SEND), id])
      : Buffer.concat([Buffer.of(CONTACT), id, instantBytes(subject.expiresAt)])
  return `${payload.toString('base64url')}.${signature(payload, secret).toString('base64url')}`
}

/** The subject of a token, or undefined if none of the secrets signed it. Expiry is for the caller: it narrows what may be done. */
export function verifyPreferenceToken(token: string, secrets: readonly string[]): PreferenceSubject | undefined {
  const [encoded, encodedSignature, ...rest] = token.split('.')
  if (encoded === undefined || encodedSignature === undefined || rest.length > 0 || token.length > 100) return undefined
  const payload = Buffer.from(encoded, 'base64url')
  const given = Buffer.from(encodedSignature, 'base64url')
  if (given.length !== SIGNATURE_BYTES) return undefined
  // One token, one spelling: the last character of base64 has bits to spare.
  if (payload.toString('base64url') !== encoded || given.toString('base64url') !== encodedSignature) return undefined
  if (!secrets.some((secret) => timingSafeEqual(given, signature(payload, secret)))) return undefined
  const id = uuidOf(payload.subarray(1, 1 + ID_BYTES))
  if (payload[0] === SEND && payload.length === 1 + ID_BYTES) return { kind: 'send', id }
  if (payload[0] !== CONTACT || payload.length !== 1 + ID_BYTES + INSTANT_BYTES) return undefined
  return { kind: 'contact', id, expiresAt: payload.readUIntBE(1 + ID_BYTES, INSTANT_BYTES) }
}

function instantBytes(at: number): Buffer {
  const bytes = Buffer.alloc(INSTANT_BYTES)
  bytes.writeUIntBE(at, 0, INSTANT_BYTES)
  return bytes
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function signature(payload: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update('preferences.').update(payload).digest().subarray(0, SIGNATURE_BYTES)
}
