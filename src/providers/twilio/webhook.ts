import type { Feedback, InboundMessage, RawWebhook, Unreadable } from '../../delivery/message-provider.ts'
import { sendKeyIn } from '../../delivery/webhook-url.ts'
import { isOptOut, isPermanent, UNCONFIRMED } from './error-codes.ts'
import { readForm } from './signature.ts'

/** Source: https://www.twilio.com/docs/messaging/api/message-resource#message-status-values */
const EVENTS: ReadonlyMap<string, Feedback['event']> = new Map<string, Feedback['event']>([
  ['accepted', 'accepted'],
  ['scheduled', 'accepted'],
  ['queued', 'accepted'],
  ['sending', 'accepted'],
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['partially_delivered', 'delivered'],
  ['read', 'delivered'],
  ['undelivered', 'undelivered'],
  ['failed', 'undelivered'],
  ['canceled', 'undelivered'],
])

/**
 * One status callback. It has no usable time (`RawDlrDoneDate` has no zone), so the instant is when it was received.
 * Callbacks are duplicated, come out of order and may overtake the answer to the call.
 */
export function readStatusCallback(webhook: RawWebhook): readonly (Feedback | Unreadable)[] {
  const form = readForm(webhook.body)
  const sid = form.get('MessageSid') ?? form.get('SmsSid')
  const status = form.get('MessageStatus') ?? form.get('SmsStatus')
  if (sid === null || status === null) return [unreadable('no_message_status', webhook)]
  const event = EVENTS.get(status)
  if (event === undefined) return [unreadable('unknown_status', webhook)]
  const code = form.get('ErrorCode')
  const sendKey = sendKeyIn(webhook.url)
  const to = form.get('To')
  const known = {
    kind: 'feedback',
    providerId: sid,
    ...(sendKey === undefined ? {} : { sendKey }),
    ...(to === null ? {} : { address: to }),
    ...(code === null || code === '' || code === '0' ? {} : { code }),
  } as const
  const bad = event === 'undelivered' && code !== null
  const feedback: Feedback = {
    ...known,
    event: bad && code === UNCONFIRMED ? 'unconfirmed' : event,
    dedupeKeys: [`${sid}:${status}`],
    ...(bad && isPermanent(code) ? { permanent: true } : {}),
  }
  if (!bad || !isOptOut(code)) return [feedback]
  return [feedback, { ...known, event: 'unsubscribed', dedupeKeys: [`${sid}:${status}:unsubscribed`] }]
}

const HANDLED: ReadonlyMap<string, 'stop' | 'start' | 'help'> = new Map([
  ['STOP', 'stop'],
  ['START', 'start'],
  ['HELP', 'help'],
])

/**
 * Twilio's default keywords, which it answers and acts on itself where Advanced Opt-Out is off; then there is no `OptOutType`. Only a
 * text that is exactly the word counts, in any case. YES is left out: people say it to other questions, and a Y to a double opt-in
 * would be taken for a START. Source: https://help.twilio.com/articles/223134027, reviewed 2026-11-23.
 */
const DEFAULT_KEYWORDS: ReadonlyMap<string, 'stop' | 'start' | 'help'> = new Map([
  ['STOP', 'stop'],
  ['STOPALL', 'stop'],
  ['UNSUBSCRIBE', 'stop'],
  ['CANCEL', 'stop'],
  ['END', 'stop'],
  ['QUIT', 'stop'],
  ['REVOKE', 'stop'],
  ['OPTOUT', 'stop'],
  ['START', 'start'],
  ['UNSTOP', 'start'],
  ['HELP', 'help'],
  ['INFO', 'help'],
])

/** One text from a person. What Twilio has acted on it has also answered: an answer of ours would be a second one. */
export function readInboundMessage(webhook: RawWebhook): readonly (InboundMessage | Unreadable)[] {
  const form = readForm(webhook.body)
  const [sid, from, to] = [form.get('MessageSid') ?? form.get('SmsSid'), form.get('From'), form.get('To')]
  if (sid === null || from === null || to === null) return [unreadable('no_message', webhook)]
  const body = form.get('Body') ?? ''
  const handled = HANDLED.get(form.get('OptOutType') ?? '') ?? DEFAULT_KEYWORDS.get(body.trim().toUpperCase())
  return [
    {
      kind: 'inbound',
      providerId: sid,
      from,
      to,
      body,
      ...(handled === undefined ? {} : { handledByCarrier: handled }),
    },
  ]
}

function unreadable(reason: string, webhook: RawWebhook): Unreadable {
  return { kind: 'unreadable', reason, raw: webhook.body.toString('utf8') }
}
