import type { Event } from '../core/enrollment.ts'
import type { Statements } from '../core/database.ts'

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
