/** The answer to "why did this person get, or not get, this message then?": as data, and sentence by sentence. */
export interface Explanation {
  readonly format: '1.0'
  readonly contact: string
  readonly journey: string
  readonly run: string
  readonly messages: readonly ExplainedMessage[]
}

export interface ExplainedMessage {
  readonly step: string
  readonly branch: string
  readonly channel: string
  readonly purpose: string
  /** The whole answer in a sentence or two. */
  readonly summary: string
  readonly decisions: readonly ExplainedDecision[]
  readonly outcome: readonly string[]
  readonly version: {
    readonly hash: string
    readonly commit: string
    readonly author: string
    readonly approver: string | null
    readonly says: string
  }
}

export interface ExplainedDecision {
  /** Epoch milliseconds. */
  readonly at: number
  readonly verdict: string
  readonly reason: string
  readonly until: number | null
  readonly says: string
  /** The check that answered, and those that had no objection before it, in their order. */
  readonly answeredBy: string
  readonly passed: readonly string[]
  readonly facts: readonly ExplainedFact[]
}

export interface ExplainedFact {
  readonly name: string
  readonly value: unknown
  /** Where it is from: the ledger, the live workspace, the law, the run. */
  readonly source: string
  /** Epoch milliseconds of what it says; null for what has no time of its own. */
  readonly at: number | null
  readonly says: string
}
