import type { Statements } from '../../core/database.ts'
import type { Feedback } from '../message-provider.ts'
import { provenState, rankOf, type SendState, UNCONFIRMED_REASON } from '../send-state.ts'

/** What never changes of a service message. */
export interface KnownServiceMessage {
  readonly id: string
  readonly contact_id: string | null
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The service message that feedback is about: by its own id, which is the send key, or by the carrier's. */
export async function findServiceMessage(
  statements: Statements,
  provider: string,
  feedback: Pick<Feedback, 'sendKey' | 'providerId'>,
): Promise<KnownServiceMessage | undefined> {
  const key = feedback.sendKey !== undefined && UUID.test(feedback.sendKey) ? feedback.sendKey : null
  const [message] = await statements.query<KnownServiceMessage>(
    `select id, contact_id from service_message
      where id = $1 or (provider = $2 and provider_id = $3) order by (id = $1) desc nulls last limit 1`,
    [key, provider, feedback.providerId ?? null],
  )
  return message
}

/** Raises the message's state by what the feedback proves. A state never goes back, so order and repetition do not matter. */
export async function moveServiceMessage(
  statements: Statements,
  id: string,
  feedback: Pick<Feedback, 'event' | 'code' | 'providerId'>,
  times: { readonly at: number; readonly receivedAt: number },
): Promise<void> {
  const proven = provenState(feedback.event)
  if (proven === undefined) return
  const [current] = await statements.query<{ state: SendState; reason: string | null }>(
    'select state, reason from service_message where id = $1 for update',
    [id],
  )
  if (current === undefined || !rises(current, proven)) return
  const bad = proven === 'undelivered' || proven === 'bounced'
  const reason = proven === 'unknown' ? UNCONFIRMED_REASON : bad ? (feedback.code ?? proven) : null
  // Certain now, so nothing personal is needed any more: the carrier has it.
  await statements.query(
    `update service_message
        set state = $2, reason = $3, provider_id = coalesce(provider_id, $4), handed_off_at = coalesce(handed_off_at, $5),
            updated_at = greatest(updated_at, $6), address = null, body = null, subject = null, html = null
      where id = $1`,
    [id, proven, reason, feedback.providerId ?? null, times.at, times.receivedAt],
  )
}

function rises(current: { readonly state: SendState; readonly reason: string | null }, proven: SendState): boolean {
  const rank = rankOf(current.state)
  if (proven === 'unknown') return rank <= rankOf('accepted') && current.reason !== UNCONFIRMED_REASON
  if (current.reason === UNCONFIRMED_REASON && proven === 'accepted') return false
  return rank < rankOf(proven)
}
