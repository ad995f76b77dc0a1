import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import { PAGE_STYLE_HASH } from './pages/style.ts'

/** For answers that are no pages. */
export const NOTHING = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
const PAGE = `default-src 'none'; style-src ${PAGE_STYLE_HASH}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/**
 * The headers of every answer, errors included: nothing is loaded, framed, sniffed, told to other sites, or kept. A scope that shows
 * pages lets in what these need, and no more. OWASP Secure Headers.
 *
 * @param publicUrl Browsers are told to insist on https only where people come by https.
 */
export function strictHeaders(app: FastifyInstance, publicUrl: string): void {
  void app.register(helmet, {
    contentSecurityPolicy: false,
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: publicUrl.startsWith('https:') ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  })
  app.addHook('onRequest', async (_request, reply) => {
    // Explanations, exports and pages are about people; nothing that is said here is worth keeping.
    void reply.header('content-security-policy', NOTHING).header('cache-control', 'no-store')
  })
}

/** For a scope of pages: their own style and their own forms. No scripts. */
export function pageHeaders(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (_request, reply) => {
    void reply.header('content-security-policy', PAGE)
  })
}
