import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Who is logged in. Ends with the key: the ring is asked for it at every request. */
export interface Session {
  readonly keyId: string
  /** Makes every login's forms its own. */
  readonly nonce: string
  /** Real epoch milliseconds. */
  readonly expiresAt: number
}

/** Real milliseconds that a login lasts. */
export const SESSION_MS = 12 * 3_600_000

/**
 * Signs cookies and forms of the admin pages. The keys are derived from the link secrets (HKDF, RFC 5869) with a purpose of their own,
 * so that no link, whatever it holds, is ever valid here, nor a session there.
 */
export interface Sealer {
  seal(session: Session): string
  /** The session of a cookie, if it is ours and not over. */
  open(cookie: string, now: number): Session | undefined
  /** What a form carries, so that no other site can send it (OWASP CSRF Prevention, signed and bound to the session). */
  formToken(session: Pick<Session, 'keyId' | 'nonce'>, action: string): string
  isFormToken(given: string, session: Pick<Session, 'keyId' | 'nonce'>, action: string): boolean
}

/** @param secrets The first signs, all of them verify. */
export function createSealer(secrets: readonly string[]): Sealer {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'segue admin session', 32)))
  const [current] = keys
  if (current === undefined) throw new Error('the admin pages need a link secret')
  const sign = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const isSigned = (text: string, given: string): boolean => {
    const signature = Buffer.from(given, 'base64url')
    return keys.map((key) => signature.length === 32 && timingSafeEqual(signature, sign(key, text))).includes(true)
  }
  const formText = ({ keyId, nonce }: Pick<Session, 'keyId' | 'nonce'>, action: string): string =>
    `form.${keyId}.${nonce}.${action}`

  return {
    seal({ keyId, nonce, expiresAt }) {
      const text = `session.${keyId}.${nonce}.${expiresAt}`
      return `${text}.${sign(current, text).toString('base64url')}`
    },
    open(cookie, now) {
      const [kind, keyId, nonce, expiry, signature, ...rest] = cookie.split('.')
      if (kind !== 'session' || keyId === undefined || nonce === undefined || signature === undefined) return undefined
      if (rest.length > 0 || !isSigned(`session.${keyId}.${nonce}.${expiry}`, signature)) return undefined
      const expiresAt = Number(expiry)
      return expiresAt > now ? { keyId, nonce, expiresAt } : undefined
    },
    formToken: (session, action) => sign(current, formText(session, action)).toString('base64url'),
    isFormToken: (given, session, action) => isSigned(formText(session, action), given),
  }
}
