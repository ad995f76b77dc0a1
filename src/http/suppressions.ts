import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'
import { type AddressKeys, normalizeAddress } from '../consent/address.ts'
import { suppress, SUPPRESSION_REASONS, type SuppressionReason } from '../consent/suppression.ts'
import type { Channel } from '../core/compiled-journey.ts'
import { readInstant } from '../ingestion/instant.ts'
import { describeFindings, readItems } from './body-items.ts'
import type { ServerSideDeps } from './consents.ts'
import { requireScope } from './credentials.ts'
import { type BodyFinding, sendProblem } from './problem.ts'

interface SuppressionItem {
  readonly channel: Channel
  readonly address: string
  readonly reason?: SuppressionReason
  readonly at?: string
}

const validate = new Ajv({ allErrors: true }).compile<SuppressionItem>({
  type: 'object',
  additionalProperties: false,
  required: ['channel', 'address'],
  properties: {
    channel: { type: 'string', enum: ['email', 'sms'] },
    address: { type: 'string', minLength: 1, maxLength: 320 },
    // Soft bounces are counted here, not told.
    reason: { type: 'string', enum: SUPPRESSION_REASONS.filter((reason) => reason !== 'soft_bounce') },
    at: { type: 'string', minLength: 1, maxLength: 64 },
  },
})

/**
 * `POST /v1/suppressions`: addresses that must not be contacted, one item or a list. Server key only. Whoever suppresses need not
 * know a contact: the block holds for the address, also for people who come later.
 */
export function suppressionRoutes(
  app: FastifyInstance,
  deps: ServerSideDeps & { readonly addressKeys: AddressKeys },
): void {
  const expected = 'suppressions need a server key, never a write key: Authorization: Bearer <server key>'
  app.post('/v1/suppressions', requireScope('server', expected), async (request, reply) => {
    const now = deps.clock.now()
    const read = readItems(request.body, validate)
    const errors = read.kind === 'invalid' ? read.errors : findings(read.items, now)
    if (read.kind === 'invalid' || errors.length > 0) {
      return sendProblem(reply, 'invalid_body', describeFindings(errors), errors)
    }
    await deps.database.transaction(async (statements) => {
      for (const item of read.items) {
        await suppress(statements, {
          keys: deps.addressKeys,
          channel: item.channel,
          address: item.address,
          reason: item.reason ?? 'manual',
          source: 'api',
          at: readInstant(item.at) ?? now,
        })
      }
    })
    return reply.send({ recorded: read.items.length })
  })
}

function findings(items: readonly SuppressionItem[], now: number): readonly BodyFinding[] {
  return items.flatMap((item, index) => {
    const found: BodyFinding[] = []
    if (normalizeAddress(item.channel, item.address) === undefined) {
      const expected = item.channel === 'email' ? 'an email address' : 'a phone number with its country code'
      found.push({ index, pointer: '/address', detail: `must be ${expected}` })
    }
    const at = item.at === undefined ? now : readInstant(item.at)
    if (at === undefined) found.push({ index, pointer: '/at', detail: 'must be RFC 3339 with a zone' })
    else if (at > now) found.push({ index, pointer: '/at', detail: 'must not be in the future' })
    return found
  })
}
