import type { Channel } from '../core/compiled-journey.ts'
import type { Database } from '../core/database.ts'
import type { Engine } from './engine.ts'

interface ServiceRelayDeps {
  readonly database: Database
  readonly engine: Engine
  readonly onFailure?: (failure: {
    readonly enrollment: string
    readonly kind: string
    readonly attempts: number
    readonly error: string
  }) => void
}

const BATCH = 20
/** A relay that dies leaves its messages to the others after this long. Longer than any engine call may take. */
const LEASE_MS = 60_000
const FIRST_BACKOFF_MS = 500
/** The engine is down, or refuses this one: look again soon, because a confirmation that waits is soon worth nothing. */
const LONGEST_BACKOFF_MS = 10_000

interface Claimed {
  readonly id: string
  readonly kind: string
  readonly channel: Channel
  readonly contact_id: string | null
  readonly attempts: number
}

/**
 * One look at the service messages that nobody has started yet: starts each one's workflow, at least once. As for the outbox, they are
 * leased in one statement and no transaction is open during a call; a repeated start changes nothing.
 *
 * @param now Real epoch milliseconds.
 * @returns One entry for each that was taken: whether it was started.
 */
export async function serveMessages(deps: ServiceRelayDeps, now: number): Promise<readonly boolean[]> {
  const claimed = await deps.database.query<Claimed>(
    `with head as (
       select id from service_message
        where started_at is null and next_at <= $1
        order by said_at, id
        limit $3
          for update skip locked
     )
     update service_message m
        set attempts = m.attempts + 1, next_at = $2
       from head
      where m.id = head.id
     returning m.id, m.kind, m.channel, m.contact_id, m.attempts`,
    [now, now + LEASE_MS, BATCH],
  )
  return Promise.all(claimed.map((message) => serve(deps, message, now)))
}

async function serve(deps: ServiceRelayDeps, message: Claimed, now: number): Promise<boolean> {
  const { id, kind, channel, contact_id: contact, attempts } = message
  try {
    await deps.engine.serve({ id, kind, channel, contact })
  } catch (error) {
    const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts - 1, 20))
    const name = error instanceof Error ? error.name : 'unknown'
    deps.onFailure?.({ enrollment: id, kind: `service ${kind}`, attempts, error: name })
    await deps.database.query('update service_message set next_at = $2 where id = $1 and started_at is null', [
      id,
      now + backoffMs,
    ])
    return false
  }
  await deps.database.query('update service_message set started_at = $2 where id = $1', [id, now])
  return true
}
