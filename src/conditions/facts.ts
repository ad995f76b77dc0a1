/** Everything that a condition can see. JSON values; instants inside them are RFC 3339 text, those of steps epoch milliseconds. */
export interface ConditionFacts {
  readonly contact: Readonly<Record<string, unknown>>
  readonly trigger?: Readonly<Record<string, unknown>>
  readonly event?: Readonly<Record<string, unknown>>
  /** By step id. A step that is not here has not been sent, which is a known fact. */
  readonly steps: Readonly<Record<string, StepFacts>>
  /** The instant of the decision, epoch milliseconds. */
  readonly now: number
}

export interface StepFacts {
  readonly sentAt?: number
  readonly deliveredAt?: number
  readonly undeliveredAt?: number
  readonly clickedAt?: number
  /** By a person. Opens by machines are not facts. */
  readonly openedAt?: number
}
