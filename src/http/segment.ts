import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ingest, type IngestDeps, type IngestResult } from '../ingestion/ingest.ts'
import { keepRejection } from '../ingestion/rejections.ts'
import { CALL_KINDS, type CallKind, readSegmentCall } from '../ingestion/segment-call.ts'
import type { Clock } from '../core/clock.ts'
import { openTo, requireScope } from './credentials.ts'
import { inflateBodies } from './gzip.ts'
import { sendProblem } from './problem.ts'

export interface SegmentDeps {
  readonly ingest: IngestDeps
  readonly clock: Clock
  /** Segment's limit is 500 KB; RudderStack's clients send up to 4 MB. */
  readonly maxBatchBytes?: number
}

const MAX_BATCH_BYTES = 500 * 1024
const MAX_BATCH_CALLS = 2500
const EVENTS = requireScope(
  'write',
  'send a write key: Authorization: Basic base64(writeKey + ":"), or writeKey in the body',
  {
    inBody: true,
  },
)

/**
 * The Segment HTTP API (segment.com/docs/connections/sources/catalog/libraries/server/http-api), so that its clients and
 * RudderStack's work unchanged.
 *
 * As Segment does, it answers 200 to calls that it cannot use: a client that gets another 4xx drops the whole batch. Such a
 * call is kept as a rejection, and the answer lists it. A body that is no call at all is a 4xx.
 */
export function segmentRoutes(app: FastifyInstance, deps: SegmentDeps): void {
  inflateBodies(app)
  // sendBeacon cannot send application/json across origins without asking first, so browsers' clients send text.
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('access-control-allow-origin', '*')
  })
  app.options('/v1/:call', openTo('a browser asks whether it may ask; nothing is read or written'), (_request, reply) =>
    reply
      .code(204)
      .header('access-control-allow-methods', 'POST')
      .header('access-control-allow-headers', 'authorization, content-type')
      .header('access-control-max-age', '86400')
      .send(),
  )
  const bodyLimit = deps.maxBatchBytes ?? MAX_BATCH_BYTES
  for (const kind of CALL_KINDS) {
    // Browsers' and phones' clients use the first letter alone.
    for (const path of [`/v1/${kind}`, `/v1/${kind.charAt(0)}`]) {
      app.post(path, { bodyLimit, ...EVENTS }, (request, reply) => takeOne(deps, kind, request, reply))
    }
  }
  for (const path of ['/v1/batch', '/v1/b', '/v1/import']) {
    app.post(path, { bodyLimit, ...EVENTS }, (request, reply) => takeBatch(deps, request, reply))
  }
}

async function takeOne(
  deps: SegmentDeps,
  kind: CallKind,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const read = readSegmentCall(request.body, { kind, newMessageId: randomUUID })
  if (read.kind === 'malformed') {
    return sendProblem(reply, read.reason === 'too_large' ? 'too_large' : 'invalid_body', read.detail)
  }
  const results = await ingest(deps.ingest, [read.call], deps.clock.now())
  return answer(
    reply,
    results.map((result) => ({ index: 0, result })),
  )
}

async function takeBatch(deps: SegmentDeps, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const batch = member(request.body, 'batch')
  if (!Array.isArray(batch)) {
    return sendProblem(reply, 'invalid_body', 'batch, a list of calls, is required: {"batch": [{"type": "track", …}]}')
  }
  if (batch.length > MAX_BATCH_CALLS) {
    return sendProblem(reply, 'too_large', `the batch has ${batch.length} calls; send at most ${MAX_BATCH_CALLS}`)
  }
  const sentAt = member(request.body, 'sentAt')
  const receivedAt = deps.clock.now()
  const answered: Answered[] = []
  for (const [index, item] of batch.entries()) {
    const read = readSegmentCall(item, { sentAt, newMessageId: randomUUID })
    if (read.kind === 'malformed') {
      const { reason, detail, raw } = read
      await keepRejection(deps.ingest.database, { source: 'api', reason, detail, payload: raw, receivedAt })
      answered.push({ index, result: { kind: 'rejected', messageId: '', reason, detail } })
    } else {
      const results = await ingest(deps.ingest, [read.call], receivedAt)
      for (const result of results) answered.push({ index, result })
    }
  }
  return answer(reply, answered)
}

interface Answered {
  readonly index: number
  readonly result: IngestResult
}

/** Clients read `success` alone; whoever looks at the answer while setting up sees what was not taken, and why. */
function answer(reply: FastifyReply, answered: readonly Answered[]): FastifyReply {
  const rejected = answered.flatMap(({ index, result }) =>
    result.kind === 'rejected' ? [{ index, reason: result.reason, detail: result.detail }] : [],
  )
  return reply.send({ success: true, ...(rejected.length > 0 && { rejected }) })
}

function member(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
}
