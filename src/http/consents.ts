import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { AddressKeys } from '../consent/address.ts'
import { recordConsent } from '../consent/ledger.ts'
import type { Clock } from '../core/clock.ts'
import type { Database, Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { lockContact } from '../ingestion/contacts.ts'
import type { DeployedJourneys } from '../ingestion/deployed-journeys.ts'
import { contactsAt } from '../ingestion/feedback-effects.ts'
import { endForbiddenRuns } from '../ingestion/forbidden-runs.ts'
import { readInstant } from '../ingestion/instant.ts'
import type { Asked } from '../ingestion/opt-in-request.ts'
import { takeConsent } from '../ingestion/opt-in.ts'
import { describeFindings, readItems } from './body-items.ts'
import { consentFindings, type ConsentItem, validateConsentItem } from './consent-items.ts'
import { requireScope } from './credentials.ts'
import { sendProblem } from './problem.ts'

export interface ServerSideDeps {
  readonly database: Database
  readonly journeys: DeployedJourneys
  readonly clock: Clock
}

export interface ConsentDeps extends ServerSideDeps {
  readonly addressKeys: AddressKeys
  readonly publicUrl: string
  /** The first signs confirmation links. */
  readonly unsubscribeSecrets: readonly string[]
  /** A message may have been written: the relay need not wait for its next look. */
  readonly ingest: { readonly onOutbox?: () => void }
}

/** What became of one item, in the order of the request. */
type ItemAnswer =
  | { readonly state: 'recorded' }
  /** It holds only after the person has confirmed it. */
  | { readonly state: 'requested'; readonly message: Asked['message'] }

/**
 * `POST /v1/consents`: what a person said about being contacted, one item or a list. Server key only: a browser's write key is
 * public, and anybody could opt anybody in with it. A list is recorded as a whole or not at all.
 */
export function consentRoutes(app: FastifyInstance, deps: ConsentDeps): void {
  const expected = 'consents need a server key, never a write key: Authorization: Bearer <server key>'
  app.post('/v1/consents', requireScope('server', expected), async (request, reply) => {
    const now = deps.clock.now()
    const read = readItems(request.body, validateConsentItem)
    const workspace = (await deps.journeys.current())?.workspace
    const errors = read.kind === 'invalid' ? read.errors : consentFindings(read.items, workspace, now)
    if (read.kind === 'invalid' || errors.length > 0) {
      return sendProblem(reply, 'invalid_body', describeFindings(errors), errors)
    }
    const items = await deps.database.transaction(async (statements) => {
      const answers: ItemAnswer[] = []
      for (const item of read.items) answers.push(await take(statements, deps, workspace, item, now))
      return answers
    })
    deps.ingest.onOutbox?.()
    const requested = items.filter(({ state }) => state === 'requested').length
    return reply.send({ recorded: items.length - requested, requested, items })
  })
}

async function take(
  statements: Statements,
  deps: ConsentDeps,
  workspace: CompiledWorkspace | undefined,
  item: ConsentItem,
  now: number,
): Promise<ItemAnswer> {
  const contact = await lockContact(statements, { userId: item.userId }, { id: randomUUID(), at: now })
  const contactId = contact.id
  const { channel, purpose, state } = item
  const said = {
    contactId,
    channel,
    purpose,
    source: item.source ?? 'api',
    proof: item.proof ?? {},
    at: readInstant(item.at) ?? now,
    recordedAt: now,
  } as const
  if (state === 'revoked') {
    // A "no" is that of the mailbox or the phone: whoever else is known by it is not written to either.
    const address = channel === 'email' ? contact.email : contact.phone
    const sharers = address === null ? [] : await contactsAt(statements, channel, address)
    const everybody = [...new Set([contactId, ...sharers])].toSorted()
    for (const id of everybody) await recordConsent(statements, { ...said, contactId: id, state })
    await endForbiddenRuns(statements, { keys: deps.addressKeys, workspace }, everybody, now)
    return { state: 'recorded' }
  }
  if (workspace === undefined) throw new Error('a grant was let through although nothing is deployed')
  const links = { publicUrl: deps.publicUrl, secrets: deps.unsubscribeSecrets }
  const taken = await takeConsent(statements, { keys: deps.addressKeys, links }, workspace, {
    ...said,
    confirmed: item.proof?.confirmation !== undefined,
    anew: state === 'requested',
  })
  return taken.kind === 'granted' ? { state: 'recorded' } : { state: 'requested', message: taken.message }
}
