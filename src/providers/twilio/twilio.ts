import twilio from 'twilio'
import { smsHash } from '../../delivery/body-hash.ts'
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
import { field, networkFailure, provesNotAccepted, retryAfterMs } from '../../delivery/network-failure.ts'
import { rejectionClass } from './error-codes.ts'
import { HandOffTransport } from './hand-off-transport.ts'
import { isSignedByTwilio } from './signature.ts'
import { readInboundMessage, readStatusCallback } from './webhook.ts'

export interface TwilioConfig {
  readonly accountSid: string
  /** The current token first; a second one during a rotation. Webhooks signed with any of them are accepted. */
  readonly authTokens: readonly string[]
  /** Calls are made with an API key instead of the token. Webhooks are signed with the token all the same. */
  readonly apiKey?: { readonly sid: string; readonly secret: string }
  /** Another host than Twilio's: an emulator or a gateway. */
  readonly apiBaseUrl?: string
}

/** Carriers' clocks and ours differ by seconds; a message listed a little before its attempt is still that message. */
const CLOCK_TOLERANCE_MS = 300_000
const LISTED = 200

/** Twilio Programmable Messaging through its SDK. Source: https://www.twilio.com/docs/messaging/api/message-resource */
export function createTwilio(config: TwilioConfig): MessageProvider {
  const [token] = config.authTokens
  if (token === undefined || token === '') throw new Error('twilio: an auth token is needed')

  const connect = (transport: HandOffTransport) => {
    const options = { httpClient: transport, accountSid: config.accountSid }
    const client = twilio(config.apiKey?.sid ?? config.accountSid, config.apiKey?.secret ?? token, options)
    // The SDK has no option for it. Every request goes through this domain's base URL.
    if (config.apiBaseUrl !== undefined) client.api.baseUrl = config.apiBaseUrl
    return client
  }

  return {
    name: 'twilio',
    channel: 'sms',
    erases: 'messages',

    async send(message: OutboundMessage, _sendKey: string, deadline: Deadline): Promise<HandOff> {
      if (message.channel !== 'sms') return { kind: 'rejected', class: 'config', code: 'wrong_channel' }
      const remaining = Math.floor(deadline.remainingMs())
      if (remaining <= 0) return { kind: 'rejected', class: 'throttled', code: 'deadline' }
      const transport = new HandOffTransport(AbortSignal.timeout(remaining))
      try {
        const sender = message.from.startsWith('MG') ? { messagingServiceSid: message.from } : { from: message.from }
        const { sid } = await connect(transport).messages.create({
          ...sender,
          to: message.to,
          body: message.body,
          ...(message.mediaUrls === undefined ? {} : { mediaUrl: [...message.mediaUrls] }),
          statusCallback: message.statusCallback,
          ...(message.validitySeconds === undefined ? {} : { validityPeriod: message.validitySeconds }),
        })
        return typeof sid === 'string' && sid !== ''
          ? { kind: 'accepted', providerId: sid }
          : { kind: 'unknown', cause: 'unreadable_answer' }
      } catch (error) {
        return failedHandOff(error, transport.retryAfter)
      }
    },

    verifyWebhook: (webhook) => isSignedByTwilio(config.authTokens, webhook),
    parseFeedback: readStatusCallback,
    parseInbound: readInboundMessage,

    async reconcile(send: ReconcileRequest, deadline: Deadline): Promise<Reconciliation> {
      const remaining = Math.floor(deadline.remainingMs())
      if (remaining <= 0) return { kind: 'unavailable', cause: 'deadline' }
      const transport = new HandOffTransport(AbortSignal.timeout(remaining))
      try {
        // A Messaging Service picks the number itself. `DateSent` is null until a message is sent, so it cannot filter.
        const sender = send.from.startsWith('MG') ? {} : { from: send.from }
        const listed = await connect(transport).messages.list({
          to: send.to,
          ...sender,
          pageSize: LISTED,
          limit: LISTED,
        })
        const found = listed.find(
          (message) =>
            !send.taken.includes(message.sid) &&
            message.dateCreated.getTime() >= send.notBefore - CLOCK_TOLERANCE_MS &&
            smsHash(message.body, Number(message.numMedia) || 0) === send.bodyHash,
        )
        return found === undefined
          ? { kind: 'absent' }
          : { kind: 'found', providerId: found.sid, status: reconciledStatus(found.status) }
      } catch (error) {
        const status = field(error, 'status')
        return { kind: 'unavailable', cause: typeof status === 'number' ? `http_${status}` : 'no_answer' }
      }
    },

    async redact(request: RedactRequest, deadline: Deadline): Promise<Redaction> {
      if (request.kind !== 'message') return { kind: 'not_offered' }
      const remaining = Math.floor(deadline.remainingMs())
      if (remaining <= 0) return { kind: 'unavailable', cause: 'deadline' }
      try {
        // Deleted rather than emptied: an emptied message still names the number. Source:
        // https://www.twilio.com/docs/messaging/api/message-resource#delete-a-message-resource
        await connect(new HandOffTransport(AbortSignal.timeout(remaining)))
          .messages(request.providerId)
          .remove()
        return { kind: 'done' }
      } catch (error) {
        const status = field(error, 'status')
        if (status === 404) return { kind: 'done' }
        return { kind: 'unavailable', cause: typeof status === 'number' ? `http_${status}` : 'no_answer' }
      }
    },
  }
}

function failedHandOff(error: unknown, retryAfter: unknown): HandOff {
  const status = field(error, 'status')
  if (field(error, 'isAxiosError') === true) return networkFailure(error)
  // The SDK parses a 2xx answer itself; one that is no JSON was accepted by somebody, perhaps by Twilio.
  if (typeof status !== 'number') return { kind: 'unknown', cause: 'unreadable_answer' }
  if (!provesNotAccepted(status)) return { kind: 'unknown', cause: `http_${status}` }
  const code = field(error, 'code')
  const number = typeof code === 'number' ? code : undefined
  const after = retryAfterMs(retryAfter)
  return {
    kind: 'rejected',
    class: rejectionClass(number, status),
    code: String(number ?? `http_${status}`),
    ...(after === undefined ? {} : { retryAfterMs: after }),
  }
}

function reconciledStatus(status: string): 'accepted' | 'delivered' | 'undelivered' {
  switch (status) {
    case 'delivered':
    case 'read':
    case 'partially_delivered':
      return 'delivered'
    case 'undelivered':
    case 'failed':
    case 'canceled':
      return 'undelivered'
    default:
      return 'accepted'
  }
}
