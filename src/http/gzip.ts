import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyInstance, RequestPayload } from 'fastify'

/** Inflates gzip bodies before they are parsed. The body limit counts inflated bytes, so a small bomb stays small. */
export function inflateBodies(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, _reply, payload): Promise<RequestPayload> => {
    if (request.headers['content-encoding'] !== 'gzip') return payload
    const inflated: ReturnType<typeof createGunzip> & RequestPayload = createGunzip()
    // Fastify compares it with Content-Length, which counts bytes as they were sent.
    inflated.receivedEncodedLength = 0
    payload.on('data', (chunk: Buffer) => {
      inflated.receivedEncodedLength = (inflated.receivedEncodedLength ?? 0) + chunk.length
    })
    // Errors of either stream reach the parser through the second one, and become a 400.
    pipeline(payload, inflated, () => undefined)
    return inflated
  })
}
