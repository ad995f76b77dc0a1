import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AddressKeys } from '../consent/address.ts'
import { acceptedLanguage, type Language } from '../consent/preferences/language.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import type { DeployedJourneys } from '../ingestion/deployed-journeys.ts'
import { confirmByLink, describeLink, type LinkDeps, type LinkState } from '../ingestion/opt-in-confirmation.ts'
import { openTo } from './credentials.ts'
import { evidenceOf, readForms } from './pages/form-body.ts'
import { sendPage } from './pages/page.ts'

export interface ConfirmDeps {
  readonly database: Database
  readonly clock: Clock
  readonly journeys: DeployedJourneys
  readonly addressKeys: AddressKeys
  /** The first signs new links; the others are still accepted. */
  readonly unsubscribeSecrets: readonly string[]
}

interface ConfirmRoute {
  readonly Params: { readonly token: string }
}

/**
 * `/confirm/:token`, the link of a double opt-in. GET only asks: scanners and previews open every link of a mail, and a consent that a
 * machine gave would be none. POST gives it, and may be repeated.
 */
export function confirmRoutes(app: FastifyInstance, deps: ConfirmDeps): void {
  readForms(app)
  const links: LinkDeps = {
    database: deps.database,
    keys: deps.addressKeys,
    secrets: deps.unsubscribeSecrets,
    workspace: async () => (await deps.journeys.current())?.workspace,
  }
  const bySignedToken = openTo('a signed token that confirms one request and expires')
  app.get<ConfirmRoute>('/confirm/:token', bySignedToken, async (request, reply) =>
    answer(request, reply, await describeLink(links, request.params.token, deps.clock.now())),
  )
  app.post<ConfirmRoute>('/confirm/:token', bySignedToken, async (request, reply) => {
    const confirmation = { method: 'link', ...evidenceOf(request) } as const
    return answer(request, reply, await confirmByLink(links, request.params.token, confirmation, deps.clock.now()))
  })
}

function answer(request: FastifyRequest, reply: FastifyReply, state: LinkState): FastifyReply {
  const accepted = acceptedLanguage(request.headers['accept-language'])
  const language = 'language' in state ? state.language : (accepted ?? 'en')
  const words = WORDS[language]
  switch (state.kind) {
    case 'open': {
      const { brand, title } = state
      const paragraphs = [words.open(brand, title), words.leave]
      return sendPage(reply, 200, { title: words.openTitle, brand, language, paragraphs, confirm: words.button })
    }
    case 'confirmed': {
      const { brand, title } = state
      return sendPage(reply, 200, { title: words.doneTitle, brand, language, paragraphs: [words.done(brand, title)] })
    }
    case 'expired':
      return sendPage(reply, 410, { title: words.expiredTitle, language, paragraphs: [words.expired] })
    case 'withdrawn':
      return sendPage(reply, 410, { title: words.withdrawnTitle, language, paragraphs: [words.withdrawn] })
    case 'unknown':
      return sendPage(reply, 404, { title: words.unknownTitle, language, paragraphs: [words.unknown] })
    default:
      return state satisfies never
  }
}

interface Words {
  readonly openTitle: string
  readonly open: (brand: string, title: string) => string
  readonly leave: string
  readonly button: string
  readonly doneTitle: string
  readonly done: (brand: string, title: string) => string
  readonly expiredTitle: string
  readonly expired: string
  readonly withdrawnTitle: string
  readonly withdrawn: string
  readonly unknownTitle: string
  readonly unknown: string
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    openTitle: 'One last step',
    open: (brand, title) => `May ${brand} send you messages about: ${title}? They come only if you say so here.`,
    leave: 'If you did not ask for this, close the page: nothing will happen.',
    button: 'Yes, send them',
    doneTitle: 'You are signed up',
    done: (brand, title) =>
      `You will get messages from ${brand} about: ${title}. Each of them tells you how to stop them.`,
    expiredTitle: 'This link has expired',
    expired: 'You can get a new one: sign up again where you did it before, and we will send you another link.',
    withdrawnTitle: 'You have said no since',
    withdrawn:
      'This link came before your unsubscribing, so it cannot undo it. If you want the messages again, sign up anew.',
    unknownTitle: 'This link is not complete',
    unknown: 'It may have been cut off in your mail program. Open it from the email again, or sign up once more.',
  },
  es: {
    openTitle: 'Un último paso',
    open: (brand, title) => `¿Puede ${brand} enviarle mensajes sobre: ${title}? Solo llegan si lo confirma aquí.`,
    leave: 'Si usted no lo pidió, cierre la página: no pasará nada.',
    button: 'Sí, quiero recibirlos',
    doneTitle: 'Su suscripción está confirmada',
    done: (brand, title) => `Recibirá mensajes de ${brand} sobre: ${title}. Cada uno le dice cómo dejar de recibirlos.`,
    expiredTitle: 'Este enlace ha caducado',
    expired: 'Puede obtener otro: suscríbase de nuevo donde lo hizo antes y le enviaremos un enlace nuevo.',
    withdrawnTitle: 'Después dijo que no',
    withdrawn:
      'Este enlace es anterior a su baja y no puede deshacerla. Si quiere los mensajes otra vez, suscríbase de nuevo.',
    unknownTitle: 'Este enlace no está completo',
    unknown: 'Quizá se cortó en su programa de correo. Ábralo otra vez desde el mensaje o suscríbase de nuevo.',
  },
}
