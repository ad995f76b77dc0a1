import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { recordAct } from '../../administration/audit-trail.ts'
import type { KeyRing, Principal } from '../../administration/key-ring.ts'
import type { AddressKeys } from '../../consent/address.ts'
import type { Clock } from '../../core/clock.ts'
import type { Database } from '../../core/database.ts'
import { formFields } from '../pages/form-body.ts'
import { errorSummary } from '../pages/form-parts.ts'
import { html } from '../pages/html.ts'
import { sendDocument } from '../pages/page.ts'
import { sendProblem } from '../problem.ts'
import { SESSION_MS, type Sealer, type Session } from './session.ts'

export interface AdminDeps {
  readonly database: Database
  readonly clock: Clock
  readonly addressKeys: AddressKeys
  /** Sessions are signed with keys derived from these. */
  readonly unsubscribeSecrets: readonly string[]
  readonly publicUrl: string
  /** Tries to log in per address of the internet and ten minutes. Default 10. */
  readonly loginsPerTenMinutes?: number
}

export interface LoginDeps extends AdminDeps {
  readonly keyRing: KeyRing
  readonly sealer: Sealer
  /** Real epoch milliseconds. */
  readonly realNow: () => number
  /** Whether people come by https, so that the cookie may insist on it. */
  readonly secure: boolean
}

/** Somebody with a session whose key is still an admin key. */
export interface LoggedIn {
  readonly principal: Principal
  readonly formToken: (action: string) => string
  readonly isFormToken: (given: string, action: string) => boolean
}

/** Sent with nothing but our own pages' requests. `__Host-` lets no other host or path set it (RFC 6265bis). */
const cookieName = (secure: boolean): string => (secure ? '__Host-segue-admin' : 'segue-admin')
const cookieOptions = (secure: boolean) => ({ httpOnly: true, sameSite: 'strict', path: '/', secure }) as const

/** Who is logged in, or undefined. A key that was revoked ends its sessions. */
export async function loggedIn(deps: LoginDeps, request: FastifyRequest): Promise<LoggedIn | undefined> {
  const cookie = request.cookies[cookieName(deps.secure)]
  const session = cookie === undefined ? undefined : deps.sealer.open(cookie, deps.realNow())
  const principal = session === undefined ? undefined : await deps.keyRing.findById(session.keyId)
  if (session === undefined || principal?.scope !== 'admin') return undefined
  return {
    principal,
    formToken: (action) => deps.sealer.formToken(session, action),
    isFormToken: (given, action) => deps.sealer.isFormToken(given, session, action),
  }
}

/** Whether a browser says that another site sent this. Cookies are not sent then; this also keeps others from logging somebody in. */
export function isFromElsewhere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  return site === 'cross-site' || site === 'same-site'
}

export function showLogin(reply: FastifyReply, wrong?: string, status = 200): FastifyReply {
  const mistake = wrong !== undefined && errorSummary('You are not logged in', [{ field: 'key', words: wrong }])
  return sendDocument(reply, status, {
    title: wrong === undefined ? 'Log in' : 'Not logged in',
    heading: 'Log in',
    brand: 'Segue administration',
    body: html`${mistake}
      <form method="post" action="login">
        <div class="field">
          <label for="key">Admin key</label>
          <input type="password" id="key" name="key" value="" autocomplete="current-password" required />
        </div>
        <div class="actions full"><button type="submit">Log in</button></div>
      </form>`,
  })
}

export async function takeLogin(deps: LoginDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (isFromElsewhere(request)) return sendProblem(reply, 'forged', 'another site sent this; log in on the page itself')
  const principal = await deps.keyRing.find((formFields(request).get('key') ?? '').trim())
  // Whether there is such a key, of whatever scope, is not said.
  if (principal?.scope !== 'admin') return showLogin(reply, 'This is no valid admin key.', 401)
  const now = deps.realNow()
  const session: Session = {
    keyId: principal.id,
    nonce: randomBytes(16).toString('base64url'),
    expiresAt: now + SESSION_MS,
  }
  await recordAct(deps.database, { actor: principal.name, act: 'admin.login', subject: principal.id, at: now })
  return reply
    .setCookie(cookieName(deps.secure), deps.sealer.seal(session), {
      ...cookieOptions(deps.secure),
      maxAge: SESSION_MS / 1_000,
    })
    .redirect('audit', 303)
}

export function logOut(deps: LoginDeps, reply: FastifyReply): FastifyReply {
  return reply.clearCookie(cookieName(deps.secure), cookieOptions(deps.secure)).redirect('login', 303)
}
