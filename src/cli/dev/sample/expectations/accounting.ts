import { actionOf, type CompiledJourney, ENTRY, type Step } from '../../../../core/compiled-journey.ts'
import { groupBy } from '../grouping.ts'
import { GHOSTS, HANDED_OVER, TURNED_DOWN } from '../hand-off.ts'
import { type Evidence, isOver, nameOf, type Run, type Send, wasCutShort } from './evidence.ts'

/** Nobody is lost: every run has come to its end. */
export function everyRunFinished({ runs, now }: Evidence): readonly string[] {
  return runs.filter((run) => !isOver(run, now)).map((run) => `${nameOf(run)} has not finished`)
}

/** What the store decided, the engine was told. */
export function everythingWasTold({ untold, runs }: Evidence): readonly string[] {
  return untold.map(({ enrollment, kind, attempts }) => {
    const run = runs.find((candidate) => candidate.id === enrollment)
    return `${nameOf(run)}: the engine was not told of a ${kind}, after ${attempts} attempts`
  })
}

/**
 * Each step of each run came to exactly one end: handed over, ghost, refused, failed, or not due because the run had ended or
 * the step it counts from was never sent.
 */
export function everyStepIsAccountedFor({ runs, sends, versions }: Evidence): readonly string[] {
  const byRun = groupBy(sends, (send) => send.enrollment)
  return runs.flatMap((run) => {
    const journey = versions.get(run.version)
    if (journey === undefined) return [`${nameOf(run)}: its version ${run.version.slice(0, 12)} is not in the store`]
    const own = byRun.get(run.id) ?? []
    const strangers = own.filter((send) => !journey.steps.some((step) => step.id === send.step))
    return [
      ...strangers.map((send) => `${nameOf(run)}: a message of a step ${send.step} that the journey does not have`),
      ...journey.steps.flatMap((step) => problemsOf(run, journey, step, own)),
    ]
  })
}

function problemsOf(run: Run, journey: CompiledJourney, step: Step, sends: readonly Send[]): readonly string[] {
  const action = sends.find((send) => send.step === step.id && send.branch === 'action')
  const fallback = sends.find((send) => send.step === step.id && send.branch === 'fallback')
  const found: string[] = []
  if (action === undefined) {
    if (!wasCutShort(run) && !neverBecameDue(step, journey, sends)) {
      found.push(`${nameOf(run)}: nothing became of ${step.id}`)
    }
  } else if (!isSettled(action, run)) {
    found.push(`${nameOf(run)}: ${step.id} is still ${action.state}`)
  }
  if (fallback !== undefined) {
    if (!isSettled(fallback, run)) found.push(`${nameOf(run)}: the fallback of ${step.id} is still ${fallback.state}`)
    if (actionOf(step, 'fallback') === undefined)
      found.push(`${nameOf(run)}: ${step.id} has no fallback, but one was decided`)
    if (action === undefined || !wasUndeliverable(action)) {
      found.push(`${nameOf(run)}: the fallback of ${step.id} was decided although its message was not undeliverable`)
    }
  }
  return found
}

function isSettled(send: Send, run: Run): boolean {
  if ([...HANDED_OVER, ...GHOSTS, ...TURNED_DOWN].includes(send.state)) return true
  // Reserved and then overtaken by the goal or an exit: nothing was begun, and nothing will be.
  return send.state === 'reserved' && wasCutShort(run)
}

/** It counts from a hand-off that never was. Other anchors, such as a click, need not happen at all. */
function neverBecameDue(step: Step, journey: CompiledJourney, sends: readonly Send[]): boolean {
  if (step.from === ENTRY) return false
  if (!journey.steps.some((other) => other.id === step.from)) return true
  return !sends.some((send) => send.step === step.from && [...HANDED_OVER, ...GHOSTS].includes(send.state))
}

/** The one kind of bad news that a fallback is for. */
export function wasUndeliverable(send: Send): boolean {
  switch (send.state) {
    case 'undelivered':
    case 'bounced':
      return true
    case 'rejected':
      return send.reason?.split(':')[0] === 'bad_recipient'
    case 'refused':
      return send.reason === 'no_address'
    default:
      return false
  }
}
