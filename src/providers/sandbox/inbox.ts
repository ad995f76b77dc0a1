import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { lastStatus } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import { inboxPage } from './inbox-page.ts'
import { inboxScript } from './inbox-script.ts'
import { fullTime } from './inbox-view.ts'
import type { InboxQuery } from './inbox-view.ts'
import { objectOf, textOf } from './json-fields.ts'
import { linksOf } from './links.ts'
import type { Reader } from './reader.ts'
import type { SandboxClock } from './sandbox-options.ts'
import { readForm } from './twilio-form.ts'
import type { SendReply } from './twilio-inbound.ts'

export interface InboxParts {
  readonly log: HandOffLog
  readonly reader: Reader
  readonly reply: SendReply
  readonly clock: SandboxClock
}

const scriptHash = createHash('sha256').update(inboxScript).digest('base64')

/** No other host is ever asked for anything; a mail's frame inherits this, so its remote images and fonts stay unloaded. */
const contentPolicy = [
  "default-src 'none'",
  `script-src 'sha256-${scriptHash}'`,
  "style-src 'unsafe-inline'",
  'img-src data:',
  "connect-src 'self'",
  "form-action 'self'",
].join('; ')

const queryOf = (given: unknown): InboxQuery => {
  const { channel, q, m, part } = objectOf(given)
  return {
    channel: channel === 'sms' || channel === 'email' ? channel : 'all',
    search: textOf(q) ?? '',
    selected: textOf(m),
    part: part === 'text' || part === 'headers' ? part : 'html',
  }
}

const show = (id: string): string => `/inbox?m=${encodeURIComponent(id)}`

/** The inbox: what people received, as they see it, for a developer to look at and to act in their place. */
export const registerInbox = (app: FastifyInstance, { log, reader, reply: sendReply, clock }: InboxParts): void => {
  const now = (): number => Math.floor(clock.now())

  const page = async (request: { readonly query: unknown }, reply: FastifyReply): Promise<FastifyReply> =>
    reply
      .headers({
        'content-security-policy': contentPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      .type('text/html; charset=utf-8')
      .send(inboxPage(log, queryOf(request.query), now()))

  app.get('/', page)
  app.get('/inbox', page)
  app.get('/inbox/version', async () => ({ version: log.version(), now: fullTime(now()) }))

  app.get('/inbox.json', async () => ({
    now: now(),
    messages: log
      .handOffs()
      .map((handOff) => ({ ...handOff, status: lastStatus(handOff).status, links: linksOf(handOff) })),
    texts: log.texts(),
  }))

  /** A browser follows a link: the event is told, and the browser is sent to the link exactly as written. */
  app.get('/inbox/open', async (request, reply) => {
    const { id, n } = objectOf(request.query)
    const handOff = log.find(textOf(id) ?? '')
    const link = handOff === undefined ? undefined : linksOf(handOff)[Number(n)]
    if (handOff === undefined || link === undefined) return reply.code(404).send('This message has no such link.')
    void reader.clicked(handOff, link)
    return reply.redirect(link, 302)
  })

  app.post('/inbox/reply', async (request, reply) => {
    const form = readForm(request.body)
    const outcome = await sendReply({
      from: form.get('from') ?? '',
      to: form.get('to') ?? undefined,
      body: form.get('body') ?? '',
    })
    return reply.redirect(outcome === null ? '/inbox' : show(outcome.sid), 303)
  })

  app.post('/inbox/read', async (request, reply) => {
    const form = readForm(request.body)
    const handOff = log.find(form.get('id') ?? '')
    if (handOff === undefined) return reply.redirect('/inbox', 303)
    const does = form.get('does')
    if (does === 'open') await reader.open(handOff, false)
    if (does === 'complain') await reader.complain(handOff)
    if (does === 'unsubscribe') await reader.unsubscribe(handOff)
    return reply.redirect(show(handOff.id), 303)
  })
}
