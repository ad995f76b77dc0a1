import type { Branch, Step } from '../core/compiled-journey.ts'
import type { DeliverInput } from '../core/delivery.ts'
import type { Verdict } from '../core/enrollment.ts'
import type { RefusalReason } from '../gate/verdict.ts'
import type { RejectionClass } from './message-provider.ts'
import { rejectionClassOf } from './send-state.ts'

/** A refusal as the run sees it. Without an address the message is undeliverable, so a declared fallback may follow. */
export function refusedVerdict(reason: string): Verdict {
  return reason === 'no_address' ? { kind: 'failed', reason, undeliverable: true } : { kind: 'refused', reason }
}

/** A rejection by the carrier as the run sees it. An opt-out is a person's "no" and so a refusal, never a reason to go round it. */
function rejectedVerdict(rejection: RejectionClass): Verdict {
  switch (rejection) {
    case 'opt_out':
      return { kind: 'refused', reason: 'suppressed' satisfies RefusalReason }
    case 'bad_recipient':
      return { kind: 'failed', reason: rejection, undeliverable: true }
    case 'content':
    case 'config':
    case 'throttled':
      return { kind: 'failed', reason: rejection, undeliverable: false }
    default:
      return rejection satisfies never
  }
}

/**
 * What the run is told of a send whose state stands, from this call's outcome or from an earlier attempt.
 *
 * Bad news that overtook the answer is told at once when a fallback waits for it, because the signal that carries it reaches
 * a run that is still delivering, which ignores it.
 */
export function standingVerdict(
  send: { readonly state: string; readonly reason: string | null; readonly at: number },
  branch: Branch,
  step: Step,
): Verdict {
  switch (send.state) {
    case 'accepted':
    case 'delivered':
    case 'complained':
      return { kind: 'sent', at: send.at, certain: true }
    case 'undelivered':
    case 'bounced':
      return branch === 'action' && step.fallback !== undefined
        ? { kind: 'failed', reason: send.state, undeliverable: true, handedOffAt: send.at }
        : { kind: 'sent', at: send.at, certain: true }
    case 'rejected':
      return rejectedVerdict(rejectionClassOf(send.reason))
    case 'refused':
      if (send.reason === 'goal_reached') return { kind: 'ended', outcome: 'goal' }
      if (send.reason === 'exited') return { kind: 'ended', outcome: 'exited' }
      return refusedVerdict(send.reason ?? 'condition')
    case 'held_out':
    case 'shadow':
      return { kind: 'held_out', at: send.at }
    default:
      // `attempting` of another attempt, `unknown`, and whatever a newer version may have written: it may have been sent.
      return { kind: 'sent', at: send.at, certain: false }
  }
}

/**
 * When the run ends with this verdict: `undefined` if it goes on. Later than `now` when a receipt may still bring a fallback, of
 * this step or of another one.
 */
export function endOfRun(
  verdict: Verdict,
  { branch, rest, openUntil, feedbackMs }: Pick<DeliverInput, 'branch' | 'rest' | 'openUntil' | 'feedbackMs'>,
  step: Step,
  now: number,
): number | undefined {
  if (rest === 'others') return undefined
  const lastReceipt = Math.max(now, openUntil)
  switch (verdict.kind) {
    case 'held':
    case 'ended':
      return undefined
    case 'sent':
      if (rest === 'dependents') return undefined
      return Math.max(
        lastReceipt,
        verdict.at + feedbackMs,
        verdict.certain && branch === 'action' && step.fallback !== undefined
          ? verdict.at + (step.fallbackWithinMs ?? 0)
          : -Infinity,
      )
    case 'held_out':
      return rest === 'dependents' ? undefined : Math.max(lastReceipt, verdict.at + feedbackMs)
    case 'failed':
      return verdict.undeliverable && branch === 'action' && step.fallback !== undefined ? undefined : lastReceipt
    case 'refused':
      return lastReceipt
    default:
      return verdict satisfies never
  }
}
