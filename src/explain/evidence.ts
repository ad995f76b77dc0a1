import type { Branch, Channel } from '../core/compiled-journey.ts'

/** What is read from the store to explain a message; rows as they are, in one shape. Every instant is epoch milliseconds. */
export interface MessageEvidence {
  readonly contact: string
  readonly run: RunEvidence
  readonly version: VersionEvidence
  readonly step: string
  readonly branch: Branch
  readonly channel: Channel
  readonly purpose: string
  /** In the order in which they were made. */
  readonly decisions: readonly DecisionEvidence[]
  readonly send: SendEvidence | null
  /** What the step counts from, and when it is due by that; null as long as that has not happened. */
  readonly waits: { readonly from: string; readonly dueAt: number | null }
  /** IANA zone in which instants are written: the workspace's, never the person's. */
  readonly zone: string
}

export interface RunEvidence {
  readonly id: string
  readonly journey: string
  readonly state: string
  readonly outcome: string | null
  readonly endReason: string | null
  readonly enteredAt: number
  readonly endedAt: number | null
  readonly heldOut: boolean
}

export interface VersionEvidence {
  readonly hash: string
  readonly commit: string
  readonly author: string
  readonly approver: string | null
  readonly deployedAt: number
}

export interface DecisionEvidence {
  readonly id: number
  readonly verdict: 'send' | 'hold' | 'refuse' | 'ghost'
  readonly reason: string
  readonly until: number | null
  readonly at: number
  readonly facts: Readonly<Record<string, unknown>>
  /** What the ledger holds of this person, channel and purpose that was known at the decision; the latest first. */
  readonly consents: readonly ConsentEvidence[]
  /** Blocks of the address that were said before the decision. */
  readonly suppressions: readonly SuppressionEvidence[]
  /** Marketing to this person or address in the week before, the latest first. */
  readonly contacts: readonly ContactEvidence[]
  /** The rows of law that were in force at the places where the person may be. */
  readonly laws: readonly LawEvidence[]
}

export interface LawEvidence {
  readonly jurisdiction: string
  readonly source: string
  readonly basis: string
  readonly confidence: string
  /** ISO date. */
  readonly reviewed: string
  readonly cap?: { readonly count: number; readonly windowMs: number }
}

export interface ConsentEvidence {
  readonly purpose: string
  readonly state: string
  readonly source: string
  readonly at: number
  readonly recordedAt: number
  readonly proof: Readonly<Record<string, unknown>> | null
}

export interface SuppressionEvidence {
  readonly reason: string
  readonly source: string
  readonly at: number
  readonly liftedAt: number | null
}

export interface ContactEvidence {
  readonly send: string
  readonly journey: string
  readonly step: string
  readonly channel: Channel
  readonly purpose: string
  readonly state: string
  readonly at: number
}

export interface SendEvidence {
  readonly id: string
  readonly state: string
  readonly reason: string | null
  readonly provider: string | null
  readonly providerId: string | null
  readonly handedOffAt: number | null
  readonly updatedAt: number
  readonly feedback: readonly FeedbackEvidence[]
}

export interface FeedbackEvidence {
  readonly event: string
  readonly code: string | null
  readonly machine: boolean
  readonly at: number
}
