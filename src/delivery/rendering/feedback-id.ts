import { createHash } from 'node:crypto'

/** What a mailbox provider's complaint figures are split by. Names of ours only: no address, no contact, no send. */
export interface FeedbackParts {
  readonly journey: string
  readonly purpose: string
  readonly step: string
  /** The sender's address; only its domain is used. */
  readonly from: string
}

/** Of a sender id, by Gmail: 5 to 15 characters, the same in all mail of the sender. */
const SENDER_ID_LENGTH = 12

/**
 * The value of Feedback-ID: up to three fields of the sender's choice and a sender id, parted by colons. Gmail reports the share of
 * complaints for each value of each field, so that a bad journey or purpose is seen before it harms the others. A value must not mean two
 * things, so each says what it is: a journey and a purpose may have the same name, and steps of two journeys often do.
 * Source: Gmail, "Feedback Loop", https://support.google.com/mail/answer/6254652
 */
export function feedbackId({ journey, purpose, step, from }: FeedbackParts): string {
  const domain = from.slice(from.lastIndexOf('@') + 1).toLowerCase()
  const senderId = createHash('sha256').update(domain).digest('hex').slice(0, SENDER_ID_LENGTH)
  return [`journey-${journey}`, `purpose-${purpose}`, `${journey}.${step}`, senderId].join(':')
}
