import { describe, expect, test } from 'vitest'
import { networkFailure, provesNotAccepted, retryAfterMs } from '../../src/delivery/network-failure.ts'

const failure = (fields: object): Error => Object.assign(new Error('to +12025550123'), fields)

describe('a call without an answer', () => {
  test.each([
    { code: 'ECONNREFUSED', syscall: 'connect' },
    { code: 'ENOTFOUND', syscall: 'getaddrinfo' },
    { code: 'EAI_FAIL', syscall: 'getaddrinfo' },
    { code: 'ETIMEDOUT', syscall: 'connect' },
    { code: 'ETIMEDOUT', cause: { syscall: 'connect' } },
    { code: 'CERT_HAS_EXPIRED' },
    { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  ])('that failed with %j was certainly not accepted', (fields) => {
    expect(networkFailure(failure(fields))).toEqual({ kind: 'rejected', class: 'throttled', code: 'unreachable' })
  })

  test.each([
    [{ code: 'ECONNRESET' }, 'econnreset'],
    [{ code: 'ECONNRESET', syscall: 'read' }, 'econnreset'],
    [{ code: 'EPIPE', syscall: 'write' }, 'epipe'],
    [{ code: 'EPROTO', syscall: 'write' }, 'eproto'],
    [{ code: 'ETIMEDOUT', syscall: 'read' }, 'timeout'],
    [{ code: 'ERR_CANCELED' }, 'timeout'],
    [{ code: 'ECONNABORTED' }, 'timeout'],
    [{}, 'no_answer'],
  ])('that failed with %j is unknown', (fields, cause) => {
    expect(networkFailure(failure(fields))).toEqual({ kind: 'unknown', cause })
  })

  test.each([undefined, null, 'a text', 7])('that threw %j is unknown', (thrown) => {
    expect(networkFailure(thrown)).toEqual({ kind: 'unknown', cause: 'no_answer' })
  })
})

describe('an answer', () => {
  test('proves a refusal only with a status that says so', () => {
    expect([400, 401, 403, 404, 413, 422, 429].every(provesNotAccepted)).toBe(true)
    expect([200, 302, 408, 409, 425, 499, 500, 502, 503, 504].some(provesNotAccepted)).toBe(false)
  })

  test('tells to wait in whole seconds; a date or nonsense tells nothing', () => {
    expect(retryAfterMs('7')).toBe(7_000)
    expect(['', '-1', '1.5', 'Wed, 21 Oct 2026 07:28:00 GMT', '99999999', undefined, 7].map(retryAfterMs)).toEqual(
      Array.from({ length: 7 }, () => undefined),
    )
  })
})
