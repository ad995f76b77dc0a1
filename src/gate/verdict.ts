import type { Branch, Channel, MessageAction, Offer } from '../core/compiled-journey.ts'
import type { Policy, Purpose, Sender } from '../core/workspace.ts'

/**
 * What the gate may answer, and every reason it may give. Reasons are stored, counted, shown and documented
 * (docs/reasons.md), so they are a closed list and are never renamed.
 */
export type GateVerdict =
  /** Reserved: the send row exists and this caller may hand the message over once. */
  | { readonly kind: 'send'; readonly reservation: Reservation }
  /** The contact is in the holdout: written and anchored, never handed over. */
  | { readonly kind: 'ghost'; readonly sendId: string }
  | { readonly kind: 'hold'; readonly until: number; readonly reason: HoldReason }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason }
  /** The enrollment is over; the run should end. */
  | { readonly kind: 'ended'; readonly outcome: 'goal' | 'exited' }
  /** An earlier attempt of this very send got further: its outcome stands, and nothing is called again. */
  | {
      readonly kind: 'settled'
      readonly sendId: string
      readonly state: string
      readonly reason: string | null
      readonly at: number
    }

/** In the order in which they are checked. */
export const HOLD_REASONS = [
  'not_due',
  'paused',
  'paused_by_person',
  'needs_person',
  'conversation',
  'quiet_hours',
  'min_gap',
  'cap',
  'outranked',
  'throttled',
] as const
export type HoldReason = (typeof HOLD_REASONS)[number]

export const REFUSAL_REASONS = [
  'goal_reached',
  'exited',
  'condition',
  'condition_unknown',
  'no_consent',
  'suppressed',
  'no_address',
  'marketing_in_transactional',
  'sunset',
  'gave_up',
  'cap',
  'offer_expired',
  'codes_exhausted',
  'content',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** Everything that rendering and the hand-off need, read in the transaction that reserved the send. Never logged: it holds the address. */
export interface Reservation {
  /** The send's id and its send key towards the provider: the same for ever for one enrollment, step and branch. */
  readonly sendId: string
  readonly enrollment: string
  readonly journey: string
  readonly version: string
  readonly step: string
  readonly branch: Branch
  readonly channel: Channel
  readonly action: MessageAction
  /** Of the purpose, as it was live at the decision. */
  readonly class: Purpose['class']
  /** The purpose's name. */
  readonly purpose: string
  readonly contactId: string
  /** Normalised: E.164, or a lower-case email address. */
  readonly address: string
  readonly traits: Readonly<Record<string, unknown>>
  readonly trigger: Readonly<Record<string, unknown>>
  /** The contact's arm, when the action's subject is an experiment. */
  readonly arm?: string
  readonly policy: Policy
  readonly sender: Sender
  readonly offer?: Offer & { readonly code: string; readonly validUntil: number }
  /** Virtual instant at which the send window closes; absent for transactional messages. */
  readonly windowClosesAt?: number
  /** Absent: a text must say how to opt out. False: one said it lately enough for the policy. */
  readonly optOutDue?: boolean
}
