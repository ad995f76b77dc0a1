import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DatabaseUnavailable } from '../core/database.ts'
import { type ProblemCode, sendProblem } from './problem.ts'

/** Seconds after which a client may come again when the store is down. */
const RETRY_AFTER_SECONDS = 5

/** What Fastify and its plugins throw, and what we say about it. */
const KNOWN: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_json', 'the body could not be parsed; send one JSON value in UTF-8'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_json', 'the body is empty; send one JSON value in UTF-8'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_body', 'the body is not as long as its Content-Length says'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'the body is over the limit of this endpoint; send it in smaller parts'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media_type', 'send Content-Type: application/json'],
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

  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 'not_found', `no endpoint answers ${request.method} here; see the list in the documentation`),
  )
}
