import { randomUUID } from 'node:crypto'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyInstance } from 'fastify'
import { consentRoutes, type ServerSideDeps } from './consents.ts'
import { isOneOf, presentedKey } from './credentials.ts'
import { answerErrors } from './errors.ts'
import { healthRoutes } from './health.ts'
import { linkRoutes } from './links.ts'
import { loggerOptions, type LogTarget } from './log.ts'
import { PAGE_STYLE_HASH } from './pages.ts'
import { type SegmentDeps, segmentRoutes } from './segment.ts'
import { suppressionRoutes } from './suppressions.ts'
import { type UnsubscribeDeps, unsubscribeRoutes } from './unsubscribe.ts'
import { type WebhookDeps, webhookRoutes } from './webhooks.ts'

export interface ApiDeps extends SegmentDeps, ServerSideDeps, WebhookDeps, UnsubscribeDeps {
  /** Absent: nothing is logged. */
  readonly log?: LogTarget
  /** Requests per minute and key to `/v1`. Default 60,000. */
  readonly requestsPerMinute?: number
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
    trustProxy: deps.trustProxy ?? false,
    forceCloseConnections: 'idle',
  })
  const { writeKeys, serverKeys } = deps.credentials
  answerErrors(app)
  healthRoutes(app, deps.database)

  void app.register(async (scope) => {
    await scope.register(helmet, {
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"] } },
    })
    await scope.register(rateLimit, {
      max: deps.requestsPerMinute ?? REQUESTS_PER_MINUTE,
      timeWindow: 60_000,
      // Whoever guesses keys is counted by address: one bucket per guess would be no limit.
      keyGenerator: (request) => {
        const key = presentedKey(request)
        return key !== undefined && isOneOf(key, [...writeKeys, ...serverKeys]) ? key : request.ip
      },
    })
    void scope.register(async (segment) => segmentRoutes(segment, deps))
    consentRoutes(scope, deps)
    suppressionRoutes(scope, deps)
  })

  // Not rate limited: a carrier calls from few addresses, and each of its calls may be somebody's "no".
  void app.register(async (scope) => {
    await scope.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          styleSrc: [PAGE_STYLE_HASH],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          baseUri: ["'none'"],
        },
      },
    })
    linkRoutes(scope, deps)
    void scope.register(async (pages) => unsubscribeRoutes(pages, deps))
    void scope.register(async (webhooks) => webhookRoutes(webhooks, deps))
  })
  return app
}
