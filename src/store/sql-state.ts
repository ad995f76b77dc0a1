import { DatabaseUnavailable } from '../core/database.ts'

/** SQLSTATE of a violated unique constraint, as callers see it in an error's `code`. */
export const UNIQUE_VIOLATION = '23505'

/** Serialization failure and deadlock: the transaction had no effect and may be run again. */
const RETRYABLE: ReadonlySet<string> = new Set(['40001', '40P01'])

/** Tries of one transaction, the first included. Each retry means that another transaction got through. */
const TRIES = 12

/** Node's socket errors, and the SQLSTATEs that say "no server for you" rather than "your statement is wrong". */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENOENT',
  '25P03', // the server ended a transaction that was idle for too long
  '53300', // too many connections
  '57P01', // administrator shutdown
  '57P02', // crash shutdown
  '57P03', // still starting
])

/** What the pg package says, without a code, when a connection dies under a query or cannot be had in time. */
const UNREACHABLE_TEXT =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i

/** The SQLSTATE, or Node's error code, of whatever was thrown. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/**
 * The error as the port promises it: a lost or refused connection is {@link DatabaseUnavailable}, all else stays as it is.
 * The driver's text is not passed on, because it can name hosts and users.
 */
export function portError(error: unknown): unknown {
  if (error instanceof DatabaseUnavailable) return error
  const code = codeOf(error)
  const text = error instanceof Error ? error.message : ''
  if (code === undefined ? UNREACHABLE_TEXT.test(text) : UNREACHABLE.has(code) || code.startsWith('08')) {
    return new DatabaseUnavailable(`the database cannot be reached (${code ?? 'connection lost'})`)
  }
  return error
}

/** Runs a whole transaction again, a bounded number of times, while it fails as a victim of concurrency. */
export async function retrying<T>(transaction: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await transaction()
    } catch (error) {
      if (left === 0 || !RETRYABLE.has(codeOf(error) ?? '')) throw error
    }
  }
}
