import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'
import { DatabaseUnavailable } from '../core/database.ts'
import { NOTHING } from './headers.ts'
import { problemOf, type ProblemCode, sendProblem } from './problem.ts'

/** Seconds after which a client may come again when the store is down. */
const RETRY_AFTER_SECONDS = 5

/** What Fastify and its plugins throw, and what we say about it. */
const KNOWN: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json', 'the body could not be parsed; send one JSON value in UTF-8'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'the body is empty; send one JSON value in UTF-8'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_body', 'the body is not as long as its Content-Length says'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'the body is over the limit of this endpoint; send it in smaller parts'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media_type', 'send Content-Type: application/json'],
  FST_INVALID_MULTIPART_CONTENT_TYPE: ['media_type', 'send Content-Type: multipart/form-data'],
  FST_REQ_FILE_TOO_LARGE: ['too_large', 'a part of the body is over the limit of this endpoint'],
}

/** One place where errors become answers. Infrastructure is worth retrying and says so; a bug says nothing but an id. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof DatabaseUnavailable) {
      // Nothing was taken, or it will be recognised when it comes again: the client keeps what it has.
      void reply.header('retry-after', RETRY_AFTER_SECONDS)
      return sendProblem(reply, 'store_unavailable', 'nothing was lost on our side; send the same request again')
    }
    const known = KNOWN[error.code]
    if (known !== undefined) return sendProblem(reply, known[0], known[1])
    if (error.statusCode === 429) {
      return sendProblem(reply, 'too_many_requests', 'wait for as long as Retry-After says, then send it again')
    }
    if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
      return sendProblem(reply, 'invalid_body', 'the request could not be read; check its body, encoding and headers')
    }
    request.log.error({ err: error }, 'request failed')
    return sendProblem(reply, 'internal', 'it was logged under this instance; the same request may be sent again')
  })

  const routes: { readonly method: string; readonly path: RegExp }[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const path = new RegExp(`^${url.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/:\w+/g, '[^/]+')}$`)
    for (const one of [method].flat()) routes.push({ method: one, path })
  })
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?')
    const methods = [...new Set(routes.filter((route) => route.path.test(path)).map(({ method }) => method))]
    if (methods.length === 0) {
      return sendProblem(reply, 'not_found', 'no endpoint has this address; see the list in the documentation')
    }
    // RFC 9110, section 15.5.6: such an answer names what is allowed.
    const allowed = methods.toSorted().join(', ')
    void reply.header('allow', allowed)
    return sendProblem(reply, 'method_not_allowed', `this endpoint answers ${allowed}, not ${request.method}`)
  })
}

const BARE_HEADERS = {
  'content-security-policy': NOTHING,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}
const UNREADABLE = 'the address could not be decoded; percent-encode it as UTF-8'

/** What is answered before there is a request that a handler could see: an address that is none, and bytes that are no HTTP. */
export const answerBrokenRequests: Pick<FastifyServerOptions, 'frameworkErrors' | 'clientErrorHandler'> = {
  frameworkErrors: (_error: FastifyError, _request: FastifyRequest, reply: FastifyReply) =>
    // No hook runs before this one.
    void sendProblem(reply.headers(BARE_HEADERS), 'invalid_body', UNREADABLE),
  clientErrorHandler(error: Error & { readonly code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) return
    const body = JSON.stringify(problemOf('invalid_body', 'this is not a request of HTTP/1.1', randomUUID()))
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${body}`,
    )
  },
}
