import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AddressKeys } from '../consent/address.ts'
import { acceptedLanguage, type Language } from '../consent/preferences/language.ts'
import { signPreferenceToken } from '../consent/preferences/token.ts'
import { verifyUnsubscribeToken } from '../consent/unsubscribe-token.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { unsubscribe } from '../ingestion/unsubscribe.ts'
import { openTo } from './credentials.ts'
import { html, type Html } from './pages/html.ts'
import { sendPage } from './pages/page.ts'
import { wordsFor } from './pages/words/languages.ts'

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
  const bySignedToken = openTo('a signed token that can only take consent back')
  app.get<TokenRoute>('/u/:token', bySignedToken, (request, reply) => ask(deps, request, reply))
  app.post<TokenRoute>('/u/:token', bySignedToken, (request, reply) => take(deps, request, reply))
}

async function ask(
  deps: UnsubscribeDeps,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const sendId = verifyUnsubscribeToken(request.params.token, deps.unsubscribeSecrets)
  const message = sendId === undefined ? undefined : await describeMessage(deps.database, sendId)
  if (sendId === undefined || message === undefined) return sendUnknown(request, reply)
  if (message.unsubscribed) return sendDone(deps, sendId, request, reply)
  const language = languageFor(request)
  const words = wordsFor(language).unsubscribe
  const { brand, description } = message
  return sendPage(reply, 200, {
    title: words.title,
    ...(brand !== null && { brand }),
    language,
    paragraphs: [
      description === null ? words.ofThisKind : words.ofThisKindNamed(description),
      words.stillComing,
      preferenceLink(deps, sendId, language),
    ],
    confirm: words.button,
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
  if (sendId === undefined || !(await unsubscribe(deps, sendId, { method, at }))) return sendUnknown(request, reply)
  return sendDone(deps, sendId, request, reply)
}

function sendDone(deps: UnsubscribeDeps, sendId: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageFor(request)
  const words = wordsFor(language).unsubscribe
  return sendPage(reply, 200, {
    title: words.doneTitle,
    language,
    paragraphs: [words.done, preferenceLink(deps, sendId, language)],
  })
}

function sendUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageFor(request)
  const { title, text } = wordsFor(language).lost
  return sendPage(reply, 404, { title, language, paragraphs: [text] })
}

/**
 * Relative, so that it stays on whatever address the page was reached at. An unsubscribe link never expires, and this does not make it
 * one with which consent is given for ever: how old the message is decides that, see preferences/token.ts.
 */
function preferenceLink({ unsubscribeSecrets }: UnsubscribeDeps, sendId: string, language: Language): Html {
  const [secret = ''] = unsubscribeSecrets
  const token = signPreferenceToken({ kind: 'send', id: sendId }, secret)
  return html`<a href="../p/${token}">${wordsFor(language).unsubscribe.more}</a>`
}

function languageFor(request: FastifyRequest): Language {
  return acceptedLanguage(request.headers['accept-language']) ?? 'en'
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
