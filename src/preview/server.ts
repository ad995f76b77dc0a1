import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import helmet from '@fastify/helmet'
import { peopleFor, personNamed } from './fixtures.ts'
import type { LiveWorkspace } from './live-workspace.ts'
import { framedMail, MAIL_FRAME_POLICY } from './mail-frame.ts'
import { html, type Fragment, type Markup } from './markup.ts'
import { renderPage } from './pages/layout.ts'
import { messagePage, type MessagePage } from './pages/message-page.ts'
import { notFound } from './pages/not-found.ts'
import { overview } from './pages/overview.ts'
import { PREVIEW_SCRIPT } from './pages/script.ts'
import { PREVIEW_STYLE_HASH } from './pages/style.ts'
import { findMessage, type MessageName } from './find-message.ts'
import { renderPreview, type RenderTerms } from './rendered-message.ts'
import { SANDBOX_CONTACT, sendTest, type TestSendDeps, type TestSendResult } from './test-send.ts'

export interface PreviewDeps {
  readonly workspace: LiveWorkspace
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Where links would lead: their length counts in a text. */
  readonly publicUrl: string
  /** Absent: there is no test send. */
  readonly testSend?: TestSendDeps & { readonly through: Through }
}

/** Where test sends go: words, or the address of the sandbox's inbox. */
export type Through = string | { readonly inbox: string }

/** Pages of ours: their style by its hash, their script, their frames, and requests to this server alone. */
const PAGE_POLICY = `default-src 'none'; style-src ${PREVIEW_STYLE_HASH}; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/**
 * The preview's pages. It does not listen; whoever lets it listen does so on the loopback address alone, because there is no login.
 * A page of another site can reach the loopback address through the reader's browser, so every request is refused that does not name this
 * machine (a name that was bound to it anew), and nothing is sent without the token of a page of ours.
 */
export function createPreview(deps: PreviewDeps): FastifyInstance {
  const { workspace } = deps
  const app = Fastify({ logger: false, forceCloseConnections: true })
  const token = randomBytes(18).toString('base64url')
  const session = randomBytes(6).toString('base64url')
  const notices = new Map<string, NonNullable<MessagePage['notice']>>()
  const terms = (): RenderTerms => ({ now: deps.now(), publicUrl: deps.publicUrl, links: 'short' })
  const version = (): string => `${session}.${workspace.current().version}`

  void app.register(helmet, { contentSecurityPolicy: false, xFrameOptions: { action: 'sameorigin' }, hsts: false })
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('content-security-policy', PAGE_POLICY).header('cache-control', 'no-store')
    if (!isThisMachine(request.headers.host))
      return reply.code(421).type('text/plain').send('This is a local preview.\n')
    return undefined
  })
  readForms(app)
  app.setNotFoundHandler((_request, reply) => page(reply, 404, 'Not found', notFound(workspace.current())))

  function page(
    reply: FastifyReply,
    status: number,
    title: string,
    body: Markup,
    at?: { readonly journey: string; readonly step: string },
  ): FastifyReply {
    const snapshot = workspace.current()
    const text = renderPage({ title, snapshot, version: version(), body, ...(at === undefined ? {} : { at }) })
    return reply.code(status).type('text/html; charset=utf-8').send(text)
  }

  app.get('/', (_request, reply) => page(reply, 200, 'Every message', overview(workspace.current(), terms())))
  app.get('/preview.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(PREVIEW_SCRIPT))
  app.get('/events', (request, reply) => {
    reply.hijack()
    stream(reply.raw, request, workspace, version)
  })

  app.get<{ Params: { journey: string; step: string }; Querystring: Query }>(
    '/journeys/:journey/:step',
    ({ params, query }, reply) => {
      const snapshot = workspace.current()
      const found = findMessage(snapshot, params)
      if (found === undefined) return page(reply, 404, 'Not found', notFound(snapshot))
      const people = peopleFor(found.shown, snapshot, deps.now())
      const notice = notices.get(text(query['sent']) ?? '')
      const contacts = Object.keys(snapshot.testContacts)
      const body = messagePage({
        snapshot,
        shown: found.shown,
        messages: found.messages,
        people,
        person: personNamed(people, text(query['person'])),
        terms: terms(),
        send: {
          contacts: deps.testSend?.sandbox === true ? [SANDBOX_CONTACT, ...contacts] : contacts,
          token,
          journey: params.journey,
          ...(deps.testSend === undefined ? {} : { through: wayOf(deps.testSend.through) }),
        },
        ...(notice === undefined ? {} : { notice }),
      })
      return page(reply, 200, `${params.step}, ${params.journey}`, body, params)
    },
  )

  app.get<{ Params: { journey: string; step: string }; Querystring: Query }>(
    '/mail/:journey/:step',
    ({ params, query }, reply) => {
      const snapshot = workspace.current()
      const name = { ...params, branch: text(query['branch']), arm: text(query['arm']) }
      const found = findMessage(snapshot, name)
      if (found === undefined) return reply.code(404).type('text/plain').send('There is no such message.\n')
      const { shown, message, body } = found
      const person = personNamed(peopleFor(shown, snapshot, deps.now()), text(query['person']))
      const rendered = renderPreview(shown, message, body, body.subjects[0], person, terms())
      if (rendered.kind === 'unrenderable' || rendered.message.channel !== 'email')
        return reply.code(404).type('text/plain').send('There is no email to show.\n')
      const scheme = query['scheme'] === 'dark' ? 'dark' : 'light'
      return reply
        .header('content-security-policy', MAIL_FRAME_POLICY)
        .type('text/html; charset=utf-8')
        .send(framedMail(rendered.message.html, scheme))
    },
  )

  app.post('/send', async (request, reply) => {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    const field = (name: string): string => form.get(name) ?? ''
    const { testSend } = deps
    if (testSend === undefined || field('token') !== token)
      return reply.code(403).type('text/plain').send('Open the page again: it was shown by another preview.\n')
    const name: MessageName = {
      journey: field('journey'),
      step: field('step'),
      branch: field('branch'),
      arm: field('arm') || undefined,
    }
    const snapshot = workspace.current()
    const found = findMessage(snapshot, name)
    if (found === undefined) return page(reply, 404, 'Not found', notFound(snapshot))
    const { shown, message, body } = found
    const person = personNamed(peopleFor(shown, snapshot, deps.now()), field('person'))
    const subjectArm = body.subjects.find((arm) => arm === field('subject')) ?? body.subjects[0]
    const to = field('to')
    const { testContacts } = snapshot
    const result = await sendTest(testSend, { shown, message, body, subjectArm, person, to, testContacts })
    const id = randomBytes(6).toString('base64url')
    if (notices.size > 100) notices.clear()
    notices.set(id, noticeOf(result, to))
    const query = new URLSearchParams({ person: person.name, sent: id }).toString()
    return reply.redirect(`/journeys/${name.journey}/${name.step}?${query}`, 303)
  })
  return app
}

type Query = Readonly<Record<string, unknown>>

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function wayOf(through: Through): Fragment {
  if (typeof through === 'string') return through
  return html`To the <a href="${through.inbox}">sandbox inbox</a> on this machine: nobody gets it.`
}

/** What became of a test send, in one sentence without an address. */
function noticeOf(result: TestSendResult, to: string): NonNullable<MessagePage['notice']> {
  switch (result.kind) {
    case 'accepted':
      return { tone: 'good', text: `The test for ${to} was taken by ${result.provider}.` }
    case 'refused':
      return { tone: 'warn', text: `Nothing was sent: ${result.reason}.` }
    case 'unknown':
      return { tone: 'warn', text: `It may have been sent: ${result.provider} gave no answer (${result.cause}).` }
    default:
      return result satisfies never
  }
}

/** Our own forms, and no other bodies. */
function readForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 16_384 },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  )
}

function isThisMachine(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/.test(host)
}

/** Real milliseconds between signs of life: a connection that died is noticed by writing to it. */
const ALIVE_MS = 20_000

/** Says the version now and after every change (server-sent events). */
function stream(
  response: ServerResponse,
  request: FastifyRequest,
  workspace: LiveWorkspace,
  version: () => string,
): void {
  const say = (): void => void response.write(`event: version\ndata: ${version()}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write('retry: 500\n\n')
  say()
  const end = workspace.onChange(say)
  const alive = setInterval(() => response.write(': alive\n\n'), ALIVE_MS)
  request.raw.on('close', () => {
    clearInterval(alive)
    end()
  })
}
