import { anchor, close, makeDue, put } from './anchors.ts'
import type { CompiledJourney, Step } from './compiled-journey.ts'
import type { Event, State, StepState } from './enrollment.ts'
import { dueAt } from './timing.ts'

type Migration = Extract<Event, { kind: 'migrate' }>

/**
 * A run's state under another version of its journey. What was sent stays sent and what was given up stays given up, so that no step can
 * go twice; what is still to come follows the new version. A step that would have been done by now goes at once, or is skipped.
 */
export function migrate(journey: CompiledJourney, state: State, migration: Migration): State {
  const formerId = new Map(Object.entries(migration.renamed ?? {}).map(([from, to]) => [to, from]))
  const anchors = Object.fromEntries(
    Object.entries(state.anchors).map(([name, instant]) => [renamed(name, migration), instant]),
  )
  const arms = { ...state.arms, ...migration.arms }
  let next: State = { ...state, anchors, steps: {}, ...(Object.keys(arms).length > 0 && { arms }) }
  for (const step of journey.steps) {
    const former = state.steps[formerId.get(step.id) ?? step.id]
    next = put(next, step.id, isDone(former) ? former : { kind: 'waiting' })
  }
  for (const { id, arm } of journey.steps) {
    const open = next.steps[id]?.kind === 'waiting'
    if (open && arm !== undefined && arms[arm.experiment] !== arm.arm) next = close(journey, next, id, 'other_arm')
  }
  for (const [name, instant] of Object.entries(migration.anchors ?? {})) {
    next = anchor(journey, next, name, instant, migration.due)
  }
  for (const step of journey.steps) {
    if (next.steps[step.id]?.kind !== 'waiting' && next.steps[step.id]?.kind !== 'due') continue
    next = carriedOver(journey, next, step, state.steps[formerId.get(step.id) ?? step.id], migration)
  }
  return withoutOrphans(journey, next)
}

function isDone(step: StepState | undefined): step is Extract<StepState, { kind: 'sent' | 'closed' }> {
  return step?.kind === 'sent' || step?.kind === 'closed'
}

/** A step that is not done: timed by the new version; what was due or held already, and is due as it was, stays as it was. */
function carriedOver(
  journey: CompiledJourney,
  state: State,
  step: Step,
  former: StepState | undefined,
  { late, due }: Migration,
): State {
  const wasOpen = former?.kind === 'due' || former?.kind === 'held' || former?.kind === 'delivering'
  if (wasOpen && former.branch === 'fallback') {
    return step.fallback === undefined
      ? close(journey, state, step.id, 'fallback_removed')
      : put(state, step.id, former.kind === 'held' ? former : { kind: 'due', dueAt: former.dueAt, branch: 'fallback' })
  }
  const instant = Object.hasOwn(state.anchors, step.from) ? state.anchors[step.from] : undefined
  if (instant === undefined) return state
  const at = dueAt(step, state.run, instant, due)
  // Nobody computed its local time anew: it keeps the one that it had.
  if (wasOpen && (at === undefined || at === former.dueAt)) {
    // A delivery that was never answered is asked for again: the gate recognises what it has already settled.
    return put(state, step.id, former.kind === 'delivering' ? { ...former, kind: 'due' } : former)
  }
  const overdue = at !== undefined && at <= state.now
  if (overdue && late === 'skip') return close(journey, state, step.id, 'late_on_migration')
  return makeDue(journey, put(state, step.id, { kind: 'waiting' }), step, due)
}

/** Steps that count from one that was given up before the migration never happen. */
function withoutOrphans(journey: CompiledJourney, state: State): State {
  let next = state
  for (const { id } of journey.steps) {
    const step = next.steps[id]
    if (step?.kind === 'closed') next = close(journey, next, id, step.reason)
  }
  return next
}

function renamed(name: string, { renamed: names = {} }: Migration): string {
  for (const [from, to] of Object.entries(names)) {
    if (name === from) return to
    if (name.startsWith(`${from}.`)) return `${to}${name.slice(from.length)}`
  }
  return name
}
