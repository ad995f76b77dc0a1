import { Client } from '@sendgrid/client'
import { MailService } from '@sendgrid/mail'
import type {
  Deadline,
  HandOff,
  MessageProvider,
  OutboundMessage,
  ReconcileRequest,
  Reconciliation,
  Redaction,
  RedactRequest,
} from '../../delivery/message-provider.ts'
import { field, networkFailure, provesNotAccepted, retryAfterMs, textField } from '../../delivery/network-failure.ts'
import { rejectionClass } from './error-codes.ts'
import { readEvents, SEND_KEY_ARG } from './events.ts'
import { isSignedBySendgrid, verificationKey } from './signature.ts'

export interface SendgridConfig {
  readonly apiKey: string
  /** Base64 DER (spki), as SendGrid shows them; several during a rotation. */
  readonly webhookPublicKeys: readonly string[]
  /** `https://api.eu.sendgrid.com/` for the EU, or an emulator. */
  readonly apiBaseUrl?: string
}

/** SendGrid v3 through its SDK. Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send */
export function createSendgrid(config: SendgridConfig): MessageProvider {
  const keys = config.webhookPublicKeys.map(verificationKey)

  /** A client for one call, because the SDK keeps its options per client and the deadline is one of them. */
  const connect = (remainingMs: number): Client => {
    const client = new Client()
    client.setApiKey(config.apiKey)
    // After setApiKey, which resets the base URL. The SDK has no timeout of its own; a followed redirect would be a second
    // call; and a reset of a kept-alive connection could not be told from a message that was taken.
    const transport = {
      url: '',
      ...(config.apiBaseUrl === undefined ? {} : { baseUrl: config.apiBaseUrl }),
      maxRedirects: 0,
      signal: AbortSignal.timeout(remainingMs),
    }
    client.setDefaultRequest(transport)
    client.setDefaultHeader('Connection', 'close')
    return client
  }

  return {
    name: 'sendgrid',
    channel: 'email',
    erases: 'recipients',

    async send(message: OutboundMessage, sendKey: string, deadline: Deadline): Promise<HandOff> {
      if (message.channel !== 'email') return { kind: 'rejected', class: 'config', code: 'wrong_channel' }
      const remaining = Math.floor(deadline.remainingMs())
      if (remaining <= 0) return { kind: 'rejected', class: 'throttled', code: 'deadline' }
      const mail = new MailService()
      mail.setClient(connect(remaining))
      try {
        const [{ headers }] = await mail.send(mailOf(message, sendKey))
        const providerId = textField(headers, 'x-message-id')
        return providerId === undefined || providerId === ''
          ? { kind: 'unknown', cause: 'unreadable_answer' }
          : { kind: 'accepted', providerId }
      } catch (error) {
        return failedHandOff(error)
      }
    },

    verifyWebhook: (webhook, realNow) => isSignedBySendgrid(keys, webhook, realNow),
    parseFeedback: readEvents,
    parseInbound: () => [],

    async reconcile(send: ReconcileRequest, deadline: Deadline): Promise<Reconciliation> {
      const remaining = Math.floor(deadline.remainingMs())
      if (remaining <= 0) return { kind: 'unavailable', cause: 'deadline' }
      try {
        const query = `(unique_args['${SEND_KEY_ARG}']="${send.sendKey}")`
        const [, body]: readonly [unknown, unknown] = await connect(remaining).request({
          method: 'GET',
          url: '/v3/messages',
          qs: { query, limit: 10 },
        })
        const messages = field(body, 'messages')
        if (!Array.isArray(messages)) return { kind: 'unavailable', cause: 'unreadable_answer' }
        const found: unknown = messages[0]
        if (found === undefined) return { kind: 'absent' }
        const providerId = textField(found, 'msg_id')?.split('.', 1)[0]
        return providerId === undefined
          ? { kind: 'unavailable', cause: 'unreadable_answer' }
          : { kind: 'found', providerId, status: activityStatus(textField(found, 'status')) }
      } catch (error) {
        // Email Activity is a paid add-on: without it SendGrid answers 403, and only events settle a send.
        const status = field(error, 'code')
        return { kind: 'unavailable', cause: typeof status === 'number' ? `http_${status}` : 'no_answer' }
      }
    },

    async redact(request: RedactRequest, deadline: Deadline): Promise<Redaction> {
      if (request.kind !== 'recipient') return { kind: 'not_offered' }
      const remaining = Math.floor(deadline.remainingMs())
      if (remaining <= 0) return { kind: 'unavailable', cause: 'deadline' }
      try {
        // Custom args and categories cannot be erased, which is why they hold opaque ids only. Source:
        // https://www.twilio.com/docs/sendgrid/api-reference/recipients-data-erasure/erase-recipients-email-data
        await connect(remaining).request({
          method: 'POST',
          url: '/v3/recipients/erasejob',
          body: { email_addresses: [request.address] },
        })
        return { kind: 'done' }
      } catch (error) {
        const status = field(error, 'code')
        return { kind: 'unavailable', cause: typeof status === 'number' ? `http_${status}` : 'no_answer' }
      }
    },
  }
}

/**
 * Headers and custom args stand in the personalization: the SDK copies message-level headers into its own HTTP request, where they
 * could even replace the credentials. Bypass settings are unreachable by construction: nothing may route around a "no".
 */
function mailOf(message: Extract<OutboundMessage, { channel: 'email' }>, sendKey: string) {
  return {
    personalizations: [
      { to: { email: message.to }, headers: { ...message.headers }, customArgs: { [SEND_KEY_ARG]: sendKey } },
    ],
    from: { ...message.from },
    ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
    subject: message.subject,
    text: message.text,
    html: message.html,
    // Links are rewritten and unsubscribing is offered before the hand-off; a second layer would break both.
    trackingSettings: { clickTracking: { enable: false, enableText: false }, subscriptionTracking: { enable: false } },
  }
}

function failedHandOff(error: unknown): HandOff {
  if (field(error, 'isAxiosError') === true) return networkFailure(error)
  const status = field(error, 'code')
  if (typeof status !== 'number') return networkFailure(error)
  if (!provesNotAccepted(status)) return { kind: 'unknown', cause: `http_${status}` }
  const response = field(error, 'response')
  const errors = field(field(response, 'body'), 'errors')
  const fields = Array.isArray(errors) ? errors.flatMap((entry: unknown) => textField(entry, 'field') ?? []) : []
  const after = status === 429 ? retryAfter(field(response, 'headers')) : undefined
  return {
    kind: 'rejected',
    class: rejectionClass(status, fields),
    code: `http_${status}`,
    ...(after === undefined ? {} : { retryAfterMs: after }),
  }
}

/** Retry-After, or X-RateLimit-Reset: unix seconds by SendGrid's clock, which its Date header tells; small values are seconds to go. */
function retryAfter(headers: unknown): number | undefined {
  const plain = retryAfterMs(textField(headers, 'retry-after'))
  const reset = Number(textField(headers, 'x-ratelimit-reset'))
  if (plain !== undefined || !Number.isFinite(reset) || reset <= 0) return plain
  if (reset < 1_000_000) return reset * 1_000
  const theirs = Date.parse(textField(headers, 'date') ?? '')
  return Number.isFinite(theirs) ? Math.max(0, reset * 1_000 - theirs) : undefined
}

function activityStatus(status: string | undefined): 'accepted' | 'delivered' | 'undelivered' {
  if (status === 'delivered') return 'delivered'
  return status === 'not_delivered' ? 'undelivered' : 'accepted'
}
