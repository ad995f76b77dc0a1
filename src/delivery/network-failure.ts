import type { HandOff } from './message-provider.ts'

/** Nothing was written: the name was not resolved, nobody listened, or the certificate was refused before the request. */
const BEFORE_WRITE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Statuses with which a server says that it took nothing. Others of 4xx (408, 409, 425, 499) do not prove it. RFC 9110 section 15.5. */
const NOT_ACCEPTED: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 413, 414, 415, 422, 429, 431,
])

/** Whether an HTTP status proves that the request was not acted on. */
export function provesNotAccepted(status: number): boolean {
  return NOT_ACCEPTED.has(status)
}

/**
 * What a call that brought no answer means. Only a failure that certainly came before the first byte is a rejection;
 * a timeout, a reset, an abort, anything unheard of is `unknown`, because the carrier may be sending by now.
 * The error's text quotes addresses, so only its code survives.
 */
export function networkFailure(error: unknown): HandOff {
  const code = textField(error, 'code')
  // The HTTP client wraps the system's error and keeps it as the cause.
  const syscall = textField(error, 'syscall') ?? textField(field(error, 'cause'), 'syscall')
  const beforeWrite = BEFORE_WRITE.has(code ?? '') || syscall === 'connect' || syscall === 'getaddrinfo'
  if (beforeWrite) return { kind: 'rejected', class: 'throttled', code: 'unreachable' }
  if (code === 'ERR_CANCELED' || code === 'ECONNABORTED' || code === 'ETIMEDOUT')
    return { kind: 'unknown', cause: 'timeout' }
  return { kind: 'unknown', cause: code === undefined ? 'no_answer' : code.toLowerCase() }
}

/** Milliseconds of a Retry-After header in seconds; its date form and anything else are undefined. RFC 9110 section 10.2.3. */
export function retryAfterMs(header: unknown): number | undefined {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined
}

/** A member of an unknown value, if it is a text. */
export function textField(value: unknown, name: string): string | undefined {
  const member = field(value, name)
  return typeof member === 'string' ? member : undefined
}

/** A member of an unknown value. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
