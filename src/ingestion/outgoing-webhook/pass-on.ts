import type { Database } from '../../core/database.ts'
import { type GuardedPost, guardedPost, type PostOutcome } from './guard.ts'
import { signedHeaders } from './signature.ts'

export interface PassOnDeps {
  readonly database: Database
  /** `whsec_…`, the current one first. Without one nothing is sent: an unsigned webhook teaches its receiver to trust anybody. */
  readonly secrets: readonly string[]
  readonly post?: (post: GuardedPost) => Promise<PostOutcome>
}

const BATCH = 10
/** Longer than the slowest call: a process that dies leaves its rows to the others after this. */
const LEASE_MS = 60_000
/** Between attempts, as Standard Webhooks recommends: three days in all, and then an operator's table says so. */
const BACKOFF_MS = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000]

interface Due {
  readonly id: string
  readonly url: string
  readonly attempts: number
  readonly inbound: number
  readonly contact: string | null
  readonly external: string | null
  readonly channel: string
  readonly meaning: string
  readonly body: string
  readonly received_at: number
}

/**
 * Passes replies that are due to their endpoints, each with an id that stays the same, so that a receiver knows a repetition. At least
 * once; leased in one statement, and no transaction is open during a call. Returns how many were taken.
 *
 * @param now Real epoch milliseconds.
 */
export async function passRepliesOn(deps: PassOnDeps, now: number): Promise<number> {
  if (deps.secrets.length === 0) return 0
  const due = await deps.database.query<Due>(
    `with head as (
       select id from reply_webhook
        where state = 'pending' and next_at <= $1
        order by next_at, created_at, id
        limit $3
          for update skip locked
     ), taken as (
       update reply_webhook w set attempts = w.attempts + 1, next_at = $2 from head where w.id = head.id
       returning w.id, w.url, w.attempts, w.inbound_id
     )
     select t.id, t.url, t.attempts, t.inbound_id as inbound, i.contact_id as contact, c.external_id as external, i.channel,
            i.meaning, i.body, i.received_at
       from taken t join inbound_message i on i.id = t.inbound_id left join contact c on c.id = i.contact_id`,
    [now, now + LEASE_MS, BATCH],
  )
  await Promise.all(due.map((one) => passOn(deps, one, now)))
  return due.length
}

async function passOn(deps: PassOnDeps, due: Due, now: number): Promise<void> {
  const body = payload(due)
  const headers = signedHeaders(`msg_${due.id}`, body, deps.secrets, now)
  const outcome = await (deps.post ?? guardedPost)({ url: due.url, headers, body })
  const next = fateOf(outcome, due.attempts)
  await deps.database.query(
    `update reply_webhook set state = $2, reason = $3, next_at = $4, settled_at = $5 where id = $1 and state = 'pending'`,
    [due.id, next.state, next.reason, now + next.afterMs, next.state === 'pending' ? null : now],
  )
}

/** No address and no name: who it is, is looked up by the contact's ids. The words themselves are what the endpoint was asked for. */
function payload({ inbound, contact, external, channel, meaning, body, received_at: receivedAt }: Due): string {
  return JSON.stringify({
    type: meaning === 'ambiguous' ? 'reply.needs_person' : 'reply.received',
    timestamp: new Date(receivedAt).toISOString(),
    data: { id: String(inbound), contact, userId: external, channel, text: body },
  })
}

interface Fate {
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly reason: string | null
  readonly afterMs: number
}

/** 2xx is taken, 410 is "never again", everything else, redirects included, is tried again until there are no tries left. */
function fateOf(outcome: PostOutcome, attempts: number): Fate {
  if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300) {
    return { state: 'delivered', reason: null, afterMs: 0 }
  }
  const reason = outcome.kind === 'answered' ? `http_${outcome.status}` : outcome.reason
  const backoff = BACKOFF_MS[attempts - 1]
  const gone = outcome.kind === 'answered' && outcome.status === 410
  if (gone || backoff === undefined) return { state: 'failed', reason, afterMs: 0 }
  return { state: 'pending', reason, afterMs: Math.max(backoff, askedMs(outcome)) }
}

const LONGEST_ASKED_S = 86_400

function askedMs(outcome: PostOutcome): number {
  const seconds = outcome.kind === 'answered' ? Number(outcome.retryAfter ?? '') : 0
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, LONGEST_ASKED_S) * 1_000 : 0
}
