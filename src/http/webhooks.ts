import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import type { RawWebhook } from '../delivery/message-provider.ts'
import type { WebhookReceipt } from '../ingestion/feedback.ts'
import { openTo } from './credentials.ts'
import { createForgeries, type Forgeries } from './forgeries.ts'
import { sendProblem } from './problem.ts'

export type WebhookProvider = 'twilio' | 'sendgrid'
export type WebhookKind = 'feedback' | 'inbound'

export interface WebhookDeps {
  readonly database: Database
  readonly clock: Clock
  /** Scheme, host and path prefix under which carriers reach this API. Never taken from a request: signatures cover it. */
  readonly publicUrl: string
  /** Real epoch milliseconds. Default: the machine's. */
  readonly realNow?: () => number
  readonly receiveWebhook: (
    provider: WebhookProvider,
    kind: WebhookKind,
    webhook: RawWebhook,
  ) => Promise<WebhookReceipt>
}

const MAX_WEBHOOK_BYTES = 4 * 1024 * 1024
/** Enough to see what somebody tried, too little to fill the store with. */
const KEPT_OF_FORGED = 1000
/** Twilio takes the body as an answer to the sender: this one says nothing. */
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

/** Callbacks of the carriers. Their signatures cover the raw bytes, so nothing here parses a body. */
export function webhookRoutes(app: FastifyInstance, deps: WebhookDeps): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_WEBHOOK_BYTES }, (_request, body, done) => {
    done(null, body)
  })
  const forgeries = createForgeries(deps.database, deps.realNow ?? Date.now)
  const bySignature = openTo('the carrier’s signature over address and body is checked before anything is read')
  app.post('/webhooks/twilio/status/:sendKey', bySignature, (request, reply) =>
    take(deps, forgeries, 'twilio', 'feedback', request, reply),
  )
  app.post('/webhooks/twilio/inbound', bySignature, (request, reply) =>
    take(deps, forgeries, 'twilio', 'inbound', request, reply),
  )
  app.post('/webhooks/sendgrid', bySignature, (request, reply) =>
    take(deps, forgeries, 'sendgrid', 'feedback', request, reply),
  )
}

async function take(
  deps: WebhookDeps,
  forgeries: Forgeries,
  provider: WebhookProvider,
  kind: WebhookKind,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const webhook: RawWebhook = {
    body,
    headers: singleValued(request),
    url: deps.publicUrl.replace(/\/+$/, '') + (request.raw.url ?? ''),
  }
  const receipt = await deps.receiveWebhook(provider, kind, webhook)
  if (receipt.kind === 'forged') {
    const forgery = {
      source: provider,
      detail: `${kind} with an invalid signature; if it was genuine, compare the public URL and the webhook key`,
      payload: body.toString('latin1').replaceAll('\0', '').slice(0, KEPT_OF_FORGED),
      from: request.ip,
    }
    await forgeries.keep(forgery, deps.clock.now())
    return sendProblem(reply, 'forged', 'the signature is not valid for this URL and body under any configured key')
  }
  return kind === 'inbound' ? reply.type('text/xml').send(EMPTY_TWIML) : reply.code(204).send()
}

function singleValued(request: FastifyRequest): RawWebhook['headers'] {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}
