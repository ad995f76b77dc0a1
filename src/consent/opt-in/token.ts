import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Channel } from '../../core/compiled-journey.ts'

/** What a confirmation link stands for. */
export interface OptInSubject {
  readonly requestId: string
  readonly channel: Channel
  readonly purpose: string
  /** The keyed hash of the address that was asked. The contact may be merged into another; the address is what the link proves. */
  readonly addressHash: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** What can be read from a token before anything is known about its signature. */
export interface OptInClaim {
  readonly requestId: string
  readonly expiresAt: number
}

const SIGNATURE_BYTES = 16
const ID_BYTES = 16
const INSTANT_BYTES = 6

/**
 * The token in a confirmation link: base64url(request id, expiry) + "." + HMAC-SHA256 cut to 128 bits, over these and the channel, the
 * purpose and the address that they are about. It holds none of the latter, and is valid for nothing else that is signed with the
 * same secret: a link that takes consent back can never be turned into one that gives it.
 */
export function signOptInToken(subject: OptInSubject, secret: string): string {
  const payload = payloadOf(subject)
  return `${payload.toString('base64url')}.${signature(payload, subject, secret).toString('base64url')}`
}

/** The request that a token names, if it has a token's form. Proves nothing: see {@link isSigned}. */
export function readOptInToken(token: string): OptInClaim | undefined {
  const [encoded, encodedSignature, ...rest] = token.split('.')
  if (encoded === undefined || encodedSignature === undefined || rest.length > 0 || token.length > 80) return undefined
  const payload = Buffer.from(encoded, 'base64url')
  if (payload.length !== ID_BYTES + INSTANT_BYTES) return undefined
  if (Buffer.from(encodedSignature, 'base64url').length !== SIGNATURE_BYTES) return undefined
  const hex = payload.subarray(0, ID_BYTES).toString('hex')
  return {
    requestId: [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-'),
    expiresAt: payload.readUIntBE(ID_BYTES, INSTANT_BYTES),
  }
}

/** Whether one of the secrets signed this token for exactly this subject. The first secret signs; older ones are still accepted. */
export function isSigned(token: string, subject: OptInSubject, secrets: readonly string[]): boolean {
  const claim = readOptInToken(token)
  if (claim?.requestId !== subject.requestId || claim.expiresAt !== subject.expiresAt) return false
  const given = Buffer.from(token.split('.')[1] ?? '', 'base64url')
  const payload = payloadOf(subject)
  return secrets.some((secret) => timingSafeEqual(given, signature(payload, subject, secret)))
}

function payloadOf({ requestId, expiresAt }: OptInSubject): Buffer {
  const id = Buffer.from(requestId.replaceAll('-', ''), 'hex')
  if (id.length !== ID_BYTES) throw new Error('an opt-in token is made for the id of a request, which is a UUID')
  const instant = Buffer.alloc(INSTANT_BYTES)
  instant.writeUIntBE(expiresAt, 0, INSTANT_BYTES)
  return Buffer.concat([id, instant])
}

function signature(payload: Buffer, { channel, purpose, addressHash }: OptInSubject, secret: string): Buffer {
  const about = JSON.stringify([channel, purpose, addressHash])
  const hmac = createHmac('sha256', secret).update('opt-in.').update(payload).update(about)
  return hmac.digest().subarray(0, SIGNATURE_BYTES)
}
