import { groupBy } from '../grouping.ts'
import { HANDED_OVER } from '../hand-off.ts'
import { wasUndeliverable } from './accounting.ts'
import { type Evidence, nameOf, wasCutShort } from './evidence.ts'

/** At most one hand-off per message: the carriers have seen no send key twice, and none without a key. */
export function noKeyWasHandedOverTwice({ handOffs, serviceHandOffs }: Evidence): readonly string[] {
  const byKey = groupBy([...handOffs, ...serviceHandOffs], (handOff) => handOff.sendKey)
  return [...byKey].flatMap(([key, same]) => {
    if (key === null) return [`handed over without a send key, times: ${same.length}`]
    return same.length > 1 ? [`the message ${key} was handed over ${same.length} times`] : []
  })
}

/** The carriers' log and the store tell the same story, message by message. */
export function logAndStoreAgree({ handOffs, sends, runs, people }: Evidence): readonly string[] {
  const byKey = new Map(handOffs.map((handOff) => [handOff.sendKey, handOff]))
  const known = new Map(sends.map((send) => [send.id, send]))
  const runOf = new Map(runs.map((run) => [run.id, run]))
  const fromLog = handOffs.flatMap((handOff) => {
    if (handOff.sendKey === null) return []
    const send = known.get(handOff.sendKey)
    if (send === undefined) return [`the message ${handOff.sendKey} was handed over and the store does not have it`]
    const run = runOf.get(send.enrollment)
    const what = `${nameOf(run)}: the ${send.channel} of ${send.step}`
    if (!HANDED_OVER.includes(send.state)) return [`${what} was handed over, but the store says ${send.state}`]
    if (handOff.channel !== send.channel) return [`${what} was handed over as ${handOff.channel}`]
    const person = people.get(run?.user ?? '')
    const own = person?.traits[send.channel === 'email' ? 'email' : 'phone']
    return person !== undefined && own !== handOff.to ? [`${what} went to somebody else`] : []
  })
  const fromStore = sends
    .filter((send) => HANDED_OVER.includes(send.state) && !byKey.has(send.id))
    .map((send) => `${nameOf(runOf.get(send.enrollment))}: ${send.step} is ${send.state}, but no carrier has seen it`)
  return [...fromLog, ...fromStore]
}

/** As {@link logAndStoreAgree}, for the messages that belong to no journey. */
export function serviceMessagesAgree({ serviceHandOffs, services }: Evidence): readonly string[] {
  const seen = new Set(serviceHandOffs.map(({ sendKey }) => sendKey))
  return services.flatMap(({ id, kind, state }) => {
    const handedOver = HANDED_OVER.includes(state)
    if (handedOver === seen.has(id) || state === 'unknown') return []
    const what = `the ${kind.replaceAll('_', ' ')} ${id}`
    return [
      handedOver
        ? `${what} is ${state}, but no carrier has seen it`
        : `${what} was handed over, but the store says ${state}`,
    ]
  })
}

/** A text that did not arrive is followed by the message that the journey has for that case. */
export function theUndeliverableFellBack(evidence: Evidence): readonly string[] {
  const { sends, runs, versions } = evidence
  const runOf = new Map(runs.map((run) => [run.id, run]))
  return sends.flatMap((send) => {
    if (send.branch === 'fallback' || !wasUndeliverable(send)) return []
    const run = runOf.get(send.enrollment)
    const step = versions.get(run?.version ?? '')?.steps.find((candidate) => candidate.id === send.step)
    if (run === undefined || step?.fallback === undefined || wasCutShort(run)) return []
    const until = (send.handedOffAt ?? send.updatedAt) + (step.fallbackWithinMs ?? 0)
    // A process died in the middle of the call: nobody may act on what is only known afterwards.
    if (send.unknownAt !== null) return []
    // Later news brings no fallback any more.
    if (HANDED_OVER.includes(send.state) && send.updatedAt > until) return []
    const followed = sends.some(
      (other) => other.enrollment === run.id && other.step === step.id && other.branch === 'fallback',
    )
    return followed ? [] : [`${nameOf(run)}: ${step.id} is undeliverable and no fallback followed`]
  })
}

/** Carriers' bad news reached the store: the sandbox was told which numbers are unreachable. */
export function badNewsWasHeard({ sample, handOffs, sends }: Evidence): readonly string[] {
  const unreachable = new Set(
    sample.people.flatMap((person) =>
      person.faults.flatMap((fault) => (fault.undeliverable === undefined ? [] : [fault.to])),
    ),
  )
  const states = new Map(sends.map((send) => [send.id, send.state]))
  return handOffs
    .filter((handOff) => handOff.channel === 'sms' && unreachable.has(handOff.to))
    .filter((handOff) => states.get(handOff.sendKey ?? '') !== 'undelivered')
    .map((handOff) => `the message ${handOff.sendKey ?? handOff.id} did not arrive, and the store does not know it`)
}
