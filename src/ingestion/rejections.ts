import type { Statements } from '../core/database.ts'

/** Why something was not taken. Stored and counted, so never renamed. */
export const REJECTION_REASONS = [
  /** Not a call of the API: no identity, no name, unreadable time. */
  'malformed',
  'too_large',
  /** A kind of call that is not built yet: group, alias. */
  'unsupported',
  'unknown_event',
  /** Known event, wrong properties. */
  'schema',
  /** The client's clock is too far off to say when it happened. */
  'clock_skew',
  /** A trait that was left out of the profile; the rest of the call was taken. */
  'bad_trait',
  /** A journey would have been entered, but its key could not be computed from the event. */
  'no_key',
  /** A webhook whose signature is not valid. */
  'forged',
  /** A part of a valid webhook that the provider's parser does not know. */
  'unreadable',
  /** Feedback on no send of ours. */
  'unmatched',
  /** A row of an imported list of consents: no proof, a bad address, or somebody who has said no. */
  'bad_consent',
] as const
export type RejectionReason = (typeof REJECTION_REASONS)[number]

export interface Rejection {
  /** `api`, `import`, or a provider's name. */
  readonly source: string
  readonly reason: RejectionReason
  /** For people: what was wrong and what was expected. */
  readonly detail: string
  /** As it came. */
  readonly payload: string
  readonly receivedAt: number
}

/** Keeps what was not understood or not allowed: nothing that arrived is lost without a trace. */
export async function keepRejection(statements: Statements, rejection: Rejection): Promise<void> {
  await statements.query(
    'insert into rejection (source, reason, detail, payload, received_at) values ($1, $2, $3, $4, $5)',
    [rejection.source, rejection.reason, rejection.detail, rejection.payload, rejection.receivedAt],
  )
}
