import { createHash } from 'node:crypto'
import type { Feedback, RawWebhook, Unreadable } from '../../delivery/message-provider.ts'
import { field, textField } from '../../delivery/network-failure.ts'
import { dropOf } from './error-codes.ts'

/** The custom arg that carries the send key. Custom args come back at the top level of events, so the name must be ours alone. */
export const SEND_KEY_ARG = 'segue_send'

/** What one event says, apart from whom it is about. */
type Meaning = Pick<Feedback, 'event' | 'code' | 'permanent' | 'machine'>

/**
 * An event webhook: a JSON array, duplicated, unordered, up to days late. Each entry stands alone: a bad one spoils no other.
 * Source: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
 */
export function readEvents(webhook: RawWebhook): readonly (Feedback | Unreadable)[] {
  const raw = webhook.body.toString('utf8')
  const entries = parseArray(raw)
  if (entries === undefined) return [{ kind: 'unreadable', reason: 'not_a_json_array', raw }]
  return entries.flatMap((entry): readonly (Feedback | Unreadable)[] => {
    const meanings = meaningsOf(entry)
    if (typeof meanings === 'string') {
      return [{ kind: 'unreadable', reason: meanings, raw: JSON.stringify(entry) ?? '' }]
    }
    return meanings.map((meaning) => ({ ...subjectOf(entry, meaning.event), ...meaning }))
  })
}

/** What the event means; or the reason why it means nothing to us. */
function meaningsOf(entry: unknown): readonly Meaning[] | string {
  const event = textField(entry, 'event')
  switch (event) {
    case undefined:
      return 'no_event'
    case 'processed':
      return [{ event: 'accepted' }]
    case 'deferred':
      return [{ event: 'accepted', code: 'deferred' }]
    case 'delivered':
      return [{ event: 'delivered' }]
    case 'bounce':
      // "blocked" is the receiving server's mood, not the address: it must never suppress for good.
      return textField(entry, 'type') === 'blocked'
        ? [{ event: 'undelivered', code: 'blocked' }]
        : [{ event: 'bounced', code: 'bounce', permanent: true }]
    case 'dropped':
      return dropped(textField(entry, 'reason') ?? '')
    case 'open':
      return [{ event: 'opened', ...(field(entry, 'sg_machine_open') === true ? { machine: true } : {}) }]
    case 'click':
      return [{ event: 'clicked' }]
    case 'spamreport':
      return [{ event: 'complained' }]
    case 'unsubscribe':
    case 'group_unsubscribe':
      return [{ event: 'unsubscribed' }]
    case 'group_resubscribe':
      return 'group_resubscribe_is_no_consent'
    default:
      return 'unknown_event'
  }
}

function dropped(reason: string): readonly Meaning[] {
  const { meaning, code } = dropOf(reason)
  switch (meaning) {
    case 'bounced':
      return [{ event: 'bounced', code, permanent: true }]
    case 'complained':
      return [
        { event: 'undelivered', code },
        { event: 'complained', code },
      ]
    case 'unsubscribed':
      return [
        { event: 'undelivered', code },
        { event: 'unsubscribed', code },
      ]
    case 'not_the_person':
      return [{ event: 'undelivered', code }]
    default:
      return meaning satisfies never
  }
}

function subjectOf(
  entry: unknown,
  event: Feedback['event'],
): Pick<Feedback, 'kind' | 'dedupeKeys' | 'sendKey' | 'providerId' | 'address' | 'at'> {
  const sendKey = textField(entry, SEND_KEY_ARG)
  // sg_message_id is the X-Message-Id with a suffix of SendGrid's own; late bounces may lack it.
  const providerId = textField(entry, 'sg_message_id')?.split('.', 1)[0]
  const address = textField(entry, 'email')
  const timestamp = field(entry, 'timestamp')
  return {
    kind: 'feedback',
    dedupeKeys: dedupeKeys(entry, event),
    ...(sendKey === undefined ? {} : { sendKey }),
    ...(providerId === undefined ? {} : { providerId }),
    ...(address === undefined ? {} : { address }),
    ...(typeof timestamp === 'number' && Number.isFinite(timestamp) ? { at: Math.round(timestamp * 1_000) } : {}),
  }
}

/**
 * Two keys. `sg_event_id` is the documented one, but it may change on a retry (sendgrid-nodejs issue 1435), so what the event
 * says is a key too, hashed, because it names an address. One event may mean two things; each has keys of its own.
 */
function dedupeKeys(entry: unknown, event: Feedback['event']): readonly string[] {
  const id = textField(entry, 'sg_event_id')
  const told = ['sg_message_id', SEND_KEY_ARG, 'event', 'timestamp', 'email', 'url', 'type', 'attempt'].map(
    (name) => field(entry, name) ?? null,
  )
  const content = createHash('sha256').update(JSON.stringify(told)).digest('hex')
  return [...(id === undefined ? [] : [`${event}:id:${id}`]), `${event}:of:${content}`]
}

function parseArray(raw: string): readonly unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(raw)
    return Array.isArray(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
