import type { FastifyInstance } from 'fastify'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import { openTo } from './credentials.ts'
import { sendPage } from './pages/page.ts'

/** What compose makes of a send and a number; whatever else is in the address is not looked up. */
const TOKEN = /^[\w-]{1,64}$/

/** Programs that open links before, or instead of, a person: mail scanners, previews, crawlers, command-line clients. */
const MACHINES =
  /bot\b|bot\/|crawl|spider|slurp|preview|scan|proofpoint|mimecast|barracuda|safelinks|trend ?micro|fortiguard|googleimageproxy|yahoomailproxy|facebookexternalhit|whatsapp|slack|telegram|skype|headless|curl\/|wget\/|python-|go-http-client|okhttp|java\/|axios\/|node-fetch|undici/i

/**
 * `GET /l/:token`: records the click and redirects to the target that was stored when the message was sent, and nowhere else:
 * an address in the request is never followed.
 */
export function linkRoutes(app: FastifyInstance, deps: { readonly database: Database; readonly clock: Clock }): void {
  app.route<{ Params: { token: string } }>({
    method: ['GET', 'HEAD'],
    url: '/l/:token',
    ...openTo('the link of a message: a token that cannot be guessed, and only a redirect'),
    handler: async (request, reply) => {
      const machine = request.method === 'HEAD' || isMachine(request.headers['user-agent'])
      const { token } = request.params
      const [target] = TOKEN.test(token) ? await follow(deps.database, token, machine, deps.clock.now()) : []
      void reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer')
      if (target !== undefined) return reply.redirect(target.url, 302)
      return sendPage(reply, 404, {
        title: 'This link leads nowhere',
        paragraphs: ['It may have been cut off in your message. Try to open it from the message again.'],
      })
    },
  })
}

/** The target of a link, with the click noted in the same statement. */
async function follow(
  database: Database,
  token: string,
  machine: boolean,
  at: number,
): Promise<readonly { readonly url: string }[]> {
  return database.query<{ url: string }>(
    `with target as (
       select token, url from link where token = $1
     ), noted as (
       insert into click (token, machine, at) select token, $2, $3 from target
     )
     select url from target`,
    [token, machine, at],
  )
}

/** A browser always names itself. */
export function isMachine(userAgent: string | undefined): boolean {
  return userAgent === undefined || userAgent.trim() === '' || MACHINES.test(userAgent)
}
