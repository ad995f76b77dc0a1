import type { FastifyInstance, FastifyRequest } from 'fastify'

const MAX_FORM_BYTES = 64 * 1024

/** Lets a scope read the forms of our own pages, and no other bodies. */
export function readForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(typeof body === 'string' ? body : body.toString('utf8'))),
  )
}

/** The fields of a form; none, if there was no form. */
export function formFields(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
}

const USER_AGENT_MAX = 512

/** Kept with a consent, as compliance.md asks; never logged. */
export function evidenceOf(request: FastifyRequest): Readonly<Record<string, string>> {
  const userAgent = request.headers['user-agent']?.slice(0, USER_AGENT_MAX)
  return { ip: request.ip, ...(userAgent === undefined ? {} : { userAgent }) }
}
