import cookie from '@fastify/cookie'
import rateLimit from '@fastify/rate-limit'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { KeyRing } from '../../administration/key-ring.ts'
import { openTo } from '../credentials.ts'
import { formFields, readForms } from '../pages/form-body.ts'
import { sendPage } from '../pages/page.ts'
import { sendProblem } from '../problem.ts'
import type { AdminPage } from './layout.ts'
import {
  type AdminDeps,
  isFromElsewhere,
  type LoggedIn,
  loggedIn,
  type LoginDeps,
  logOut,
  showLogin,
  takeLogin,
} from './login.ts'
import { showAudit, showKeys, showProofForm, showRejections, showReplies, showSwitches } from './pages.ts'
import { closeOpenReply, revoke, showProof, turnSwitch } from './acts.ts'
import { createSealer } from './session.ts'

const LOGINS = 10
const TEN_MINUTES_MS = 600_000

type Show = (deps: LoginDeps, me: LoggedIn, reply: FastifyReply) => Promise<FastifyReply>
type Act = (deps: LoginDeps, me: LoggedIn, fields: URLSearchParams, reply: FastifyReply) => Promise<FastifyReply>

const SHOW: Readonly<Record<AdminPage, Show>> = {
  audit: showAudit,
  switches: showSwitches,
  keys: showKeys,
  replies: showReplies,
  rejections: showRejections,
  proof: showProofForm,
}
/** Each is one transaction with its row in the audit trail. */
const ACTS: Readonly<Partial<Record<AdminPage, Act>>> = {
  switches: turnSwitch,
  keys: revoke,
  replies: closeOpenReply,
  proof: showProof,
}

/**
 * `/admin`: a few pages for operators, behind a login with an admin key. Server-rendered, without scripts. GET changes nothing; every
 * form carries a token of its session and its action.
 */
export async function adminRoutes(
  app: FastifyInstance,
  deps: AdminDeps,
  keyRing: KeyRing,
  realNow: () => number,
): Promise<void> {
  readForms(app)
  await app.register(cookie)
  await app.register(rateLimit, { global: false })
  const sealer = createSealer(deps.unsubscribeSecrets)
  const login: LoginDeps = { ...deps, keyRing, sealer, realNow, secure: !deps.publicUrl.startsWith('http:') }
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error.statusCode !== 429) throw error
    const paragraphs = ['Nobody can log in from your address for now. Come again in ten minutes.']
    return sendPage(reply, 429, { title: 'Too many tries', paragraphs })
  })

  const atTheDoor = openTo(
    'the login page: it asks for an admin key in the form, and is limited per address of the internet',
  )
  app.get('/admin/login', atTheDoor, (_request, reply) => showLogin(reply))
  app.post(
    '/admin/login',
    {
      config: {
        ...atTheDoor.config,
        rateLimit: { max: deps.loginsPerTenMinutes ?? LOGINS, timeWindow: TEN_MINUTES_MS },
      },
    },
    (request, reply) => takeLogin(login, request, reply),
  )

  const behindLogin = { config: { access: { kind: 'login' } } } as const
  app.get('/admin', behindLogin, (_request, reply) => reply.redirect('admin/audit', 303))
  for (const [page, show] of Object.entries(SHOW)) {
    app.get(`/admin/${page}`, behindLogin, async (request, reply) => {
      const me = await loggedIn(login, request)
      return me === undefined ? reply.redirect('login', 303) : show(login, me, reply)
    })
  }
  for (const [page, act] of Object.entries(ACTS)) {
    app.post(`/admin/${page}`, behindLogin, (request, reply) =>
      ours(request, reply, page, (me, fields) => act(login, me, fields, reply)),
    )
  }
  app.post('/admin/logout', behindLogin, (request, reply) =>
    ours(request, reply, 'logout', async () => logOut(login, reply)),
  )

  async function ours(
    request: FastifyRequest,
    reply: FastifyReply,
    action: string,
    work: (me: LoggedIn, fields: URLSearchParams) => Promise<FastifyReply>,
  ): Promise<FastifyReply> {
    const me = await loggedIn(login, request)
    if (me === undefined) return showLogin(reply, 'Your login has ended.', 401)
    const fields = formFields(request)
    if (isFromElsewhere(request) || !me.isFormToken(fields.get('form') ?? '', action)) {
      return sendProblem(reply, 'forged', 'this form is not one of your login; open the page again and repeat it')
    }
    return work(me, fields)
  }
}
