import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AddressKeys } from '../consent/address.ts'
import { verifyUnsubscribeToken } from '../consent/unsubscribe-token.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { unsubscribe } from '../ingestion/unsubscribe.ts'
import { sendPage } from './pages.ts'

export interface UnsubscribeDeps {
  readonly database: Database
  readonly clock: Clock
  readonly addressKeys: AddressKeys
  /** The first signs new links; the others are still accepted. */
  readonly unsubscribeSecrets: readonly string[]
}

interface TokenRoute {
  readonly Params: { readonly token: string }
}

const MAX_FORM_BYTES = 64 * 1024

/**
 * `/u/:token`, the link in every marketing email. GET only asks, because scanners open every link of a message. POST
 * unsubscribes: from the page's button, or from a mailbox provider's (RFC 8058), which sends no cookies, follows no
 * redirect and knows nothing but the link. It may be repeated.
 */
export function unsubscribeRoutes(app: FastifyInstance, deps: UnsubscribeDeps): void {
  // Form-encoded, multipart or none at all: whatever the body is, a POST with a valid token is a "no".
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_FORM_BYTES }, (_request, body, done) => {
    done(null, body)
  })
  app.get<TokenRoute>('/u/:token', (request, reply) => ask(deps, request, reply))
  app.post<TokenRoute>('/u/:token', (request, reply) => take(deps, request, reply))
}

async function ask(
  deps: UnsubscribeDeps,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const sendId = verifyUnsubscribeToken(request.params.token, deps.unsubscribeSecrets)
  const message = sendId === undefined ? undefined : await describeMessage(deps.database, sendId)
  if (message === undefined) return sendUnknown(reply)
  if (message.unsubscribed) return sendDone(reply)
  return sendPage(reply, 200, {
    title: 'Stop these emails?',
    ...(message.brand !== null && { brand: message.brand }),
    paragraphs: [
      message.description === null
        ? 'You will get no more emails of this kind.'
        : `You will get no more emails of this kind: ${message.description}`,
      'Messages that you need, such as receipts, may still reach you.',
    ],
    confirm: 'Unsubscribe',
  })
}

async function take(
  deps: UnsubscribeDeps,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const sendId = verifyUnsubscribeToken(request.params.token, deps.unsubscribeSecrets)
  const body = typeof request.body === 'string' ? request.body : ''
  const method = body.includes('One-Click') ? 'one_click' : 'page'
  const at = deps.clock.now()
  if (sendId === undefined || !(await unsubscribe(deps, sendId, { method, at }))) return sendUnknown(reply)
  return sendDone(reply)
}

function sendDone(reply: FastifyReply): FastifyReply {
  return sendPage(reply, 200, {
    title: 'You are unsubscribed',
    paragraphs: ['This took effect at once. There is nothing more to do.'],
  })
}

function sendUnknown(reply: FastifyReply): FastifyReply {
  return sendPage(reply, 404, {
    title: 'This link is not complete',
    paragraphs: [
      'It may have been cut off in your mail program. Open it from the email again, or answer the email with the word "unsubscribe".',
    ],
  })
}

/** In the sender's own words, without anything about the person: whoever holds a forwarded mail sees this page too. */
interface MessageInWords {
  readonly brand: string | null
  readonly description: string | null
  readonly unsubscribed: boolean
}

async function describeMessage(database: Database, sendId: string): Promise<MessageInWords | undefined> {
  const [message] = await database.query<MessageInWords>(
    `select w.compiled -> 'policies' -> (v.compiled ->> 'policy') ->> 'brand' as brand,
            w.compiled -> 'purposes' -> s.purpose ->> 'description' as description,
            exists (select 1 from consent c
                     where c.contact_id = s.contact_id and c.channel = s.channel and c.purpose = s.purpose
                       and c.state = 'revoked') as unsubscribed
       from send s
       left join journey_version v on v.hash = s.version
       left join workspace w on w.id = 1
      where s.id = $1`,
    [sendId],
  )
  return message
}
