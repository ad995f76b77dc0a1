import { randomUUID } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type AddressKeys, normalizeAddress } from '../consent/address.ts'
import { acceptedLanguage, type Language, languageOf } from '../consent/preferences/language.ts'
import { voiceOf } from '../consent/opt-in/voice.ts'
import { signUp } from '../consent/preferences/sign-up.ts'
import type { Clock } from '../core/clock.ts'
import { type Channel, CHANNELS } from '../core/compiled-journey.ts'
import type { Database } from '../core/database.ts'
import type { Deployed, DeployedJourneys } from '../ingestion/deployed-journeys.ts'
import { openTo } from './credentials.ts'
import { askBy } from './opt-in-question.ts'
import { evidenceOf, formFields, readForms } from './pages/form-body.ts'
import type { Mistake } from './pages/form-parts.ts'
import { sendDocument, sendPage } from './pages/page.ts'
import {
  brandOf,
  channelsOf,
  disclosuresOf,
  type Entered,
  NOTHING_ENTERED,
  type Offered,
  SIGN_UP_FIELD,
  signUpPage,
  signUpVersion,
} from './pages/sign-up-page.ts'
import { wordsFor } from './pages/words/languages.ts'

export interface SignUpPageDeps {
  readonly database: Database
  readonly clock: Clock
  readonly journeys: DeployedJourneys
  readonly publicUrl: string
  readonly addressKeys: AddressKeys
  readonly unsubscribeSecrets: readonly string[]
  /** Sign-ups per address of the internet and ten minutes. Default 10. */
  readonly signUpsPerTenMinutes?: number
}

interface JoinRoute {
  readonly Params: { readonly purpose: string }
  readonly Querystring: Readonly<Record<string, unknown>>
}

const SIGN_UPS = 10
const TEN_MINUTES_MS = 600_000

/**
 * `/join/:purpose`, the plain sign-up page: the disclosure at the point of capture, boxes that nobody ticked in advance, and always a
 * confirmation by the address itself before anything counts. It is answered alike whether or not an address is known, so it tells
 * nobody who is a customer.
 */
export async function signUpRoutes(app: FastifyInstance, deps: SignUpPageDeps): Promise<void> {
  readForms(app)
  // Every sign-up writes to somebody who may not have asked: nobody may use the page to flood a mailbox.
  await app.register(rateLimit, { global: false })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.statusCode !== 429) throw error
    const language = languageFor(request)
    const { tooManyTitle, tooMany } = wordsFor(language).signUp
    return sendPage(reply, 429, { title: tooManyTitle, language, paragraphs: [tooMany] })
  })
  const toEverybody = openTo(
    'a form for people: it only ever asks an address to confirm, and is limited per address of the internet',
  )
  app.get<JoinRoute>('/join/:purpose', toEverybody, (request, reply) => show(deps, request, reply))
  app.post<JoinRoute>(
    '/join/:purpose',
    {
      config: {
        ...toEverybody.config,
        rateLimit: { max: deps.signUpsPerTenMinutes ?? SIGN_UPS, timeWindow: TEN_MINUTES_MS },
      },
    },
    (request, reply) => take(deps, request, reply),
  )
}

async function show(
  deps: SignUpPageDeps,
  request: FastifyRequest<JoinRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const offered = offeredBy(await deps.journeys.current(), request.params.purpose)
  if (offered === undefined) return sendUnknown(request, reply)
  const language = languageFor(request)
  const asked = request.query['asked']
  if (typeof asked !== 'string') return sendDocument(reply, 200, signUpPage(offered, language, NOTHING_ENTERED, []))
  const words = wordsFor(language).signUp
  const channels = CHANNELS.filter((channel) => asked.split(' ').includes(channel))
  return sendPage(reply, 200, {
    title: words.askedTitle,
    brand: brandOf(offered),
    language,
    paragraphs: [...channels.map((channel) => words.asked[channel]), words.askedRest],
  })
}

async function take(
  deps: SignUpPageDeps,
  request: FastifyRequest<JoinRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const offered = offeredBy(await deps.journeys.current(), request.params.purpose)
  if (offered === undefined) return sendUnknown(request, reply)
  const language = languageFor(request)
  const fields = formFields(request)
  const entered = enteredIn(fields, channelsOf(offered))
  const addresses = addressesIn(entered)
  const mistakes = mistakesIn(entered, addresses, offered, language)
  if (mistakes.length > 0) return sendDocument(reply, 422, signUpPage(offered, language, entered, mistakes))
  if (fields.get(SIGN_UP_FIELD.version) !== signUpVersion(offered, language))
    return sendOutdated(offered, language, entered, reply)
  // A program that fills in every field is answered as everybody is.
  if ((fields.get(SIGN_UP_FIELD.trap) ?? '') === '') await record(deps, offered, language, addresses, request)
  return reply.redirect(`?lang=${language}&asked=${addresses.map(({ channel }) => channel).join('+')}`, 303)
}

async function record(
  deps: SignUpPageDeps,
  offered: Offered,
  language: Language,
  addresses: readonly Given[],
  request: FastifyRequest<JoinRoute>,
): Promise<void> {
  const shown = disclosuresOf(offered, language)
  const page = `${deps.publicUrl.replace(/\/$/, '')}/join/${encodeURIComponent(offered.name)}?lang=${language}`
  const form = {
    purpose: offered.name,
    addresses: addresses.flatMap(({ channel, address }) => {
      const disclosure = shown[channel]
      return disclosure === undefined ? [] : [{ channel, address, shown: disclosure }]
    }),
    language,
    from: { page, ...evidenceOf(request) },
    at: deps.clock.now(),
  }
  const askForOptIn = askBy(deps, offered.workspace)
  await deps.database.transaction((statements) => signUp(statements, { askForOptIn, newId: randomUUID }, form))
}

/** Marketing that the workspace names and some policy can send. A receipt is nothing to sign up for. */
function offeredBy(deployed: Deployed | undefined, name: string): Offered | undefined {
  if (deployed === undefined || !Object.hasOwn(deployed.workspace.purposes, name)) return undefined
  const purpose = deployed.workspace.purposes[name]
  const { workspace } = deployed
  const voices = CHANNELS.flatMap((channel) => {
    const policy = voiceOf(workspace, channel, name)?.policy
    return policy === undefined ? [] : [{ channel, policy }]
  })
  return purpose?.class === 'marketing' && voices.length > 0 ? { name, purpose, workspace, voices } : undefined
}

const ENTERED_MAX = 320

function enteredIn(fields: URLSearchParams, channels: readonly Channel[]): Entered {
  const boxes = fields.getAll(SIGN_UP_FIELD.box)
  const entered = (channel: Channel): string => (fields.get(SIGN_UP_FIELD[channel]) ?? '').trim().slice(0, ENTERED_MAX)
  return { email: entered('email'), sms: entered('sms'), boxes: channels.filter((channel) => boxes.includes(channel)) }
}

interface Given {
  readonly channel: Channel
  readonly address: string
}

/** An address whose box is not ticked is not kept: nobody agreed to anything about it. */
function addressesIn(entered: Entered): readonly Given[] {
  return entered.boxes.flatMap((channel) => {
    const address = normalizeAddress(channel, entered[channel])
    return address === undefined ? [] : [{ channel, address }]
  })
}

function mistakesIn(
  entered: Entered,
  addresses: readonly Given[],
  offered: Offered,
  language: Language,
): readonly Mistake[] {
  const words = wordsFor(language).signUp
  if (entered.boxes.length === 0) return [{ field: firstBox(offered), words: words.noBox }]
  return entered.boxes
    .filter((channel) => addresses.every((given) => given.channel !== channel))
    .map((channel): Mistake => {
      const missing = channel === 'email' ? words.noEmail : words.noPhone
      const wrong = channel === 'email' ? words.wrongEmail : words.wrongPhone
      return { field: SIGN_UP_FIELD[channel], words: entered[channel] === '' ? missing : wrong }
    })
}

/** The words that were agreed to are not those that would be recorded: the boxes are empty again. */
function sendOutdated(offered: Offered, language: Language, entered: Entered, reply: FastifyReply): FastifyReply {
  const mistakes = [{ field: firstBox(offered), words: wordsFor(language).signUp.outdated }]
  return sendDocument(reply, 422, signUpPage(offered, language, { ...entered, boxes: [] }, mistakes))
}

function firstBox(offered: Offered): string {
  const [first = 'email'] = channelsOf(offered)
  return `${SIGN_UP_FIELD.box}-${first}`
}

function languageFor(request: FastifyRequest): Language {
  const query = request.query
  const asked = typeof query === 'object' && query !== null && 'lang' in query ? query.lang : undefined
  return languageOf(asked) ?? acceptedLanguage(request.headers['accept-language']) ?? 'en'
}

function sendUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageFor(request)
  const { unknownTitle, unknown } = wordsFor(language).signUp
  return sendPage(reply, 404, { title: unknownTitle, language, paragraphs: [unknown] })
}
