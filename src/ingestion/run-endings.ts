import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { DeployedJourneys } from './deployed-journeys.ts'
import { closeFinishedRuns, convertEndedRun, endRun, openRuns, type Run, type RunEnd } from './enrollments.ts'
import type { StoredEvent } from './events.ts'
import { isWithin, type MatchContext, matchesEvent } from './matching.ts'
import { writeOutbox } from '../engine/outbox.ts'

/**
 * Ends the runs whose goal or exit this event is, each by the version that it entered under. The contact is locked, so the
 * end is committed before any gate that comes after it looks.
 */
export async function endMatchingRuns(
  statements: Statements,
  journeys: DeployedJourneys,
  who: { readonly contactId: string; readonly facts: Readonly<Record<string, unknown>> },
  event: StoredEvent,
  receivedAt: number,
): Promise<number> {
  const runs = await openRuns(statements, who.contactId)
  if (runs.length === 0) return 0
  if (runs.some((run) => run.state === 'active' && isFinished(run, receivedAt))) {
    await closeFinishedRuns(statements, who.contactId, receivedAt)
  }
  const versions = await journeys.versions(
    statements,
    runs.map((run) => run.version),
  )

  let told = 0
  for (const run of runs) {
    const journey = versions.get(run.version)
    if (journey === undefined) continue
    const context = { contact: who.facts, trigger: run.trigger, now: receivedAt }
    const alive = run.state === 'active' && !isFinished(run, receivedAt)
    if (!alive) {
      if (convertsLate(journey, run, event, context)) await convertEndedRun(statements, run.id, event.at)
      continue
    }
    const end = endingOf(journey, run.entered_at, event, receivedAt, context)
    if (end === undefined) continue
    if (!(await endRun(statements, run.id, end))) {
      if (end.outcome === 'goal') await convertEndedRun(statements, run.id, end.convertedAt)
      continue
    }
    const kind = end.outcome === 'goal' ? 'goal' : 'exit'
    await writeOutbox(statements, run.id, { kind: 'signal', event: { kind, at: receivedAt } }, receivedAt)
    told++
  }
  return told
}

/** How an event ends a run, if it does. The goal comes before an exit: who has bought has not walked away. */
export function endingOf(
  journey: CompiledJourney,
  enteredAt: number,
  event: StoredEvent,
  receivedAt: number,
  context: MatchContext,
): RunEnd | undefined {
  const { goal } = journey
  if (goal !== undefined && isWithin(goal, enteredAt, event.at) && matchesEvent(goal, event, context)) {
    return { outcome: 'goal', endedAt: receivedAt, convertedAt: event.at }
  }
  const left = event.at >= enteredAt && journey.exitOn.some((exit) => matchesEvent(exit, event, context))
  return left ? { outcome: 'exited', endedAt: receivedAt } : undefined
}

/** Only a goal with a window can be reached after the end: without one, every later order would count for ever. */
function convertsLate(journey: CompiledJourney, run: Run, event: StoredEvent, context: MatchContext): boolean {
  const { goal } = journey
  if (goal?.withinMs === undefined) return false
  return isWithin(goal, run.entered_at, event.at) && matchesEvent(goal, event, context)
}

function isFinished(run: Run, now: number): boolean {
  return run.ends_at !== null && run.ends_at <= now
}
