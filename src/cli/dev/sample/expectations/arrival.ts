import { evaluate, evaluateKey } from '../../../../conditions/evaluate.ts'
import type { CompiledJourney } from '../../../../core/compiled-journey.ts'
import type { SampleEvent, SamplePerson } from '../sample.ts'
import type { Evidence } from './evidence.ts'

/** Every event of the sample is in the store. Message ids are unique there, so it is there once. */
export function everyEventArrived({ sample, receivedAt }: Evidence): readonly string[] {
  const ids = [...new Set(sample.events.map((event) => event.messageId))]
  return ids.filter((id) => !receivedAt.has(id)).map((id) => `the event ${id} of the sample is not in the store`)
}

/**
 * Exactly those entered whom the journey lets in, worked out here from the sample alone. A journey with runs of an earlier
 * version is left out: what that version let in can no longer be said. Events that came before a journey was deployed enter
 * nobody into it: whoever adds a journey after the first start must not be told that it failed.
 */
export function exactlyTheRightOnesEntered(evidence: Evidence): readonly string[] {
  const { sample, runs, deployed } = evidence
  const ofSample = new Set(sample.events.map((event) => event.messageId))
  return deployed.flatMap(({ journey, version, deployedAt }) => {
    const own = runs.filter((run) => run.journey === journey.id && ofSample.has(run.triggerMessageId))
    if (own.some((run) => run.version !== version)) return []
    const expected = entrantsOf(journey, deployedAt, evidence)
    const entered = new Set(own.map((run) => run.triggerMessageId))
    const twice = own.length - entered.size
    return [
      ...[...expected]
        .filter((id) => !entered.has(id))
        .map((id) => `${id} should have entered ${journey.id} and did not`),
      ...[...entered]
        .filter((id) => !expected.has(id))
        .map((id) => `${id} should not have entered ${journey.id} and did`),
      ...(twice > 0 ? [`${journey.id} was entered ${twice} times too often by the same events`] : []),
    ]
  })
}

/** The message ids that should have begun a run. */
function entrantsOf(
  journey: CompiledJourney,
  deployedAt: number,
  { sample, people, receivedAt }: Pick<Evidence, 'sample' | 'people' | 'receivedAt'>,
): ReadonlySet<string> {
  const entered = new Set<string>()
  const seen = new Set<string>()
  const lastEntry = new Map<string, number>()
  if (journey.enter.kind !== 'event') return entered
  for (const event of sample.events) {
    if (seen.has(event.messageId)) continue
    seen.add(event.messageId)
    if (event.event !== journey.enter.event) continue
    if ((receivedAt.get(event.messageId) ?? deployedAt) < deployedAt) continue
    const facts = factsOf(event, people.get(event.userId))
    if (journey.enter.if !== undefined && evaluate(journey.enter.if, facts).kind !== 'true') continue
    const key = journey.enter.key === undefined ? '' : evaluateKey(journey.enter.key, facts)
    if (key === undefined) continue
    const who = `${event.userId} ${key}`
    const last = lastEntry.get(who)
    if (last !== undefined && !mayReenter(journey, event.at - last)) continue
    lastEntry.set(who, event.at)
    entered.add(event.messageId)
  }
  return entered
}

function mayReenter({ enter: { reentry } }: CompiledJourney, sinceMs: number): boolean {
  return reentry.kind === 'after' && sinceMs >= reentry.ms
}

function factsOf(event: SampleEvent, person: SamplePerson | undefined) {
  const { firstName, ...traits } = person?.traits ?? {}
  const contact = { ...traits, ...(firstName !== undefined && { first_name: firstName }) }
  return { contact, trigger: event.properties, event: event.properties, steps: {}, now: event.at }
}
