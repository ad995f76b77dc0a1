import type { Database, Statements } from '../core/database.ts'
import { callDeadline, type RealTime } from '../delivery/call-deadline.ts'
import type { MessageProvider, RedactRequest } from '../delivery/message-provider.ts'
import type { Person } from './person.ts'

/** What a provider can remove; undefined for one that is not configured here, which is asked by whoever has it. */
export type ErasesAt = (provider: string) => MessageProvider['erases'] | undefined

/**
 * Notes what carriers have to be asked to remove: every message and reply, where a carrier keeps them by id; the address, where it
 * keeps people. Written with the erasure, so that no crash forgets it.
 */
export async function writeErasureTasks(
  statements: Statements,
  person: Person,
  erases: ErasesAt,
  realNow: number,
): Promise<number> {
  const sent = await statements.query<{ id: string; provider: string; channel: string; own: string | null }>(
    `select s.id, s.provider, s.channel, s.provider_id as own from send s
      where s.contact_id = any($1::uuid[]) and s.provider is not null order by s.id`,
    [person.ids],
  )
  const others = await statements.query<{ id: string; provider: string; channel: string }>(
    `select provider_id as id, provider, 'sms' as channel from inbound_message where contact_id = any($1::uuid[])
      union
     select provider_id, provider, channel from service_message
      where provider_id is not null and (contact_id = any($1::uuid[]) or address_hash = any($2::text[]))
      order by 1`,
    [person.ids, person.addresses.flatMap(({ hashes }) => hashes)],
  )
  let written = 0
  const write = async (task: Task): Promise<void> => {
    written += await insert(statements, person.id, task, realNow)
  }
  for (const { id, provider } of sent) {
    if (erases(provider) !== 'recipients') {
      await write({ dedupeKey: `send:${id}`, provider, kind: 'message', sendId: id })
    }
  }
  for (const { id, provider } of others) {
    if (erases(provider) !== 'recipients') {
      await write({ dedupeKey: `message:${provider}:${id}`, provider, kind: 'message', providerId: id })
    }
  }
  const told = new Map([...sent, ...others].map(({ provider, channel }) => [provider, channel]))
  for (const [provider, channel] of told) {
    if (erases(provider) !== 'recipients') continue
    for (const { address, hashes } of person.addresses.filter((one) => one.channel === channel)) {
      const dedupeKey = `recipient:${provider}:${person.id}:${hashes[0] ?? ''}`
      await write({ dedupeKey, provider, kind: 'recipient', address })
    }
  }
  return written
}

interface Task {
  readonly dedupeKey: string
  readonly provider: string
  readonly kind: 'message' | 'recipient'
  readonly sendId?: string
  readonly providerId?: string
  readonly address?: string
}

async function insert(statements: Statements, contactId: string, task: Task, realNow: number): Promise<number> {
  const rows = await statements.query(
    `insert into erasure_task (dedupe_key, contact_id, provider, kind, send_id, provider_id, address, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (dedupe_key) do nothing returning id`,
    [
      task.dedupeKey,
      contactId,
      task.provider,
      task.kind,
      task.sendId ?? null,
      task.providerId ?? null,
      task.address ?? null,
      realNow,
    ],
  )
  return rows.length
}

export interface ErasureTaskDeps {
  readonly database: Database
  readonly time: RealTime
  readonly providers: (name: string) => MessageProvider | undefined
}

export interface ErasureProgress {
  readonly done: number
  readonly open: number
  /** After thirty days the carrier has forgotten by itself, or somebody has to ask it by hand. */
  readonly givenUp: number
}

const PER_PASS = 200
const PASS_WITHIN_MS = 60_000
const CALL_WITHIN_MS = 10_000
const FIRST_BACKOFF_MS = 2_000
const LONGEST_BACKOFF_MS = 3_600_000
/** Twilio keeps bodies for 30 days; no carrier answers better after a month than before. Real milliseconds. */
const GIVEN_UP_AFTER_MS = 30 * 86_400_000

interface OpenTask {
  readonly id: number
  readonly provider: string
  readonly kind: 'message' | 'recipient'
  readonly provider_id: string | null
  readonly address: string | null
  readonly attempts: number
  readonly created_at: number
  readonly send_state: string | null
}

/**
 * Asks the carriers, one pass. Asking twice is harmless, so no lock is held and any number of processes may do it at once; a process
 * that dies in between leaves the task open.
 */
export async function workErasureTasks(deps: ErasureTaskDeps, contactId?: string): Promise<ErasureProgress> {
  const realNow = deps.time.realNow()
  const tasks = await deps.database.query<OpenTask>(
    `select t.id, t.provider, t.kind, coalesce(t.provider_id, s.provider_id) as provider_id, t.address, t.attempts,
            t.created_at, s.state as send_state
       from erasure_task t left join send s on s.id = t.send_id
      where t.state = 'open' and ($2::uuid is null and t.next_at <= $1 or t.contact_id = $2::uuid)
      order by t.next_at, t.id limit ${PER_PASS}`,
    [realNow, contactId ?? null],
  )
  // A carrier that is slow must not take longer than the activity may; what is left is for the next pass.
  const endsAt = deps.time.monotonicMs() + PASS_WITHIN_MS
  for (const task of tasks) {
    if (deps.time.monotonicMs() >= endsAt) break
    await work(deps, task, realNow)
  }
  const [counts] = await deps.database.query<ErasureProgress>(
    `select count(*) filter (where state in ('done', 'not_offered')) as done,
            count(*) filter (where state = 'open') as open,
            count(*) filter (where state = 'given_up') as "givenUp"
       from erasure_task where $1::uuid is null or contact_id = $1::uuid`,
    [contactId ?? null],
  )
  return counts ?? { done: 0, open: 0, givenUp: 0 }
}

async function work(deps: ErasureTaskDeps, task: OpenTask, realNow: number): Promise<void> {
  const answer = await ask(deps, task)
  const { database } = deps
  if (answer.kind === 'done' || answer.kind === 'not_offered') {
    await database.query(
      `update erasure_task set state = $2, address = null, attempts = attempts + 1, done_at = $3 where id = $1`,
      [task.id, answer.kind, realNow],
    )
    return
  }
  const late = realNow - task.created_at >= GIVEN_UP_AFTER_MS
  const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(task.attempts, 20))
  await database.query(
    `update erasure_task set attempts = attempts + 1, next_at = $2, reason = $3,
            state = case when $4::boolean then 'given_up' else state end, address = case when $4::boolean then null else address end
      where id = $1 and state = 'open'`,
    [task.id, realNow + backoffMs, answer.cause, late],
  )
}

type Answer = Awaited<ReturnType<MessageProvider['redact']>>

async function ask({ providers, time }: ErasureTaskDeps, task: OpenTask): Promise<Answer> {
  const request = requestOf(task)
  // Nothing was ever handed over, so the carrier has nothing.
  if (request === undefined) {
    const never = ['rejected', 'refused', 'reserved', 'held_out', 'shadow'].includes(task.send_state ?? '')
    return never ? { kind: 'done' } : { kind: 'unavailable', cause: 'no_id_yet' }
  }
  const provider = providers(task.provider)
  if (provider === undefined) return { kind: 'unavailable', cause: 'not_configured' }
  try {
    return await provider.redact(request, callDeadline(time, CALL_WITHIN_MS))
  } catch {
    // A provider's exception quotes addresses, so nothing of it is kept.
    return { kind: 'unavailable', cause: 'provider_error' }
  }
}

function requestOf({ kind, provider_id, address }: OpenTask): RedactRequest | undefined {
  if (kind === 'message') return provider_id === null ? undefined : { kind: 'message', providerId: provider_id }
  return address === null ? undefined : { kind: 'recipient', address }
}
