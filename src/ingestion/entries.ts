import type { CompiledJourney, Reentry } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { evaluateKey } from '../conditions/evaluate.ts'
import { assignAtEntry } from './assignments.ts'
import type { DeployedJourney } from './deployed-journeys.ts'
import { insertRun, lastEntry, type RunEnd } from './enrollments.ts'
import { eventsSince, type StoredEvent } from './events.ts'
import { matchesEvent } from './matching.ts'
import { writeOutbox } from '../engine/outbox.ts'
import { endingOf } from './run-endings.ts'

export type EntryOutcome =
  | { readonly kind: 'entered'; readonly enrollment: string }
  /** Written down as over: its goal or exit had happened before the trigger arrived. Nothing is started. */
  | { readonly kind: 'already_over'; readonly enrollment: string }
  | { readonly kind: 'not_matched' }
  | { readonly kind: 'not_again' }
  | { readonly kind: 'no_key'; readonly detail: string }

const MAX_KEY = 256

/** Enters one contact into one journey, if the event is its trigger and the journey lets this contact and key in. */
export async function enterJourney(
  statements: Statements,
  { journey, version }: DeployedJourney,
  who: { readonly contactId: string; readonly facts: Readonly<Record<string, unknown>> },
  event: StoredEvent,
  receivedAt: number,
  newId: () => string,
): Promise<EntryOutcome> {
  const context = { contact: who.facts, trigger: event.properties, now: receivedAt }
  if (journey.enter.kind !== 'event' || !matchesEvent(journey.enter, event, context)) return { kind: 'not_matched' }

  const key = keyOf(journey, event, who.facts, receivedAt)
  if (key === undefined) {
    return { kind: 'no_key', detail: `${journey.id}: enter.key has no value in this event, or one of over ${MAX_KEY}` }
  }
  const last = await lastEntry(statements, journey.id, who.contactId, key)
  if (last !== undefined && (last.alive || !mayReenter(journey.enter.reentry, last.enteredAt, event.at))) {
    return { kind: 'not_again' }
  }

  const { heldOut } = await assignAtEntry(statements, journey, who.contactId, event.at)
  const over = await whatEndedIt(statements, journey, who, event, receivedAt)
  const enrollment = newId()
  const inserted = await insertRun(statements, {
    id: enrollment,
    journey: journey.id,
    version,
    contactId: who.contactId,
    key,
    trigger: event.properties,
    triggerMessageId: event.messageId,
    heldOut,
    // A late event is late: its run counts from when it happened, and the gate refuses what is overdue by then.
    enteredAt: event.at,
    ...(over !== undefined && { over }),
  })
  if (!inserted) return { kind: 'not_again' }
  if (over !== undefined) return { kind: 'already_over', enrollment }
  await writeOutbox(statements, enrollment, { kind: 'start' }, receivedAt)
  return { kind: 'entered', enrollment }
}

/** Counted between the two events as they happened, in whatever order they arrive. */
function mayReenter(reentry: Reentry, lastEnteredAt: number, at: number): boolean {
  switch (reentry.kind) {
    case 'never':
      return false
    case 'after':
      return at - lastEnteredAt >= reentry.ms
    case 'restart':
      return true
    default:
      return reentry satisfies never
  }
}

function keyOf(
  journey: CompiledJourney,
  event: StoredEvent,
  contact: Readonly<Record<string, unknown>>,
  now: number,
): string | undefined {
  if (journey.enter.key === undefined) return ''
  const facts = { contact, trigger: event.properties, event: event.properties, steps: {}, now }
  const key = evaluateKey(journey.enter.key, facts)
  return key === undefined || key.length > MAX_KEY ? undefined : key
}

/** Events overtake each other on their way: the order may be here before the abandoned cart that it empties. */
async function whatEndedIt(
  statements: Statements,
  journey: CompiledJourney,
  who: { readonly contactId: string; readonly facts: Readonly<Record<string, unknown>> },
  trigger: StoredEvent,
  receivedAt: number,
): Promise<RunEnd | undefined> {
  const names = [journey.goal, ...journey.exitOn].flatMap((match) => (match === undefined ? [] : [match.event]))
  if (names.length === 0) return undefined
  const context = { contact: who.facts, trigger: trigger.properties, now: receivedAt }
  for (const event of await eventsSince(statements, who.contactId, names, trigger.at)) {
    if (event.messageId === trigger.messageId) continue
    const end = endingOf(journey, trigger.at, event, receivedAt, context)
    if (end !== undefined) return end
  }
  return undefined
}
