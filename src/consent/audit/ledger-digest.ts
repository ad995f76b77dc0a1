import { createHash } from 'node:crypto'
import type { Database, Statements } from '../../core/database.ts'

/** All of the ledger in 32 bytes, as it was up to one entry. */
export interface LedgerDigest {
  readonly throughId: number
  readonly chains: number
  /** SHA-256, hex. */
  readonly digest: string
}

/**
 * The last entry up to which the ledger is settled. Ids are given before the commit, so without the lock an entry with a smaller id
 * could appear later and look like tampering. Writers wait for the moment that it takes.
 */
export async function settledThrough(database: Database): Promise<number> {
  return database.transaction(async (statements) => {
    await statements.query('lock table consent_event in share mode')
    const [row] = await statements.query<{ id: number | null }>('select max(id) as id from consent_event')
    return row?.id ?? 0
  })
}

/**
 * The digest over the head of every chain as it was at an entry. It comes out the same at any later time, unless somebody changed,
 * removed or rewrote what was there, even with every hash and head made to fit.
 */
export async function digestThrough(statements: Statements, throughId: number): Promise<LedgerDigest> {
  const buckets = await statements.query<{ bucket: string; chains: number; digest: string }>(
    `with heads as (
       select distinct on (contact_id, channel, purpose) contact_id, hash from consent_event where id <= $1
        order by contact_id, channel, purpose, seq desc
     )
     select substr(contact_id::text, 1, 2) as bucket, count(*) as chains,
            consent_sha256(string_agg(hash, '' order by hash collate "C")) as digest
       from heads group by 1`,
    [throughId],
  )
  const sorted = buckets
    .map(({ bucket, chains, digest }) => `${bucket} ${chains} ${digest}`)
    .toSorted()
    .join('\n')
  return {
    throughId,
    chains: buckets.reduce((sum, { chains }) => sum + chains, 0),
    digest: createHash('sha256').update(sorted).digest('hex'),
  }
}

/** The digest that the latest audit wrote down, and whether the ledger still gives it; undefined before the first audit. */
export async function checkLastDigest(
  statements: Statements,
): Promise<{ readonly weekFrom: number; readonly holds: boolean } | undefined> {
  const [last] = await statements.query<{ weekFrom: number; throughId: number; digest: string }>(
    `select week_from_at as "weekFrom", through_id as "throughId", digest from consent_audit order by week_from_at desc limit 1`,
  )
  if (last === undefined) return undefined
  const { digest } = await digestThrough(statements, last.throughId)
  return { weekFrom: last.weekFrom, holds: digest === last.digest }
}
