import type { RejectionClass } from '../../delivery/message-provider.ts'

/**
 * What Twilio's error codes mean for a hand-off. Branch on the code, never on the message.
 * Source: https://www.twilio.com/docs/api/errors (one page per code), read 23 Nov 2026.
 */
const CLASSES: ReadonlyMap<number, RejectionClass> = new Map<number, RejectionClass>([
  // The person said no to this sender, or must never be texted.
  [21610, 'opt_out'],
  [30640, 'opt_out'], // known litigator (Compliance Toolkit)
  // The number can never receive a text.
  [21211, 'bad_recipient'], // invalid To
  [21217, 'bad_recipient'], // does not look like a phone number
  [21265, 'bad_recipient'], // To cannot be a short code
  [21266, 'bad_recipient'], // To and From are the same
  [21614, 'bad_recipient'], // not a mobile number
  [21635, 'bad_recipient'], // landline
  [30005, 'bad_recipient'], // unknown number
  [30006, 'bad_recipient'], // landline or unreachable carrier
  // The text itself.
  [21602, 'content'], // body missing
  [21617, 'content'], // longer than 1,600 characters
  [30007, 'content'], // filtered
  // The account, the sender, the route: nobody would have got through.
  [20003, 'config'], // authentication
  [20404, 'config'],
  [21212, 'config'], // invalid From
  [21408, 'config'], // region not enabled
  [21603, 'config'], // From missing
  [21604, 'config'], // To missing
  [21606, 'config'], // From is not ours
  [21608, 'config'], // trial account, unverified number
  [21609, 'config'], // invalid StatusCallback
  [21612, 'config'], // no route between To and From
  [30032, 'config'], // toll-free number not verified
  [30034, 'config'], // 10DLC campaign not registered
  [35115, 'config'],
  [35118, 'config'],
  // Not now.
  [20429, 'throttled'],
  [21611, 'throttled'], // the sender's queue is full
])

/** The class of an error code at the API. An unknown code of a definite refusal is ours to look at: `config`. */
export function rejectionClass(code: number | undefined, status: number): RejectionClass {
  if (status === 429) return 'throttled'
  return (code === undefined ? undefined : CLASSES.get(code)) ?? 'config'
}

/** Twilio itself does not know what became of it. Source: https://www.twilio.com/docs/api/errors/30008 */
export const UNCONFIRMED = '30008'

/** Whether a delivery error is about the number for good, so that the number is suppressed. */
export function isPermanent(code: string): boolean {
  return CLASSES.get(Number(code)) === 'bad_recipient'
}

/** Whether a delivery error is a person's "no". */
export function isOptOut(code: string): boolean {
  return CLASSES.get(Number(code)) === 'opt_out'
}
