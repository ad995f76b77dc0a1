import { createHmac, timingSafeEqual } from 'node:crypto'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { convert } from 'html-to-text'
import type { AddressKeys } from '../consent/address.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { keepRejection } from '../ingestion/rejections.ts'
import { recordInboundEmail } from '../ingestion/reply-email.ts'
import { openTo } from './credentials.ts'
import { sendProblem } from './problem.ts'

export interface InboundEmailDeps {
  readonly database: Database
  readonly clock: Clock
  readonly addressKeys: AddressKeys
  /** The first makes the secret part of the path; all of them open it. */
  readonly unsubscribeSecrets: readonly string[]
  /** Something was written to the outbox. */
  readonly onInbound?: () => void
}

/** Inbound Parse passes attachments on; beyond this the mail is no answer to a newsletter. */
const MOST_BYTES = 31 * 1024 * 1024
const MOST_FIELD_BYTES = 1024 * 1024
const READ_FIELDS: ReadonlySet<string> = new Set(['headers', 'from', 'to', 'subject', 'text', 'html'])

/**
 * The secret part of the path of {@link inboundEmailRoutes}. Inbound Parse signs nothing, so whoever knows the path may speak in
 * anybody's name: it is made from a secret, compared in constant time, and never logged.
 */
export function inboundEmailToken(secret: string): string {
  return createHmac('sha256', secret).update('inbound-email.').digest('base64url').slice(0, 32)
}

/**
 * `/webhooks/sendgrid/inbound/:token`: what people write back by email (SendGrid Inbound Parse, multipart). A 5xx is repeated by
 * SendGrid, anything else is not. Source: https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
 */
export async function inboundEmailRoutes(app: FastifyInstance, deps: InboundEmailDeps): Promise<void> {
  await app.register(multipart, {
    limits: { fieldSize: MOST_FIELD_BYTES, fields: 50, files: 30, fileSize: MOST_BYTES, parts: 80 },
  })
  app.post<{ Params: { readonly token: string } }>(
    '/webhooks/sendgrid/inbound/:token',
    { bodyLimit: MOST_BYTES, ...openTo('SendGrid signs no inbound mail: the path holds a secret of ours') },
    (request, reply) => take(deps, request, reply),
  )
}

async function take(
  deps: InboundEmailDeps,
  request: FastifyRequest<{ Params: { readonly token: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!isOurs(request.params.token, deps.unsubscribeSecrets)) {
    return sendProblem(reply, 'forged', 'the path is not the one that this installation gave to the mail provider')
  }
  const fields = new Map<string, string>()
  for await (const part of request.parts()) {
    // What is attached is nobody's request; it is read to its end and forgotten.
    if (part.type === 'file') part.file.resume()
    else if (READ_FIELDS.has(part.fieldname) && typeof part.value === 'string') fields.set(part.fieldname, part.value)
  }
  const field = (name: string): string => fields.get(name) ?? ''
  const text = field('text') === '' ? convert(field('html'), { wordwrap: false, selectors: [] }) : field('text')
  const [headers, from, to, subject] = [field('headers'), field('from'), field('to'), field('subject')]
  const at = deps.clock.now()
  const email = { provider: 'sendgrid', headers, from, to, subject, text }
  const taken = await recordInboundEmail({ database: deps.database, keys: deps.addressKeys }, email, at)
  if (taken === 'unreadable') {
    await keepRejection(deps.database, {
      source: 'sendgrid',
      reason: 'unreadable',
      detail: 'an inbound email without a sender that can be an address',
      payload: subject.replaceAll('\0', '').slice(0, 200),
      receivedAt: at,
    })
  }
  deps.onInbound?.()
  return reply.code(204).send()
}

function isOurs(token: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(token)
  return secrets
    .map((secret) => {
      const expected = Buffer.from(inboundEmailToken(secret))
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
    .includes(true)
}
