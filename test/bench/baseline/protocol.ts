/** Names and shapes of the hand-written workflow that Segue's throughput is compared with. */

export const BARE_JOURNEY_QUEUE = 'bare-journeys'
export const BARE_EMAIL_QUEUE = 'bare-email'
export const BARE_SMS_QUEUE = 'bare-sms'
export const BARE_WORKFLOW = 'bareCartRecovery'

export interface BareInput {
  readonly contact: string
  /** Before each message, real milliseconds. */
  readonly waitMs: number
}

export interface BareMessage {
  readonly contact: string
  readonly template: string
}

export interface BareActivities {
  sendEmail(message: BareMessage): Promise<void>
  sendSms(message: BareMessage): Promise<void>
}
