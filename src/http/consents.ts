import { randomUUID } from 'node:crypto'
import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'
import { EVERY_PURPOSE, recordConsent } from '../consent/ledger.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { lockContact } from '../ingestion/contacts.ts'
import type { DeployedJourneys } from '../ingestion/deployed-journeys.ts'
import { readInstant } from '../ingestion/instant.ts'
import { describeFindings, readItems } from './body-items.ts'
import { type Credentials, isOneOf, presentedKey, refuseKey } from './credentials.ts'
import { type BodyFinding, sendProblem } from './problem.ts'

interface ConsentItem {
  readonly userId: string
  readonly channel: Channel
  readonly purpose: string
  readonly state: 'granted' | 'revoked'
  readonly proof?: Readonly<Record<string, unknown>>
  readonly at?: string
}

const text = { type: 'string', minLength: 1, maxLength: 256 } as const
const validate = new Ajv({ allErrors: true }).compile<ConsentItem>({
  type: 'object',
  additionalProperties: false,
  required: ['userId', 'channel', 'purpose', 'state'],
  properties: {
    userId: text,
    channel: { type: 'string', enum: ['email', 'sms'] },
    purpose: text,
    state: { type: 'string', enum: ['granted', 'revoked'] },
    proof: { type: 'object' },
    at: text,
  },
})

export interface ServerSideDeps {
  readonly database: Database
  readonly journeys: DeployedJourneys
  readonly credentials: Credentials
  readonly clock: Clock
}

/**
 * `POST /v1/consents`: what a person said about being contacted, one item or a list. Server key only: a browser's write key is
 * public, and anybody could opt anybody in with it. A list is recorded as a whole or not at all.
 */
export function consentRoutes(app: FastifyInstance, deps: ServerSideDeps): void {
  app.post('/v1/consents', async (request, reply) => {
    if (!isOneOf(presentedKey(request), deps.credentials.serverKeys)) {
      return refuseKey(reply, 'consents need a server key, never a write key: Authorization: Bearer <server key>')
    }
    const now = deps.clock.now()
    const read = readItems(request.body, validate)
    const deployed = await deps.journeys.current()
    const errors = read.kind === 'invalid' ? read.errors : findings(read.items, deployed?.workspace, now)
    if (read.kind === 'invalid' || errors.length > 0) {
      return sendProblem(reply, 'invalid_body', describeFindings(errors), errors)
    }
    await deps.database.transaction(async (statements) => {
      for (const item of read.items) {
        const contact = await lockContact(statements, { userId: item.userId }, { id: randomUUID(), at: now })
        await recordConsent(statements, {
          contactId: contact.id,
          channel: item.channel,
          purpose: item.purpose,
          state: item.state,
          source: 'api',
          proof: item.proof ?? {},
          at: readInstant(item.at) ?? now,
          recordedAt: now,
        })
      }
    })
    return reply.send({ recorded: read.items.length })
  })
}

/** What the schema cannot say. A purpose that does not exist would be a consent to nothing, and nobody would notice. */
function findings(
  items: readonly ConsentItem[],
  workspace: CompiledWorkspace | undefined,
  now: number,
): readonly BodyFinding[] {
  return items.flatMap((item, index) => {
    const found: BodyFinding[] = []
    const purposes = Object.keys(workspace?.purposes ?? {})
    if (!purposes.includes(item.purpose) && !(item.purpose === EVERY_PURPOSE && item.state === 'revoked')) {
      found.push({
        index,
        pointer: '/purpose',
        detail: `must be one of the purposes of segue.yaml: ${purposes.join(', ')}`,
      })
    }
    // 47 CFR 64.1200(a)(7) and GDPR Art. 7(1): who relies on a consent has to be able to show it.
    if (item.state === 'granted' && Object.keys(item.proof ?? {}).length === 0) {
      found.push({ index, pointer: '/proof', detail: 'a grant needs its evidence, such as wording, version and page' })
    }
    const at = item.at === undefined ? now : readInstant(item.at)
    if (at === undefined) found.push({ index, pointer: '/at', detail: 'must be RFC 3339 with a zone' })
    else if (at > now) found.push({ index, pointer: '/at', detail: 'must not be in the future' })
    return found
  })
}
