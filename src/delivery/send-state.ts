import type { Feedback, HandOff, RejectionClass } from './message-provider.ts'

export type SendState =
  | 'reserved'
  | 'attempting'
  | 'accepted'
  | 'delivered'
  | 'undelivered'
  | 'bounced'
  | 'complained'
  | 'rejected'
  | 'unknown'
  | 'refused'
  | 'held_out'
  | 'shadow'

/**
 * How far a message has certainly got. Feedback is duplicated and comes out of order, so a state only ever rises: `sent` after
 * `delivered` changes nothing, while a bounce that follows a delivery is news.
 */
const RANKS: Readonly<Record<SendState, number>> = {
  reserved: 0,
  attempting: 1,
  unknown: 2,
  // A carrier that reports on what it refused has it after all.
  rejected: 2,
  accepted: 3,
  delivered: 4,
  undelivered: 5,
  bounced: 6,
  complained: 7,
  // Nothing was handed over, so nothing that a carrier says can be about it.
  refused: 9,
  held_out: 9,
  shadow: 9,
}

const SEND_STATES = Object.keys(RANKS) as SendState[]

export function rankOf(state: SendState): number {
  return RANKS[state]
}

/** Every state that news of `state` raises. */
export function statesBelow(state: SendState): readonly SendState[] {
  return SEND_STATES.filter((lower) => RANKS[lower] < RANKS[state])
}

/** The state that a piece of feedback proves; undefined if it says nothing about the way of the message. */
export function provenState(event: Feedback['event']): SendState | undefined {
  switch (event) {
    case 'accepted':
    case 'sent':
      return 'accepted'
    case 'delivered':
    case 'opened':
    case 'clicked':
      return 'delivered'
    case 'undelivered':
      return 'undelivered'
    case 'bounced':
      return 'bounced'
    case 'complained':
      return 'complained'
    case 'unconfirmed':
      return 'unknown'
    case 'unsubscribed':
      return undefined
    default:
      return event satisfies never
  }
}

/** A carrier that says "I do not know" is final: looking it up again would only hear the same. */
export const UNCONFIRMED_REASON = 'unconfirmed'

/** The stored reason of a rejection: its class, which is counted, and the carrier's code. */
export function rejectionReason(rejected: Extract<HandOff, { kind: 'rejected' }>): string {
  return `${rejected.class}:${rejected.code}`
}

/** The class in a stored reason of a rejection. */
export function rejectionClassOf(reason: string | null): RejectionClass {
  const name = reason?.split(':', 1)[0]
  switch (name) {
    case 'opt_out':
    case 'bad_recipient':
    case 'content':
    case 'throttled':
      return name
    default:
      return 'config'
  }
}
