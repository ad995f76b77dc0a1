import { randomUUID } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyInstance } from 'fastify'
import { createKeyRing } from '../administration/key-ring.ts'
import { adminRoutes } from './admin/admin.ts'
import type { AdminDeps } from './admin/login.ts'
import { confirmRoutes } from './confirm.ts'
import { consentRoutes, type ServerSideDeps } from './consents.ts'
import { type ContactDeps, contactRoutes } from './contacts.ts'
import { type Credentials, guardRoutes, presentedKey } from './credentials.ts'
import { answerBrokenRequests, answerErrors } from './errors.ts'
import { pageHeaders, strictHeaders } from './headers.ts'
import { explainRoutes } from './explain.ts'
import { healthRoutes } from './health.ts'
import { type InboundEmailDeps, inboundEmailRoutes } from './inbound-email.ts'
import { linkRoutes } from './links.ts'
import { loggerOptions, type LogTarget } from './log.ts'
import { type PreferenceDeps, preferenceRoutes } from './preferences.ts'
import { type SegmentDeps, segmentRoutes } from './segment.ts'
import { signUpRoutes, type SignUpPageDeps } from './sign-up.ts'
import { suppressionRoutes } from './suppressions.ts'
import { type UnsubscribeDeps, unsubscribeRoutes } from './unsubscribe.ts'
import { type WebhookDeps, webhookRoutes } from './webhooks.ts'

export interface ApiDeps
  extends
    SegmentDeps,
    ServerSideDeps,
    WebhookDeps,
    UnsubscribeDeps,
    PreferenceDeps,
    SignUpPageDeps,
    InboundEmailDeps,
    ContactDeps,
    AdminDeps {
  readonly credentials: Credentials
  /** Absent: nothing is logged. */
  readonly log?: LogTarget
  /** Requests per minute and key to `/v1`. Default 60,000. */
  readonly requestsPerMinute?: number
  /** Real epoch milliseconds: the life of keys and sessions does not follow an accelerated clock. Default: the machine's. */
  readonly realNow?: () => number
  /** Behind a proxy that sets X-Forwarded-For. Only rate limiting reads it; signatures use the public URL. */
  readonly trustProxy?: boolean
}

const REQUESTS_PER_MINUTE = 60_000
/** Real milliseconds for a whole request to arrive: a client that trickles bytes does not hold a connection. */
const REQUEST_TIMEOUT_MS = 30_000

/**
 * The HTTP API: one file per surface, each in a scope of its own, so that one's body parsers and headers are not another's.
 * It does not listen; more surfaces, such as the dashboard, may be registered before it does.
 */
export function createApi(deps: ApiDeps): FastifyInstance {
  const app = Fastify({
    logger: loggerOptions(deps.log),
    genReqId: () => randomUUID(),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // One proxy, ours: what it saw is the last entry. Those before it are whatever the client wrote.
    trustProxy: deps.trustProxy === true ? (_address: string, hop: number) => hop === 0 : false,
    ...answerBrokenRequests,
    forceCloseConnections: 'idle',
  })
  const realNow = deps.realNow ?? Date.now
  const keys = createKeyRing({ database: deps.database, environment: deps.credentials, realNow })
  guardRoutes(app, keys)
  answerErrors(app)
  strictHeaders(app, deps.publicUrl)
  healthRoutes(app, deps.database)

  void app.register(async (scope) => {
    await scope.register(rateLimit, {
      max: deps.requestsPerMinute ?? REQUESTS_PER_MINUTE,
      timeWindow: 60_000,
      // Whoever guesses keys is counted by address: one bucket per guess would be no limit.
      keyGenerator: async (request) => {
        const key = presentedKey(request)
        return (key === undefined ? undefined : await keys.find(key))?.id ?? request.ip
      },
    })
    void scope.register(async (segment) => segmentRoutes(segment, deps))
    consentRoutes(scope, deps)
    suppressionRoutes(scope, deps)
    contactRoutes(scope, deps)
    explainRoutes(scope, deps)
  })

  // Not rate limited: a carrier calls from few addresses, and each of its calls may be somebody's "no".
  void app.register(async (scope) => {
    pageHeaders(scope)
    linkRoutes(scope, deps)
    void scope.register(async (pages) => unsubscribeRoutes(pages, deps))
    void scope.register(async (pages) => confirmRoutes(pages, deps))
    void scope.register(async (pages) => preferenceRoutes(pages, deps))
    void scope.register(async (pages) => signUpRoutes(pages, deps))
    void scope.register(async (pages) => adminRoutes(pages, deps, keys, realNow))
    void scope.register(async (webhooks) => webhookRoutes(webhooks, deps))
    void scope.register(async (inbound) => inboundEmailRoutes(inbound, deps))
  })
  return app
}
