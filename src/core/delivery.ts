import type { Branch } from './compiled-journey.ts'
import type { DueInstants, Rest, Verdict } from './enrollment.ts'

/** Which step of which run is due. JSON-safe and opaque: a host hands it to delivery, on Temporal as an activity's input. */
export interface DeliverInput {
  readonly enrollment: string
  readonly step: string
  readonly branch: Branch
  readonly dueAt: number
  /** Says whether the enrollment ends with this step. */
  readonly rest: Rest
  /** Until when receipts or anchors may still bring other steps something to do, and so keep the enrollment alive. */
  readonly openUntil: number
  /** For how long after its hand-off what comes back for this message may do so, in milliseconds. */
  readonly feedbackMs: number
}

/** What became of one service message; opaque, as everything that a host sees. */
export type ServiceResult =
  | { readonly kind: 'done'; readonly state: string; readonly reason: string | null }
  /** Asked again then. `at` is virtual now at the decision. */
  | { readonly kind: 'held'; readonly until: number; readonly reason: string; readonly at: number }

export interface DeliverResult {
  readonly verdict: Verdict
  /** Virtual now at the gate: the run sets its clock by it. */
  readonly at: number
  /** Due instants of the steps that count from this hand-off and that only the edge can time. */
  readonly due?: DueInstants
}
