import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './problem.ts'

/**
 * Who may call what. A write key is public (it sits in browsers and apps) and may only send events. Consent and
 * suppressions need a server key, which may do both.
 */
export interface Credentials {
  readonly writeKeys: readonly string[]
  readonly serverKeys: readonly string[]
}

/** The key of a request: Basic with the key as user name and no password (as Segment does), or Bearer. */
export function presentedKey(request: FastifyRequest): string | undefined {
  const [scheme, value] = (request.headers.authorization ?? '').split(' ')
  if (value === undefined || value === '') return undefined
  switch ((scheme ?? '').toLowerCase()) {
    case 'bearer':
      return value
    case 'basic':
      return Buffer.from(value, 'base64').toString('utf8').split(':')[0]
    default:
      return undefined
  }
}

/** Compared as hashes in constant time, against every key: neither length nor position of a match can be measured. */
export function isOneOf(presented: string | undefined, keys: readonly string[]): boolean {
  if (presented === undefined || presented === '') return false
  const digest = sha256(presented)
  return keys.map((key) => timingSafeEqual(digest, sha256(key))).includes(true)
}

export function refuseKey(reply: FastifyReply, expected: string): FastifyReply {
  void reply.header('www-authenticate', 'Basic realm="segue", charset="UTF-8"')
  return sendProblem(reply, 'unauthorized', expected)
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
