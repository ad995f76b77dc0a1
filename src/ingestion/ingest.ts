import { randomUUID } from 'node:crypto'
import type { Database, Statements } from '../core/database.ts'
import { contactFacts, lockContact } from './contacts.ts'
import type { Deployed, DeployedJourneys } from './deployed-journeys.ts'
import { enterJourney } from './entries.ts'
import { eventTime } from './event-time.ts'
import { insertEvent, isKnownMessage, type StoredEvent } from './events.ts'
import { changeProfile, noteDevice, readProfile } from './profile.ts'
import { keepRejection, type RejectionReason } from './rejections.ts'
import { endMatchingRuns } from './run-endings.ts'
import type { IngestCall } from './segment-call.ts'

export interface IngestDeps {
  readonly database: Database
  readonly journeys: DeployedJourneys
  /** Ids of new contacts and runs: random, so that they say nothing about the person. */
  readonly newId?: () => string
  /** Infinite under a development clock. Default: 30 days. */
  readonly maxSkewMs?: number
  /** Something was written to the outbox: the relay need not wait for its next look. */
  readonly onOutbox?: () => void
}

export type IngestResult =
  | { readonly kind: 'accepted'; readonly messageId: string; readonly entered: readonly string[] }
  | { readonly kind: 'duplicate'; readonly messageId: string }
  | {
      readonly kind: 'rejected'
      readonly messageId: string
      readonly reason: RejectionReason
      readonly detail: string
    }

/**
 * Takes calls in order, each in one transaction: the event, the change of the profile, the runs that it ends and begins, and
 * what the engine must be told are committed together or not at all. What is not taken is kept with its reason.
 *
 * Known message ids change nothing, so a client may repeat a batch of which it does not know what became of it.
 * Throws {@link DatabaseUnavailable}; what was committed by then is recognised when the batch comes again.
 */
export async function ingest(
  deps: IngestDeps,
  calls: readonly IngestCall[],
  receivedAt: number,
): Promise<readonly IngestResult[]> {
  const results: IngestResult[] = []
  for (const call of calls) {
    const deployed = await deps.journeys.current()
    const taken = await deps.database.transaction((statements) =>
      takeCall(deps, statements, deployed, call, receivedAt),
    )
    if (taken.told > 0) deps.onOutbox?.()
    results.push(taken.result)
  }
  return results
}

interface Taken {
  readonly result: IngestResult
  /** Entries written to the outbox. */
  readonly told: number
}

async function takeCall(
  deps: IngestDeps,
  statements: Statements,
  deployed: Deployed | undefined,
  call: IngestCall,
  receivedAt: number,
): Promise<Taken> {
  const { messageId } = call
  const duplicate: Taken = { result: { kind: 'duplicate', messageId }, told: 0 }
  // Before anything is judged: a retry carries another sentAt, and may come after a schema was changed.
  if (await isKnownMessage(statements, messageId)) return duplicate

  const time = eventTime(call, receivedAt, deps.maxSkewMs)
  const refusal =
    time.kind === 'absurd' ? { reason: 'clock_skew' as const, detail: time.detail } : whyRefused(call, deployed)
  if (refusal !== undefined || time.kind === 'absurd' || deployed === undefined) {
    const { reason, detail } = refusal ?? NOTHING_DEPLOYED
    await keepRejection(statements, { source: 'api', reason, detail, payload: call.raw, receivedAt })
    return { result: { kind: 'rejected', messageId, reason, detail }, told: 0 }
  }

  const newId = deps.newId ?? randomUUID
  const known = await lockContact(statements, call, { id: newId(), at: receivedAt })
  const event: StoredEvent = {
    messageId,
    name: call.event ?? call.kind,
    // The profile is the record of traits; a second copy would only be one more place to erase.
    properties: call.kind === 'identify' ? {} : call.properties,
    at: time.at,
  }
  if (!(await insertEvent(statements, { ...event, kind: call.kind, contactId: known.id, receivedAt }))) return duplicate
  const contact = await noteDevice(statements, known, call.deviceTimezone, receivedAt)

  if (call.kind === 'identify') {
    const change = readProfile(call.properties, deployed.schemas)
    await changeProfile(statements, contact, change, receivedAt)
    for (const detail of change.left) {
      await keepRejection(statements, { source: 'api', reason: 'bad_trait', detail, payload: call.raw, receivedAt })
    }
    return { result: { kind: 'accepted', messageId, entered: [] }, told: 0 }
  }
  if (call.kind !== 'track') return { result: { kind: 'accepted', messageId, entered: [] }, told: 0 }

  const who = { contactId: contact.id, facts: contactFacts(contact) }
  // Endings first: an event that is one run's goal and another's trigger must not end the run that it begins.
  const ended = await endMatchingRuns(statements, deps.journeys, who, event, receivedAt)
  const entered: string[] = []
  for (const candidate of deployed.journeys) {
    const outcome = await enterJourney(statements, candidate, who, event, receivedAt, newId)
    if (outcome.kind === 'entered') entered.push(outcome.enrollment)
    if (outcome.kind === 'no_key') {
      const { detail } = outcome
      await keepRejection(statements, { source: 'api', reason: 'no_key', detail, payload: call.raw, receivedAt })
    }
  }
  return { result: { kind: 'accepted', messageId, entered }, told: ended + entered.length }
}

const NOTHING_DEPLOYED: { readonly reason: RejectionReason; readonly detail: string } = {
  reason: 'unknown_event',
  detail: 'nothing is deployed yet, so no event has a schema: run `segue deploy` first',
}

function whyRefused(
  call: IngestCall,
  deployed: Deployed | undefined,
): { readonly reason: RejectionReason; readonly detail: string } | undefined {
  if (deployed === undefined) return NOTHING_DEPLOYED
  switch (call.kind) {
    case 'track': {
      const finding = deployed.schemas.checkEvent(call.event ?? '', call.properties)
      return finding.kind === 'valid' ? undefined : { reason: finding.kind, detail: finding.detail }
    }
    case 'group':
    case 'alias':
      return { reason: 'unsupported', detail: `${call.kind} calls are not supported; use identify with both ids` }
    case 'identify':
    case 'page':
    case 'screen':
      return undefined
    default:
      return call.kind satisfies never
  }
}
