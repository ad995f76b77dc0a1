import type { Database } from '../core/database.ts'
import { readEvidence } from './evidence.ts'
import type { ConsentWord } from './ledger.ts'
import { keepsHash, keepUntil, yearsAfter } from './retention.ts'
import { SHORTEST_YEARS } from './retention-rules.ts'

interface Candidate {
  readonly id: number
  readonly state: ConsentWord
  readonly recordedAt: number
  readonly lastReliedAt: number | null
  readonly proof: Readonly<Record<string, unknown>> | null
  readonly isInForce: boolean
  readonly isRemoved: boolean
}

const PAGE = 1_000

/**
 * Removes evidence that nobody has to keep any longer, and what an erasure had left of it. The entries stay, and their chains hold.
 * Safe to call at any time and again. Reliance has to be up to date: the weekly audit sees to that before. Returns how many entries
 * lost their evidence.
 */
export async function expireEvidence(database: Database, now: number): Promise<number> {
  let removed = 0
  let after = 0
  for (;;) {
    const page = await candidates(database, after, now)
    const last = page.at(-1)
    if (last === undefined) return removed
    after = last.id
    const past = page.filter((entry) => isPast(entry, now))
    removed += past.filter((entry) => !entry.isRemoved).length
    if (past.length > 0) await remove(database, past, now)
  }
}

function isPast(entry: Candidate, now: number): boolean {
  const jurisdiction = readEvidence(entry.proof ?? {}).jurisdiction
  const kept = { ...entry, jurisdiction }
  return entry.isRemoved ? !keepsHash(kept, now) : keepUntil(kept, now) <= now
}

/**
 * Entries old enough for the shortest time that any law asks for, and still with something personal in them. What could have been
 * relied on since the last audit is left for the next: which message relied on what is known up to there.
 */
async function candidates(database: Database, after: number, now: number): Promise<readonly Candidate[]> {
  return database.query<Candidate>(
    `with audited as (select coalesce(max(week_to_at), 0) as until from consent_audit)
     select e.id, e.state, e.recorded_at as "recordedAt", e.proof, e.removed_at is not null as "isRemoved", r.last_at as "lastReliedAt",
            n.event_id is not null and (n.expires_at is null or n.expires_at > audited.until) as "isInForce"
       from consent_event e
       cross join audited
       left join consent_reliance r on r.event_id = e.id
       left join consent n on n.contact_id = e.contact_id and n.channel = e.channel and n.purpose = e.purpose and n.event_id = e.id
      where e.id > $1 and e.recorded_at < $2 and (e.removed_at is null or e.address_hash is not null)
        and (e.removed_at is not null
             or not exists (select 1 from consent_event later
                             where later.contact_id = e.contact_id and later.channel = e.channel and later.purpose = e.purpose
                               and later.seq > e.seq and later.recorded_at >= audited.until))
      order by e.id limit ${PAGE}`,
    [after, yearsAfter(now, -SHORTEST_YEARS)],
  )
}

async function remove(database: Database, past: readonly Candidate[], now: number): Promise<void> {
  await database.query(
    `update consent_event
        set proof = null, address = null, salt = null, address_hash = null, key_version = null,
            removed_at = coalesce(removed_at, $2), removed_for = coalesce(removed_for, 'retention')
      where id = any($1::bigint[])`,
    [past.map(({ id }) => id), now],
  )
}
