import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Statements } from '../core/database.ts'
import type { CodePool } from '../core/workspace.ts'

export interface CodeRequest {
  readonly poolName: string
  readonly pool: CodePool
  readonly enrollment: string
  /** The offer's name in the journey: one code per run and offer. */
  readonly offer: string
  readonly validForMs: number
  readonly now: number
}

export interface IssuedCode {
  readonly code: string
  readonly validUntil: number
}

/** No vowels (no words), nothing that is misread for something else. 28 characters. */
const ALPHABET = '23456789BCDFGHJKLMNPQRSTVWXZ'
/** Tries of a generated code that is taken already. */
const TRIES = 20

/**
 * Takes a code for a run, in the transaction that reserves the message: both are committed or neither. Undefined when the pool
 * is used up. No code is ever given to two runs, and none returns to its pool.
 */
export async function issueCode(statements: Statements, request: CodeRequest): Promise<IssuedCode | undefined> {
  const { pool } = request
  switch (pool.kind) {
    case 'file':
      return takeLoaded(statements, request)
    case 'generated':
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const issued = await insertGenerated(statements, request, generate(pool, request, attempt))
        if (issued !== undefined) return issued
      }
      return undefined
    default:
      return pool satisfies never
  }
}

async function takeLoaded(statements: Statements, request: CodeRequest): Promise<IssuedCode | undefined> {
  // Skipping locked rows keeps gates from queueing for one row; a row that another gate took meanwhile is checked again.
  const [row] = await statements.query<IssuedCode>(
    `with free as (
       select pool, code from offer_code where pool = $1 and enrollment_id is null limit 1 for update skip locked
     )
     update offer_code o set enrollment_id = $2, offer = $3, issued_at = $4, valid_until = $5
     from free where o.pool = free.pool and o.code = free.code
     returning o.code, o.valid_until as "validUntil"`,
    [request.poolName, request.enrollment, request.offer, request.now, request.now + request.validForMs],
  )
  return row
}

async function insertGenerated(
  statements: Statements,
  request: CodeRequest,
  code: string,
): Promise<IssuedCode | undefined> {
  const [row] = await statements.query<IssuedCode>(
    `insert into offer_code (pool, code, enrollment_id, offer, issued_at, valid_until) values ($1, $2, $3, $4, $5, $6)
     on conflict (pool, code) do nothing
     returning code, valid_until as "validUntil"`,
    [request.poolName, code, request.enrollment, request.offer, request.now, request.now + request.validForMs],
  )
  return row
}

/** The prefix and `length` characters that depend on pool, run, offer and attempt alone. */
function generate(pool: Extract<CodePool, { kind: 'generated' }>, request: CodeRequest, attempt: number): string {
  const digest = sha256(utf8ToBytes(`${request.poolName}.${request.enrollment}.${request.offer}.${attempt}`))
  let number = digest.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  let code = ''
  while (code.length < pool.length) {
    code += ALPHABET[Number(number % BigInt(ALPHABET.length))]
    number /= BigInt(ALPHABET.length)
  }
  return pool.prefix + code
}
