import type { Branch, CompiledJourney } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { writeOutbox } from '../engine/outbox.ts'
import type { Feedback } from './message-provider.ts'
import { provenState, rankOf, type SendState, UNCONFIRMED_REASON } from './send-state.ts'

/** What never changes of a send. */
export interface KnownSend {
  readonly id: string
  readonly enrollment_id: string
  readonly contact_id: string
  readonly step: string
  readonly branch: Branch
  readonly version: string
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The send by its own key, which is known before the call; or by the carrier's id, known only after it. */
export async function findSend(
  statements: Statements,
  provider: string,
  feedback: Feedback,
): Promise<KnownSend | undefined> {
  const columns = 'id, enrollment_id, contact_id, step, branch, version'
  if (feedback.sendKey !== undefined && UUID.test(feedback.sendKey)) {
    const [send] = await statements.query<KnownSend>(`select ${columns} from send where id = $1`, [feedback.sendKey])
    if (send !== undefined) return send
  }
  if (feedback.providerId === undefined) return undefined
  const [send] = await statements.query<KnownSend>(
    `select ${columns} from send where provider = $1 and provider_id = $2 order by id limit 1`,
    [provider, feedback.providerId],
  )
  return send
}

export interface Movement {
  readonly send: KnownSend
  readonly journey: CompiledJourney
  readonly feedback: Pick<Feedback, 'event' | 'code' | 'providerId'>
  readonly at: number
  readonly receivedAt: number
}

interface Current {
  readonly state: SendState
  readonly reason: string | null
  readonly handed_off_at: number | null
}

/**
 * Raises the send's state by what the feedback proves, and tells the run what it waits for: an anchor that was declared, or bad news
 * that brings a fallback. A state never goes back, so order and repetition of feedback do not matter.
 */
export async function moveSend(statements: Statements, movement: Movement): Promise<void> {
  const { send, feedback, receivedAt } = movement
  const proven = provenState(feedback.event)
  if (proven === undefined) return
  const unconfirmed = feedback.event === 'unconfirmed'
  // Whoever decides for this contact decides before or after the news, never in the middle of it.
  if (isBadNews(proven)) {
    await statements.query('select id from contact where id = $1 for no key update', [send.contact_id])
  }
  const [current] = await statements.query<Current>(
    'select state, reason, handed_off_at from send where id = $1 for update',
    [send.id],
  )
  if (current === undefined || !rises(current, proven, unconfirmed)) return
  const reason = unconfirmed ? UNCONFIRMED_REASON : isBadNews(proven) ? (feedback.code ?? proven) : null
  await statements.query(
    `update send
        set state = $2, reason = $3, provider_id = coalesce(provider_id, $4), handed_off_at = coalesce(handed_off_at, $5),
            updated_at = greatest(updated_at, $6)
      where id = $1`,
    [send.id, proven, reason, feedback.providerId ?? null, movement.at, receivedAt],
  )
  await tellRun(statements, movement, current, proven)
}

function rises(current: Current, proven: SendState, unconfirmed: boolean): boolean {
  const rank = rankOf(current.state)
  if (unconfirmed) return rank <= rankOf('accepted') && current.reason !== UNCONFIRMED_REASON
  // "Sent" that comes after "we do not know what became of it" is old news.
  if (current.reason === UNCONFIRMED_REASON && proven === 'accepted') return false
  return rank < rankOf(proven)
}

function isBadNews(state: SendState): boolean {
  return state === 'undelivered' || state === 'bounced'
}

/** A run whose fallback is held by the gate must outlive its old end: this long from the bad news, and again from each hold's end. */
export const FALLBACK_LIFE_MS = 72 * 3_600_000

async function tellRun(
  statements: Statements,
  { send, journey, at, receivedAt }: Movement,
  before: Current,
  proven: SendState,
): Promise<void> {
  const [run] = await statements.query<{ state: string }>('select state from enrollment where id = $1', [
    send.enrollment_id,
  ])
  if (run?.state !== 'active') return
  const name = isBadNews(proven) ? 'undelivered' : proven
  const anchor = `${send.step}.${name}`
  if (send.branch === 'action' && journey.steps.some((step) => step.from === anchor)) {
    const event = { kind: 'anchored', at: receivedAt, anchor, instant: at } as const
    await writeOutbox(statements, send.enrollment_id, { kind: 'signal', event }, receivedAt)
  }
  if (!bringsFallback(send, journey, before, proven, receivedAt)) return
  const event = { kind: 'undelivered', at: receivedAt, step: send.step } as const
  await writeOutbox(statements, send.enrollment_id, { kind: 'signal', event }, receivedAt)
  const life = Math.max(journey.limits.giveUpAfterMs ?? 0, FALLBACK_LIFE_MS)
  await statements.query(
    `update enrollment set ends_at = greatest(ends_at, $2) where id = $1 and state = 'active' and ends_at is not null`,
    [send.enrollment_id, receivedAt + life],
  )
}

/**
 * Only of the step's own message, only the first bad news, only in time. Not while the call is still out: its answer then
 * brings the news itself. Not after an unknown outcome: that never triggers a fallback.
 */
function bringsFallback(
  send: KnownSend,
  journey: CompiledJourney,
  before: Current,
  proven: SendState,
  receivedAt: number,
): boolean {
  const step = journey.steps.find(({ id }) => id === send.step)
  if (!isBadNews(proven) || isBadNews(before.state) || send.branch !== 'action' || step?.fallback === undefined)
    return false
  if (before.state !== 'accepted' && before.state !== 'delivered') return false
  return receivedAt <= (before.handed_off_at ?? 0) + (step.fallbackWithinMs ?? 0)
}
