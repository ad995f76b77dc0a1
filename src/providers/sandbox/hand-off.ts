export type Channel = 'sms' | 'email'

export interface HandOffStatus {
  readonly status: string
  /** Virtual epoch milliseconds. */
  readonly at: number
  readonly errorCode?: number | undefined
}

/** What will become of an accepted message. It is decided, and written down, when the message is accepted. */
export type Fate =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'undelivered'; readonly errorCode: number }
  | { readonly kind: 'bounced'; readonly type: 'bounce' | 'blocked' }
  | { readonly kind: 'dropped'; readonly reason: string }

/** One message that a provider accepted: what the at-most-once tests count. */
export interface HandOff {
  /** Twilio's message sid, or SendGrid's X-Message-Id (with `-n` for the n-th further recipient of one request). */
  readonly id: string
  readonly channel: Channel
  readonly to: string
  readonly from: string
  readonly at: number
  /** From the custom args or the status callback URL; see `sendKeyOf`. */
  readonly sendKey: string | null
  readonly subject: string | null
  /** The text of an SMS, or the text part of an email. */
  readonly body: string
  readonly html: string | null
  readonly fate: Fate
  readonly statuses: readonly HandOffStatus[]
  readonly sms: SmsDetails | null
  readonly email: EmailDetails | null
}

export interface SmsDetails {
  readonly statusCallback: string | null
  readonly messagingServiceSid: string | null
  readonly segments: number
  readonly media: readonly string[]
  readonly deleted: boolean
  /** Virtual epoch milliseconds, for `ScheduleType=fixed`. */
  readonly sendAt: number | null
}

export interface EmailDetails {
  readonly messageId: string
  readonly fromName: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly customArgs: Readonly<Record<string, string>>
  readonly categories: readonly string[]
  readonly templateId: string | null
  readonly sendAt: number | null
}

/** A text that is not a hand-off: a person's reply, or the confirmation that Twilio itself sends to STOP, START and HELP. */
export interface Text {
  readonly id: string
  readonly direction: 'inbound' | 'outbound-reply'
  readonly from: string
  readonly to: string
  readonly body: string
  readonly at: number
}

/** The flattened JSON object that SendGrid posts. */
export type EmailEvent = Readonly<Record<string, unknown>> & { readonly event: string; readonly timestamp: number }

export const lastStatus = (handOff: HandOff): HandOffStatus => {
  const last = handOff.statuses.at(-1)
  if (last === undefined) throw new Error(`hand-off ${handOff.id} was written without a first status`)
  return last
}

/** A status after which nothing more can happen to the message on its way. */
export const isFinal = (status: string): boolean =>
  ['delivered', 'undelivered', 'failed', 'canceled', 'bounce', 'blocked', 'dropped'].includes(status)

const named = (name: string): boolean => /key|send/i.test(name)

/**
 * The application's own key of a message. Custom args: the one whose name contains "key" or "send", else the first.
 * Status callback: a query parameter named likewise, else the first one, else the last segment of the path.
 */
export const sendKeyOf = (
  customArgs: Readonly<Record<string, string>>,
  statusCallback: string | null,
): string | null => {
  const args = Object.entries(customArgs)
  const arg = args.find(([name]) => named(name)) ?? args[0]
  if (arg !== undefined) return arg[1]
  if (statusCallback === null || !URL.canParse(statusCallback)) return null
  const url = new URL(statusCallback)
  const query = [...url.searchParams]
  const parameter = query.find(([name]) => named(name)) ?? query[0]
  if (parameter !== undefined) return parameter[1]
  return url.pathname.split('/').findLast((segment) => segment !== '') ?? null
}
