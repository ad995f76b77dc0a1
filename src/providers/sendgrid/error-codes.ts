import type { RejectionClass } from '../../delivery/message-provider.ts'

/**
 * What a SendGrid refusal means. It has no codes: the HTTP status decides, and for 400 the field that it complains about.
 * Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
 */
export function rejectionClass(status: number, fields: readonly string[]): RejectionClass {
  if (status === 429) return 'throttled'
  if (status === 413) return 'content'
  if (status !== 400) return 'config'
  // One request has one recipient, so a complaint about `to` is about this person's address.
  if (fields.some((field) => /^personalizations\.\d+\.to\b/.test(field))) return 'bad_recipient'
  return fields.some((field) => /^(content|subject|personalizations\.\d+\.subject|template_id)\b/.test(field))
    ? 'content'
    : 'config'
}

/** Why SendGrid dropped a message before sending. Source: the `dropped` event in the Event Webhook reference. */
export type DropMeaning = 'bounced' | 'complained' | 'unsubscribed' | 'not_the_person'

const DROPS: ReadonlyMap<string, { readonly meaning: DropMeaning; readonly code: string }> = new Map([
  ['bounced address', { meaning: 'bounced', code: 'dropped_bounced_address' }],
  ['invalid', { meaning: 'bounced', code: 'dropped_invalid' }],
  ['spam reporting address', { meaning: 'complained', code: 'dropped_spam_reporting_address' }],
  ['unsubscribed address', { meaning: 'unsubscribed', code: 'dropped_unsubscribed_address' }],
  ['spam content (if spam checker app enabled)', { meaning: 'not_the_person', code: 'dropped_spam_content' }],
  ['spam content', { meaning: 'not_the_person', code: 'dropped_spam_content' }],
  ['invalid smtpapi header', { meaning: 'not_the_person', code: 'dropped_invalid_smtpapi_header' }],
  ['recipient list over package quota', { meaning: 'not_the_person', code: 'dropped_over_quota' }],
])

/** A reason that is not known says nothing about the person: nobody is suppressed by a guess. */
export function dropOf(reason: string): { readonly meaning: DropMeaning; readonly code: string } {
  return DROPS.get(reason.trim().toLowerCase()) ?? { meaning: 'not_the_person', code: 'dropped' }
}
