import type { Channel } from '../../core/compiled-journey.ts'
import type { Statements } from '../../core/database.ts'

/** A "yes" that counts only when it is confirmed from the address itself. */
export interface OptInAsked {
  readonly contactId: string
  readonly channel: Channel
  readonly purpose: string
  /** How it was asked for: the sign-up form, or the preference centre. */
  readonly source: 'form' | 'preferences'
  readonly proof: Readonly<Record<string, unknown>>
  /** Whoever asks has shown that they read one of the contact's addresses; so it may take back the person's own older "no". */
  readonly ownWish: boolean
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Records the request and writes the confirmation message, both in the caller's transaction. False if no message is on its way: the
 * address was asked too often, or nothing can carry the question.
 */
export type AskForOptIn = (statements: Statements, asked: OptInAsked) => Promise<boolean>
