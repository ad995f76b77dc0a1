import { anchor, close, giveUpWaiting, makeDue, put } from './anchors.ts'
import { hashFraction } from './assignment.ts'
import { ENTRY, feedbackAnchor, type CompiledJourney, type Step } from './compiled-journey.ts'
import type { Beginning, DueInstants, Event, Outcome, State, StepState, Transition, Verdict } from './enrollment.ts'
import { migrate } from './migration.ts'
import { nextUp } from './schedule.ts'
import { isSound } from './sound-event.ts'

/**
 * The whole semantics of a journey: what a run remembers and asks for after an event.
 *
 * Pure: no clock, no randomness, no I/O. The Temporal workflow and every simulator are only hosts of it, which is why
 * they cannot disagree. It is total: an event that makes no sense in a state changes nothing but the clock, a malformed
 * one changes nothing at all, and neither throws, because a throw in the workflow would wedge the run.
 */
export function transition(journey: CompiledJourney, state: State, event: Event): Transition {
  if (state.phase === 'finished' || !isSound(event)) return conclude(journey, state)
  const now = provesAhead(state, event) ? event.at : Math.max(state.now, event.at)
  const current = { ...state, now }
  if (event.kind === 'migrate') return conclude(event.journey, migrate(event.journey, current, event))
  return conclude(journey, apply(journey, current, event))
}

/**
 * The gate, whose clock is the authority, finds a step not yet due: the instants that this run has seen were ahead. Kept, they would
 * hold every step for as long as the host's clock had been ahead, and past its giving up.
 */
function provesAhead(state: State, event: Event): boolean {
  if (event.kind !== 'decided' || event.verdict.kind !== 'held' || event.verdict.reason !== 'not_due') return false
  // Only the answer that was asked for.
  return Object.hasOwn(state.steps, event.step) && state.steps[event.step]?.kind === 'delivering'
}

/**
 * The first state of a run, and what to do first. `entered` is the entry anchor: the corrected instant of the trigger, or the date that
 * the run is about.
 */
export function enroll(journey: CompiledJourney, run: string, entered: number, beginning: Beginning = {}): Transition {
  const { at = entered, anchors = {}, due, arms = {} } = beginning
  const steps = Object.fromEntries(journey.steps.map((step) => [step.id, { kind: 'waiting' } satisfies StepState]))
  let state: State = { run, phase: 'running', now: at, anchors: {}, steps, ...(beginning.arms && { arms }) }
  for (const { id, arm } of journey.steps) {
    if (arm !== undefined && arms[arm.experiment] !== arm.arm) state = close(journey, state, id, 'other_arm')
  }
  state = anchor(journey, state, ENTRY, entered, due)
  for (const [name, instant] of Object.entries(anchors)) state = anchor(journey, state, name, instant, due)
  return conclude(journey, state)
}

function apply(journey: CompiledJourney, state: State, event: Event): State {
  switch (event.kind) {
    case 'woke':
      return state
    case 'goal':
      return finish(state, 'goal')
    case 'exit':
      return finish(state, 'exited')
    case 'anchored':
      // A hand-off is known from its verdict alone; no signal may claim one.
      if (journey.steps.some(({ id }) => id === event.anchor)) return state
      return anchor(journey, state, event.anchor, event.instant, event.due)
    case 'retimed':
      return retimed(journey, state, event)
    case 'undelivered':
      return undelivered(journey, state, event.step, event.at)
    case 'resume':
      return resume(state, event.withinMs)
    case 'decided': {
      const step = journey.steps.find(({ id }) => id === event.step)
      const current = step && state.steps[step.id]
      // An answer that was not asked for (a duplicate, or another branch's) must not move anything.
      if (step === undefined || current?.kind !== 'delivering' || current.branch !== event.branch) return state
      return decided(journey, state, step, current, event)
    }
    case 'migrate':
      return state
    default:
      // Unknown kinds can arrive from newer senders: they are ignored, never fatal.
      event satisfies never
      return state
  }
}

function decided(
  journey: CompiledJourney,
  state: State,
  step: Step,
  current: Extract<StepState, { kind: 'delivering' }>,
  { verdict, due }: { readonly verdict: Verdict; readonly due?: DueInstants },
): State {
  const { branch } = current
  switch (verdict.kind) {
    case 'held':
      // A hold that is already over would spin; the next look is at least a millisecond away.
      return put(state, step.id, {
        kind: 'held',
        dueAt: current.dueAt,
        branch,
        until: Math.max(verdict.until, state.now + 1),
        reason: verdict.reason,
      })
    case 'sent': {
      const receipt = verdict.certain && branch === 'action' ? fallbackUntil(step, verdict.at) : undefined
      const sent: StepState = {
        kind: 'sent',
        at: verdict.at,
        branch,
        ...(receipt === undefined ? {} : { fallbackUntil: receipt }),
      }
      return anchor(journey, put(state, step.id, sent), step.id, verdict.at, due)
    }
    case 'held_out':
      return anchor(journey, put(state, step.id, { kind: 'sent', at: verdict.at, branch }), step.id, verdict.at, due)
    case 'refused':
      return branch === 'action' && fallsBack(step, verdict.reason)
        ? put(state, step.id, { kind: 'due', dueAt: current.dueAt, branch: 'fallback' })
        : close(journey, state, step.id, verdict.reason)
    case 'failed': {
      const { handedOffAt } = verdict
      let next = handedOffAt === undefined ? state : anchor(journey, state, step.id, handedOffAt, due)
      if (verdict.undeliverable && branch === 'action') {
        // Nothing was handed over, so no carrier will ever report it.
        if (handedOffAt === undefined) {
          next = anchor(journey, next, feedbackAnchor(step.id, 'undelivered'), state.now, due)
        }
        if (step.fallback !== undefined) {
          return put(next, step.id, { kind: 'due', dueAt: current.dueAt, branch: 'fallback' })
        }
      }
      return close(journey, next, step.id, verdict.reason)
    }
    case 'ended':
      return finish(state, verdict.outcome)
    default:
      verdict satisfies never
      return state
  }
}

/** A refusal goes round the channel only where the author said so: `closed` is a window that was closed when the message was due. */
function fallsBack(step: Step, reason: string): boolean {
  if (step.fallback === undefined) return false
  if (reason === 'window_closed') return step.whenClosed === 'fallback' || step.fallbackOn?.includes('closed') === true
  return reason === 'no_consent' && step.fallbackOn?.includes('no_consent') === true
}

/** The run's dates have changed: what counts from them and was not sent yet is timed again. What is under way stays. */
function retimed(journey: CompiledJourney, state: State, event: Extract<Event, { kind: 'retimed' }>): State {
  const anchors: Record<string, number> = { ...state.anchors }
  const changed = Object.keys(event.anchors).filter((name) => Object.hasOwn(journey.dates ?? {}, name))
  for (const name of changed) {
    const instant = event.anchors[name]
    if (typeof instant === 'number') anchors[name] = instant
    else Reflect.deleteProperty(anchors, name)
  }
  let next: State = { ...state, anchors }
  for (const step of journey.steps) {
    const current = next.steps[step.id]
    const open = current?.kind === 'waiting' || current?.kind === 'due' || current?.kind === 'held'
    if (!open || !changed.includes(step.from) || (current.kind !== 'waiting' && current.branch === 'fallback')) continue
    next = makeDue(journey, put(next, step.id, { kind: 'waiting' }), step, event.due)
  }
  return next
}

/** Brings forward what a pause holds, never back. Each run at an instant of its own, so that a resume is no burst. */
function resume(state: State, withinMs: number): State {
  const steps = Object.entries(state.steps).map(([id, step]): [string, StepState] => {
    if (step.kind !== 'held' || step.reason !== 'paused') return [id, step]
    const soon = state.now + 1 + Math.floor(hashFraction(`resume:${id}`, state.run) * withinMs)
    return [id, { ...step, until: Math.min(step.until, soon) }]
  })
  return { ...state, steps: Object.fromEntries(steps) }
}

/**
 * Bad news after the hand-off brings the fallback, but only once, only for a certain send and only for so long. Hand-off and news are
 * dated by the store's clock, so they are compared with each other: the host's may be hours ahead of both.
 */
function undelivered(journey: CompiledJourney, state: State, stepId: string, at: number): State {
  const step = journey.steps.find(({ id }) => id === stepId)
  const current = step && state.steps[step.id]
  if (step?.fallback === undefined || current?.kind !== 'sent') return state
  if (current.fallbackUntil === undefined || current.fallbackUntil < at) return state
  // Minus zero does not survive storage as JSON.
  return put(state, stepId, { kind: 'due', dueAt: at + 0, branch: 'fallback' })
}

function fallbackUntil(step: Step, sentAt: number): number | undefined {
  return step.fallback === undefined ? undefined : sentAt + (step.fallbackWithinMs ?? 0)
}

function finish(state: State, outcome: Outcome): State {
  return { ...state, phase: 'finished', outcome }
}

/** Derives the one effect that follows from a state, and marks the step that is handed to the host. */
function conclude(journey: CompiledJourney, state: State): Transition {
  if (state.phase === 'finished') {
    return { journey, state, effect: { kind: 'finish', outcome: state.outcome ?? 'completed' } }
  }
  const current = giveUpWaiting(journey, state)
  const next = nextUp(journey, current)
  if (next === undefined) {
    return { journey, state: finish(current, 'completed'), effect: { kind: 'finish', outcome: 'completed' } }
  }
  if (next.kind === 'wait') return { journey, state: current, effect: next }
  const delivering: StepState = { kind: 'delivering', dueAt: next.dueAt, branch: next.branch }
  return { journey, state: put(current, next.step, delivering), effect: next }
}
