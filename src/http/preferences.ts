import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AddressKeys } from '../consent/address.ts'
import { acceptedLanguage, type Language, languageOf } from '../consent/preferences/language.ts'
import { type Person, readPerson } from '../consent/preferences/person.ts'
import { type Saved, type SaveDeps, savePreferences } from '../consent/preferences/save.ts'
import { type PreferenceSubject, verifyPreferenceToken } from '../consent/preferences/token.ts'
import { viewOf } from '../consent/preferences/view.ts'
import type { Wish } from '../consent/preferences/wish.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import type { DeployedJourneys } from '../ingestion/deployed-journeys.ts'
import { endForbiddenRuns } from '../ingestion/forbidden-runs.ts'
import { grant } from '../ingestion/opt-in-grant.ts'
import { openTo } from './credentials.ts'
import { askBy } from './opt-in-question.ts'
import { evidenceOf, formFields, readForms } from './pages/form-body.ts'
import { sendDocument, sendPage } from './pages/page.ts'
import { wishOf } from './pages/preference-form.ts'
import { DONE, type Done, preferencePage } from './pages/preference-page.ts'
import { wordsFor } from './pages/words/languages.ts'

export interface PreferenceDeps {
  readonly database: Database
  readonly clock: Clock
  readonly journeys: DeployedJourneys
  readonly addressKeys: AddressKeys
  /** The first signs new links; the others are still accepted. */
  readonly unsubscribeSecrets: readonly string[]
  readonly publicUrl: string
}

interface TokenRoute {
  readonly Params: { readonly token: string }
  readonly Querystring: Readonly<Record<string, unknown>>
}

/**
 * `/p/:token`, the preference centre. GET shows and changes nothing, because scanners open every link of a message. POST takes one
 * press of a button and redirects back, so that a reload says nothing again. The token is all that identifies: there are no cookies,
 * so no other site can make a browser say something here.
 */
export function preferenceRoutes(app: FastifyInstance, deps: PreferenceDeps): void {
  readForms(app)
  const bySignedToken = openTo('a signed token of one person’s preferences; no cookies, so no other site can use it')
  app.get<TokenRoute>('/p/:token', bySignedToken, (request, reply) => show(deps, request, reply))
  app.post<TokenRoute>('/p/:token', bySignedToken, (request, reply) => take(deps, request, reply))
}

async function show(
  deps: PreferenceDeps,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const subject = verifyPreferenceToken(request.params.token, deps.unsubscribeSecrets)
  const person = subject === undefined ? undefined : await readPerson(deps.database, deps.addressKeys, subject)
  const workspace = (await deps.journeys.current())?.workspace
  if (person === undefined || workspace === undefined) return sendLost(request, reply)
  const now = deps.clock.now()
  const view = viewOf(person, workspace, languageFor(person, request), now)
  const said = typeof request.query['done'] === 'string' ? request.query['done'].split(' ') : []
  const done = DONE.filter((one) => said.includes(one))
  return sendDocument(reply, 200, preferencePage(view, done, workspace.zone, now))
}

async function take(
  deps: PreferenceDeps,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const subject = verifyPreferenceToken(request.params.token, deps.unsubscribeSecrets)
  const workspace = (await deps.journeys.current())?.workspace
  const wish = wishOf(formFields(request))
  if (subject === undefined || workspace === undefined) return sendLost(request, reply)
  // A press that cannot be read changes nothing; the page comes again as it stands.
  if (wish === undefined) return reply.redirect('?', 303)
  const saved = await save(deps, subject, workspace, wish, request)
  if (saved === undefined) return sendLost(request, reply)
  return reply.redirect(`?done=${doneBy(wish, saved).join('+')}`, 303)
}

async function save(
  deps: PreferenceDeps,
  subject: PreferenceSubject,
  workspace: CompiledWorkspace,
  wish: Wish,
  request: FastifyRequest,
): Promise<Saved | undefined> {
  const { database, addressKeys: keys } = deps
  const askForOptIn = askBy(deps, workspace)
  const giveNow: SaveDeps['grant'] = (statements, given) =>
    grant(statements, keys, workspace, { ...given, source: 'preferences', recordedAt: given.at })
  const endRuns: SaveDeps['endForbiddenRuns'] = (statements, contacts, when, coming) =>
    endForbiddenRuns(statements, { keys, workspace }, contacts, when, coming)
  const at = deps.clock.now()
  return database.transaction(async (statements) => {
    const person = await readPerson(statements, keys, subject)
    if (person === undefined) return undefined
    return savePreferences(
      statements,
      { keys, workspace, askForOptIn, grant: giveNow, endForbiddenRuns: endRuns },
      { subject, wish, language: languageFor(person, request), from: evidenceOf(request), at },
    )
  })
}

function doneBy(wish: Wish, { asked, notAsked, outdated }: Saved): readonly Done[] {
  switch (wish.kind) {
    case 'pause':
      return ['paused']
    case 'resume':
      return ['resumed']
    case 'stop':
      return ['stopped']
    case 'save':
      return [outdated ? 'outdated' : 'saved', ...asked, ...(notAsked ? (['later'] as const) : [])]
    default:
      return wish satisfies never
  }
}

/** What the person chose here, else what the shop knows, else what the browser asks for. */
function languageFor(person: Person, request: FastifyRequest): Language {
  return (
    languageOf(person.preference?.language) ??
    languageOf(person.locale) ??
    acceptedLanguage(request.headers['accept-language']) ??
    'en'
  )
}

function sendLost(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = acceptedLanguage(request.headers['accept-language']) ?? 'en'
  const { title, text } = wordsFor(language).lost
  return sendPage(reply, 404, { title, language, paragraphs: [text] })
}
