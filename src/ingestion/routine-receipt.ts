import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { Feedback } from '../delivery/message-provider.ts'
import type { KnownSend } from '../delivery/send-progress.ts'
import { provenState, statesBelow, UNCONFIRMED_REASON, type SendState } from '../delivery/send-state.ts'

/** A receipt of a message that goes its expected way. Nobody else has to be told. */
export interface RoutineReceipt {
  readonly provider: string
  readonly send: KnownSend
  readonly feedback: Feedback
  readonly proves: Extract<SendState, 'accepted' | 'delivered'>
  readonly at: number
  readonly receivedAt: number
}

/**
 * What the feedback proves, if all that has to be done about it is to write it down: good news that no step of the journey counts
 * from. Nine of ten receipts are of this kind.
 */
export function routineProof(
  journey: CompiledJourney,
  send: KnownSend,
  event: Feedback['event'],
): RoutineReceipt['proves'] | undefined {
  const proven = provenState(event)
  if (proven !== 'accepted' && proven !== 'delivered') return undefined
  return journey.steps.some((step) => step.from === `${send.step}.${proven}`) ? undefined : proven
}

/**
 * Stores the receipt and raises the send's state, in one statement and so in one transaction. A concurrent duplicate waits at the
 * key for the first to commit, then changes nothing.
 */
export async function recordRoutine(
  statements: Statements,
  receipt: RoutineReceipt,
): Promise<'recorded' | 'duplicate'> {
  const { provider, send, feedback, proves, at, receivedAt } = receipt
  const keys = feedback.dedupeKeys.toSorted()
  const [told] = await statements.query<{ told: boolean }>(
    `with fresh as (
       insert into feedback_key (provider, key) select $1, key from unnest($2::text[]) as k (key)
       on conflict do nothing
       returning key
     ), news as (
       select 1 from fresh having count(*) = cardinality($2::text[])
     ), stored as (
       insert into feedback (send_id, provider, event, code, machine, at, received_at)
       select $3, $1, $4, $5, $6, $7, $8 from news
     ), moved as (
       update send
          set state = $9, reason = null, provider_id = coalesce(provider_id, $10), handed_off_at = coalesce(handed_off_at, $7),
              updated_at = greatest(updated_at, $8)
        where id = $3 and state = any($11::text[]) and exists (select 1 from news)
          -- "Sent" that comes after "we do not know what became of it" is old news.
          and ($9 <> 'accepted' or reason is distinct from $12)
     )
     select exists (select 1 from news) as told`,
    [
      provider,
      keys,
      send.id,
      feedback.event,
      feedback.code ?? null,
      feedback.machine ?? false,
      at,
      receivedAt,
      proves,
      feedback.providerId ?? null,
      statesBelow(proves),
      UNCONFIRMED_REASON,
    ],
  )
  return told?.told === true ? 'recorded' : 'duplicate'
}
