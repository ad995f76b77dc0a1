import { type AddressKeys, hashesOf, normalizeAddress } from '../consent/address.ts'
import type { Channel, CompiledJourney } from '../core/compiled-journey.ts'
import type { Database } from '../core/database.ts'
import type { Sender } from '../core/workspace.ts'
import { callDeadline, type RealTime } from './call-deadline.ts'
import type { MessageProvider, ReconcileRequest, Reconciliation } from './message-provider.ts'
import { senderNumber } from './rendering/sender-number.ts'
import { type KnownSend, moveSend } from './send-progress.ts'

export interface ReconcileDeps {
  readonly database: Database
  readonly time: RealTime
  readonly providers: (name: string) => MessageProvider | undefined
  readonly journey: (version: string) => Promise<CompiledJourney>
  readonly keys: AddressKeys
  /** Real milliseconds before "the carrier does not know it" is believed. */
  readonly absentAfterMs?: number
  /** Real milliseconds after which nobody is alive who could still be making an attempt. */
  readonly interruptedAfterMs?: number
}

export interface ReconcileResult {
  /** Sends whose outcome is known now. */
  readonly settled: number
  /** Sends whose outcome is still unknown. */
  readonly remaining: number
  /** Runs that were closed because no receipt can bring anything more. */
  readonly closed: number
}

const ABSENT_AFTER_MS = 600_000
const INTERRUPTED_AFTER_MS = 60_000
/** After this no carrier can say more than it has; what is unknown then stays unknown and visible. Real milliseconds. */
const ASKED_FOR_MS = 72 * 3_600_000
const PER_PASS_AND_PROVIDER = 50
const CALL_WITHIN_MS = 10_000
/** Of one pass, by slow carriers: less than half of what the activity may take with all that it does. */
const ASKING_WITHIN_MS = 120_000

/**
 * Looks up what became of sends whose outcome is unknown, and closes runs whose last receipt is overdue. It never sends: a message that
 * the carrier does not know stays `unknown` with the reason `absent`, because "not found" may mean "not yet listed".
 *
 * @param now Virtual epoch milliseconds.
 */
export async function reconcile(deps: ReconcileDeps, now: number): Promise<ReconcileResult> {
  const realNow = deps.time.realNow()
  await deps.database.query(
    `update send set state = 'unknown', reason = 'interrupted', updated_at = $2
      where state = 'attempting' and attempt_real_at < $1`,
    [realNow - (deps.interruptedAfterMs ?? INTERRUPTED_AFTER_MS), now],
  )
  const sends = await openSends(deps.database, realNow)
  // A carrier that does not answer one question is not asked fifty.
  const silent = new Set<string>()
  const endsAt = deps.time.monotonicMs() + ASKING_WITHIN_MS
  for (const send of sends) {
    // The longest unasked come first, so whoever is left out now is asked in the next pass.
    if (deps.time.monotonicMs() >= endsAt) break
    const provider = deps.providers(send.provider)
    if (provider === undefined || silent.has(send.provider)) continue
    const request = await questionOf(deps, send)
    const found = request === undefined ? ({ kind: 'absent' } as const) : await ask(deps, provider, request)
    if (found.kind === 'unavailable') silent.add(send.provider)
    await settle(deps, send, found, { now, realNow })
  }
  const closed = await deps.database.query<{ id: string }>(
    `update enrollment set state = 'ended', outcome = 'completed', ended_at = ends_at
      where state = 'active' and ends_at <= $1 returning id`,
    [now],
  )
  const ids = sends.map(({ id }) => id)
  const [counts] = await deps.database.query<{ remaining: number; settled: number }>(
    `select count(*) filter (where state = 'unknown') as remaining,
            count(*) filter (where state <> 'unknown' and id = any($1::uuid[])) as settled
       from send where state in ('attempting', 'unknown') or id = any($1::uuid[])`,
    [ids],
  )
  return { settled: counts?.settled ?? 0, remaining: counts?.remaining ?? 0, closed: closed.length }
}

interface OpenSend extends KnownSend {
  readonly channel: Channel
  readonly provider: string
  readonly address_hash: string | null
  readonly body_hash: string
  readonly reserved_at: number
  readonly attempt_real_at: number
  readonly email: string | null
  readonly phone: string | null
  /** Of the journey's policy, as it is live now. */
  readonly sender: Sender | null
}

/** The longest unasked first: asking moves a send to the end of the queue. Each carrier has its own, so that none waits for another's outage. */
async function openSends(database: Database, realNow: number): Promise<readonly OpenSend[]> {
  return database.query<OpenSend>(
    `select s.id, s.enrollment_id, s.contact_id, s.step, s.branch, s.version, s.channel, s.provider, s.address_hash,
            s.body_hash, s.reserved_at, s.attempt_real_at, c.email, c.phone,
            w.compiled -> 'senders' -> (w.compiled -> 'policies' -> (v.compiled ->> 'policy') -> 'senders' ->> s.channel) as sender
       from (select *, row_number() over (partition by provider order by updated_at, id) as place
               from send
              where state = 'unknown' and reason is distinct from 'unconfirmed'
                and provider is not null and body_hash is not null and attempt_real_at > $1) s
       join contact c on c.id = s.contact_id
       join journey_version v on v.hash = s.version
       left join workspace w on w.id = 1
      where s.place <= $2
      order by s.place, s.id`,
    [realNow - ASKED_FOR_MS, PER_PASS_AND_PROVIDER],
  )
}

/** What to ask; undefined if the person's address is not the one that was written to any more, or is erased. */
async function questionOf(deps: ReconcileDeps, send: OpenSend): Promise<ReconcileRequest | undefined> {
  const raw = send.channel === 'email' ? send.email : send.phone
  const to = raw === null ? undefined : normalizeAddress(send.channel, raw)
  if (to === undefined || send.address_hash === null) return undefined
  if (!hashesOf(deps.keys, send.channel, to).includes(send.address_hash)) return undefined
  const taken = await deps.database.query<{ provider_id: string }>(
    `select provider_id from send
      where address_hash = $1 and provider = $2 and provider_id is not null and id <> $3
      order by handed_off_at desc limit 500`,
    [send.address_hash, send.provider, send.id],
  )
  return {
    sendKey: send.id,
    to,
    from: senderOf(send, to),
    notBefore: send.reserved_at,
    bodyHash: send.body_hash,
    taken: taken.map((other) => other.provider_id),
  }
}

/**
 * What the message came from, by the journey's policy as it is live now. Should that have changed since, the carrier finds nothing and
 * callbacks settle.
 */
function senderOf({ channel, provider, sender }: OpenSend, to: string): string {
  if (sender === null || sender.channel !== channel || sender.provider !== provider) return ''
  return sender.channel === 'sms' ? senderNumber(sender, to) : sender.email
}

async function ask(deps: ReconcileDeps, provider: MessageProvider, request: ReconcileRequest): Promise<Reconciliation> {
  try {
    return await provider.reconcile(request, callDeadline(deps.time, CALL_WITHIN_MS))
  } catch {
    // A provider's exception quotes addresses, so nothing of it is kept.
    return { kind: 'unavailable', cause: 'provider_error' }
  }
}

async function settle(
  deps: ReconcileDeps,
  send: OpenSend,
  found: Reconciliation,
  { now, realNow }: { readonly now: number; readonly realNow: number },
): Promise<void> {
  if (found.kind === 'found') {
    const journey = await deps.journey(send.version)
    const feedback = { event: found.status, providerId: found.providerId }
    await deps.database.transaction((statements) =>
      moveSend(statements, { send, journey, feedback, at: now, receivedAt: now }),
    )
    return
  }
  const absent = found.kind === 'absent' && realNow - send.attempt_real_at >= (deps.absentAfterMs ?? ABSENT_AFTER_MS)
  await deps.database.query(
    `update send set reason = case when $2::boolean then 'absent' else reason end, updated_at = $3
      where id = $1 and state = 'unknown'`,
    [send.id, absent, now],
  )
}
