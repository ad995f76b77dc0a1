import type { FastifyReply } from 'fastify'

/** Every error that the API can answer, in one table: code, status, title. Codes are never renamed. */
export const PROBLEMS = {
  invalid_json: { status: 400, title: 'The body is not JSON' },
  invalid_body: { status: 400, title: 'The body is not what this endpoint takes' },
  unauthorized: { status: 401, title: 'No valid key' },
  forged: { status: 403, title: 'The signature is not valid' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'Not with this method' },
  too_large: { status: 413, title: 'The body is too large' },
  media_type: { status: 415, title: 'This content type is not supported' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something failed on our side' },
  store_unavailable: { status: 503, title: 'The store cannot be reached' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>
export type ProblemCode = keyof typeof PROBLEMS

/** One thing that is wrong in the body. */
export interface BodyFinding {
  /** Of the item, when the body is a list. */
  readonly index?: number
  /** JSON pointer (RFC 6901) from the item. */
  readonly pointer: string
  readonly detail: string
}

/**
 * Answers with an RFC 9457 problem. `detail` names the place, what was expected and how to mend it; it never quotes values,
 * which may be personal, and never carries a stack.
 */
export function sendProblem(
  reply: FastifyReply,
  code: ProblemCode,
  detail: string,
  errors: readonly BodyFinding[] = [],
): FastifyReply {
  return reply
    .code(PROBLEMS[code].status)
    .type('application/problem+json')
    .send({ ...problemOf(code, detail, reply.request.id), ...(errors.length > 0 && { errors }) })
}

/** The document of a problem. `id` is the request's, under which it is logged. */
export function problemOf(code: ProblemCode, detail: string, id: string): Readonly<Record<string, unknown>> {
  const { status, title } = PROBLEMS[code]
  return { type: 'about:blank', title, status, code, detail, instance: `urn:uuid:${id}` }
}
