import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { mayDo, type Scope } from '../administration/api-key.ts'
import type { KeyRing, Principal } from '../administration/key-ring.ts'
import { sendProblem } from './problem.ts'

/** Keys of the environment. Others are made with `segue keys`. */
export interface Credentials {
  readonly writeKeys: readonly string[]
  readonly serverKeys: readonly string[]
}

/** How a route knows whom it answers. Every route says it; one that does not cannot be registered. */
export type Access =
  | {
      readonly kind: 'key'
      readonly scope: Scope
      /** Said to whoever comes without one. */
      readonly expected: string
      /** The body may carry it as `writeKey`, as Segment's browser clients do. */
      readonly inBody: boolean
    }
  /** Everybody, or whoever a token or signature of the route's own lets in. */
  | { readonly kind: 'open'; readonly because: string }
  /** Whoever is logged in to the admin pages. */
  | { readonly kind: 'login' }

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyInstance {
    /** Every route, and how it knows whom it answers. */
    doors: { readonly method: string; readonly path: string; readonly access: Access }[]
  }
  interface FastifyRequest {
    /** Whose key opened the route. Null on open routes. */
    principal: Principal | null
  }
}

interface RouteAccess {
  readonly config: FastifyContextConfig
}

/**
 * Options of a route that needs a key: `app.post(path, requireScope('server', '…'), handler)`. Write keys send events; read keys see
 * explanations and figures; server keys do both and speak for people; admin keys do everything.
 *
 * @param expected Says what to send instead: no values, no keys.
 */
export function requireScope(
  scope: Scope,
  expected = `send ${ARTICLE[scope]} ${scope} key: Authorization: Bearer <${scope} key>`,
  options: { readonly inBody?: boolean } = {},
): RouteAccess {
  return { config: { access: { kind: 'key', scope, expected, inBody: options.inBody ?? false } } }
}

const ARTICLE: Readonly<Record<Scope, string>> = { write: 'a', read: 'a', server: 'a', admin: 'an' }

/** Options of a route that asks for no key, with the reason why none is needed. */
export function openTo(because: string): RouteAccess {
  return { config: { access: { kind: 'open', because } } }
}

/** Puts the check of its key before every route that is registered from now on, in whatever scope. */
export function guardRoutes(app: FastifyInstance, keys: KeyRing): void {
  app.decorate('doors', [])
  app.decorateRequest('principal', null)
  app.addHook('onRoute', (route) => {
    const access = route.config?.access
    if (access !== undefined) app.doors.push({ method: String(route.method), path: route.url, access })
    if (access === undefined) {
      throw new Error(
        `${String(route.method)} ${route.url} says nobody who may call it: requireScope, or openTo(reason)`,
      )
    }
    if (access.kind !== 'key') return
    const check: Check = async (request, reply) => {
      const key = presentedKey(request) ?? (access.inBody ? keyInBody(request.body) : undefined)
      const principal = key === undefined ? undefined : await keys.find(key)
      // Awaiting the reply is waiting until it is out: only then Fastify knows that the handler must not run.
      if (principal === undefined || !mayDo(principal.scope, access.scope)) await refuseKey(reply, access.expected)
      else request.principal = principal
    }
    // Before the body is read, so that nobody without a key makes us read one; but behind rate limits, which are hooks of onRequest.
    before(route, access.inBody ? 'preHandler' : 'preParsing', check)
  })
}

type Check = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

function before(route: RouteOptions, hook: 'preParsing' | 'preHandler', check: Check): void {
  if (hook === 'preParsing') route.preParsing = [check, ...[route.preParsing ?? []].flat()]
  else route.preHandler = [check, ...[route.preHandler ?? []].flat()]
}

/** Who asked, for the audit trail. */
export function actorOf(request: FastifyRequest): string {
  return request.principal?.name ?? 'nobody'
}

/** The key of a request: Basic with the key as user name and no password (as Segment does), or Bearer. */
export function presentedKey(request: FastifyRequest): string | undefined {
  const [scheme, value] = (request.headers.authorization ?? '').split(' ')
  if (value === undefined || value === '') return undefined
  switch ((scheme ?? '').toLowerCase()) {
    case 'bearer':
      return value
    case 'basic':
      return Buffer.from(value, 'base64').toString('utf8').split(':')[0]
    default:
      return undefined
  }
}

function keyInBody(body: unknown): string | undefined {
  const key: unknown =
    typeof body === 'object' && body !== null && Object.hasOwn(body, 'writeKey') ? Reflect.get(body, 'writeKey') : ''
  return typeof key === 'string' && key !== '' ? key : undefined
}

function refuseKey(reply: FastifyReply, expected: string): FastifyReply {
  void reply.header('www-authenticate', 'Basic realm="segue", charset="UTF-8"')
  return sendProblem(reply, 'unauthorized', expected)
}
