import type { Event } from '../core/enrollment.ts'
import type { Database, Statements } from '../core/database.ts'

/** What the engine must be told. A start says no more than that: the relay reads the enrollment that it starts. */
export type OutboxEntry = { readonly kind: 'start' } | { readonly kind: 'signal'; readonly event: Event }

/**
 * Writes what the engine must be told, in the transaction of the fact that it tells: both are committed, or neither.
 * Entries of one enrollment are told in the order in which they are written.
 */
export async function writeOutbox(
  statements: Statements,
  enrollment: string,
  entry: OutboxEntry,
  at: number,
): Promise<void> {
  await statements.query('insert into outbox (enrollment_id, kind, payload, created_at) values ($1, $2, $3, $4)', [
    enrollment,
    entry.kind,
    JSON.stringify(entry.kind === 'start' ? {} : entry.event),
    at,
  ])
}

/** Long enough to look into what the engine was told. Real milliseconds. */
const KEPT_MS = 7 * 86_400_000
const BATCH = 5_000
const BATCHES = 20

/**
 * Deletes what was told long ago, the oldest first and a bounded number at a time, so that the outbox stays as small as a week. Looks at
 * the oldest rows alone, whether or not they can go. Returns how many went.
 *
 * @param realNow Epoch milliseconds of real time, as the relay's marks.
 */
export async function tidyOutbox(database: Database, realNow: number): Promise<number> {
  let deleted = 0
  for (let batch = 0; batch < BATCHES; batch++) {
    const [row] = await database.query<{ gone: number }>(
      `with oldest as (
         select id, done_at from outbox order by id limit $2
       ), gone as (
         delete from outbox where id = any (array(select id from oldest where done_at < $1)) returning 1
       )
       select count(*)::int as gone from gone`,
      [realNow - KEPT_MS, BATCH],
    )
    deleted += row?.gone ?? 0
    if ((row?.gone ?? 0) < BATCH) break
  }
  return deleted
}
