import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Database } from '../core/database.ts'
import type { Event } from '../core/enrollment.ts'
import { type Engine, EngineUnavailable } from './engine.ts'
import { serveMessages } from './service-relay.ts'

export interface RelayDeps {
  readonly database: Database
  readonly engine: Engine
  /** Real epoch milliseconds: leases and back-off measure machines, not people. Default: the system's clock. */
  readonly realNow?: () => number
  /** Told of every entry that could not be delivered: an id and the error's name, nothing personal. */
  readonly onFailure?: (failure: RelayFailure) => void
}

export interface RelayFailure {
  readonly enrollment: string
  readonly kind: string
  readonly attempts: number
  readonly error: string
}

export interface RelayPass {
  readonly delivered: number
  readonly failed: number
}

/** How many enrollments are told something at the same time. */
const BATCH = 20
/** A relay that dies leaves its entries to the others after this long. Longer than any engine call may take. */
const LEASE_MS = 60_000
const FIRST_BACKOFF_MS = 500
/** The engine is down: everybody waits for the same thing, so look again soon. */
const UNAVAILABLE_BACKOFF_MS = 10_000
/** The entry is the problem: it must not be in the way of the others. */
const POISON_BACKOFF_MS = 300_000

interface Claimed {
  readonly id: number
  readonly enrollment_id: string
  readonly kind: string
  readonly payload: Event
  readonly attempts: number
  readonly journey: string
  readonly version: string
  readonly contact_id: string
  readonly entered_at: number
}

/**
 * One look at the outbox: tells the engine what is pending, at least once, at most 20 enrollments at a time.
 *
 * Only the first pending entry of an enrollment is ever taken, so a run is started before it is signalled, and signals keep
 * their order. Entries are leased in one statement and no transaction is open during a call: the embedded store has a single
 * connection, and an engine that hangs must not hold it. A relay that dies between call and mark repeats the call; the
 * engine ignores a repeated start.
 */
export async function relay(deps: RelayDeps, now: number): Promise<RelayPass> {
  const claimed = await claim(deps.database, now)
  const journeys = new Map<string, Promise<CompiledJourney>>()
  const [runs, services] = await Promise.all([
    Promise.all(claimed.map((entry) => tell(deps, entry, journeys, now))),
    serveMessages(deps, now),
  ])
  const told = [...runs, ...services]
  return { delivered: told.filter(Boolean).length, failed: told.filter((done) => !done).length }
}

/** Oldest first; not by id alone, because then the planner may walk the primary key through all that is done already. */
async function claim(database: Database, now: number): Promise<readonly Claimed[]> {
  return database.query<Claimed>(
    `with head as (
       select o.id
         from outbox o
        where o.done_at is null
          and o.next_at <= $1
          and not exists (
            select 1 from outbox earlier
             where earlier.enrollment_id = o.enrollment_id and earlier.done_at is null and earlier.id < o.id)
        order by o.created_at, o.id
        limit $3
          for update skip locked
     )
     update outbox o
        set attempts = o.attempts + 1, next_at = $2
       from head, enrollment e
      where o.id = head.id and e.id = o.enrollment_id
     returning o.id, o.enrollment_id, o.kind, o.payload, o.attempts, e.journey, e.version, e.contact_id, e.entered_at`,
    [now, now + LEASE_MS, BATCH],
  )
}

async function tell(
  deps: RelayDeps,
  entry: Claimed,
  journeys: Map<string, Promise<CompiledJourney>>,
  now: number,
): Promise<boolean> {
  try {
    if (entry.kind === 'start') {
      const journey = journeys.get(entry.version) ?? readVersion(deps.database, entry.version)
      journeys.set(entry.version, journey)
      await deps.engine.start({
        journey: await journey,
        version: entry.version,
        enrollment: entry.enrollment_id,
        contact: entry.contact_id,
        enteredAt: entry.entered_at,
      })
    } else {
      await deps.engine.signal(entry.journey, entry.enrollment_id, entry.payload)
    }
  } catch (error) {
    await postpone(deps, entry, error, now)
    return false
  }
  await deps.database.query('update outbox set done_at = $2 where id = $1', [entry.id, now])
  return true
}

async function readVersion(database: Database, version: string): Promise<CompiledJourney> {
  const [row] = await database.query<{ compiled: CompiledJourney }>(
    'select compiled from journey_version where hash = $1',
    [version],
  )
  if (row === undefined) throw new Error(`journey version ${version} is not in the store`)
  return row.compiled
}

async function postpone(deps: RelayDeps, entry: Claimed, error: unknown, now: number): Promise<void> {
  const longest = error instanceof EngineUnavailable ? UNAVAILABLE_BACKOFF_MS : POISON_BACKOFF_MS
  const backoffMs = Math.min(longest, FIRST_BACKOFF_MS * 2 ** Math.min(entry.attempts - 1, 20))
  deps.onFailure?.({
    enrollment: entry.enrollment_id,
    kind: entry.kind,
    attempts: entry.attempts,
    error: error instanceof Error ? error.name : 'unknown',
  })
  await deps.database.query('update outbox set next_at = $2 where id = $1 and done_at is null', [
    entry.id,
    now + backoffMs,
  ])
}
