import type { FastifyReply } from 'fastify'

/** One entry of the `errors` array that every SendGrid endpoint answers with. */
export interface SendgridError {
  readonly message: string
  readonly field: string | null
  readonly help: string | null
}

export const sendgridError = (message: string, field: string | null = null): SendgridError => ({
  message,
  field,
  help: field === null ? null : `http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html#message.${field}`,
})

const byStatus: Readonly<Record<number, string>> = {
  401: 'The provided authorization grant is invalid, expired, or revoked',
  403: 'access forbidden',
  404: 'Resource not found',
  429: 'too many requests',
  500: 'internal server error',
  503: 'service unavailable',
}

export const refuse = (reply: FastifyReply, status: number, errors?: readonly SendgridError[]): FastifyReply => {
  // The real service answers an oversized request from its edge, in HTML.
  if (status === 413) {
    return reply.code(413).type('text/html').send('<html><body><h1>413 Request Entity Too Large</h1></body></html>')
  }
  if (status === 429) {
    void reply.headers({ 'x-ratelimit-limit': '600', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' })
  }
  return reply.code(status).send({ errors: errors ?? [sendgridError(byStatus[status] ?? 'Bad Request')] })
}
