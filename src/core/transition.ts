import { hashFraction } from './assignment.ts'
import { ENTRY, type CompiledJourney, type Step } from './compiled-journey.ts'
import type { Event, Outcome, State, StepState, Transition, Verdict } from './enrollment.ts'
import { nextUp } from './schedule.ts'
import { dueAt, isInstant } from './timing.ts'

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
  return conclude(journey, apply(journey, { ...state, now }, event))
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

/** The first state of a run, and what to do first. `entered` is the corrected instant of the trigger. */
export function enroll(journey: CompiledJourney, run: string, entered: number): Transition {
  const steps = Object.fromEntries(journey.steps.map((step) => [step.id, { kind: 'waiting' } satisfies StepState]))
  const fresh: State = { run, phase: 'running', now: entered, anchors: {}, steps }
  return conclude(journey, anchor(journey, fresh, ENTRY, entered))
}

/** Signals and activity results are decoded JSON: their shape is a promise, not a fact. */
function isSound(event: Event): boolean {
  if (typeof event !== 'object' || event === null || !isInstant(event.at)) return false
  if (event.kind === 'resume') return isInstant(event.withinMs) && event.withinMs >= 0
  if (event.kind === 'anchored') return typeof event.anchor === 'string' && isInstant(event.instant)
  if (event.kind !== 'decided') return true
  const { verdict } = event
  if (typeof verdict !== 'object' || verdict === null) return false
  if (verdict.kind === 'held') return isInstant(verdict.until)
  if (verdict.kind === 'failed') return verdict.handedOffAt === undefined || isInstant(verdict.handedOffAt)
  return (verdict.kind !== 'sent' && verdict.kind !== 'held_out') || isInstant(verdict.at)
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
      return anchor(journey, state, event.anchor, event.instant)
    case 'undelivered':
      return undelivered(journey, state, event.step, event.at)
    case 'resume':
      return resume(state, event.withinMs)
    case 'decided': {
      const step = journey.steps.find(({ id }) => id === event.step)
      const current = step && state.steps[step.id]
      // An answer that was not asked for (a duplicate, or another branch's) must not move anything.
      if (step === undefined || current?.kind !== 'delivering' || current.branch !== event.branch) return state
      return decided(journey, state, step, current, event.verdict)
    }
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
  verdict: Verdict,
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
      return anchor(journey, put(state, step.id, sent), step.id, verdict.at)
    }
    case 'held_out':
      return anchor(journey, put(state, step.id, { kind: 'sent', at: verdict.at, branch }), step.id, verdict.at)
    case 'refused':
      return close(journey, state, step.id, verdict.reason)
    case 'failed': {
      const { handedOffAt } = verdict
      const anchored = handedOffAt === undefined ? state : anchor(journey, state, step.id, handedOffAt)
      return verdict.undeliverable && branch === 'action' && step.fallback !== undefined
        ? put(anchored, step.id, { kind: 'due', dueAt: current.dueAt, branch: 'fallback' })
        : close(journey, anchored, step.id, verdict.reason)
    }
    case 'ended':
      return finish(state, verdict.outcome)
    default:
      verdict satisfies never
      return state
  }
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
  return put(state, stepId, { kind: 'due', dueAt: at, branch: 'fallback' })
}

function fallbackUntil(step: Step, sentAt: number): number | undefined {
  return step.fallback === undefined ? undefined : sentAt + (step.fallbackWithinMs ?? 0)
}

/** Records an instant, once, and makes the steps that count from it due. */
function anchor(journey: CompiledJourney, state: State, name: string, instant: number): State {
  if (Object.hasOwn(state.anchors, name)) return state
  const steps = { ...state.steps }
  for (const step of journey.steps) {
    if (step.from !== name || steps[step.id]?.kind !== 'waiting') continue
    steps[step.id] = { kind: 'due', dueAt: dueAt(step, state.run, instant), branch: 'action' }
  }
  // Minus zero does not survive storage as JSON.
  return { ...state, anchors: { ...state.anchors, [name]: instant + 0 }, steps }
}

/** Closes a step, and with it every step that waits for its hand-off, which now can never happen. */
function close(journey: CompiledJourney, state: State, stepId: string, reason: string): State {
  let next = put(state, stepId, { kind: 'closed', reason })
  if (Object.hasOwn(next.anchors, stepId)) return next
  for (const step of journey.steps) {
    if (step.from === stepId && next.steps[step.id]?.kind === 'waiting') {
      next = close(journey, next, step.id, 'anchor_not_sent')
    }
  }
  return next
}

function finish(state: State, outcome: Outcome): State {
  return { ...state, phase: 'finished', outcome }
}

function put(state: State, stepId: string, step: StepState): State {
  return { ...state, steps: { ...state.steps, [stepId]: step } }
}

/** Derives the one effect that follows from a state, and marks the step that is handed to the host. */
function conclude(journey: CompiledJourney, state: State): Transition {
  if (state.phase === 'finished') {
    return { state, effect: { kind: 'finish', outcome: state.outcome ?? 'completed' } }
  }
  const next = nextUp(journey, state)
  if (next === undefined) {
    return { state: finish(state, 'completed'), effect: { kind: 'finish', outcome: 'completed' } }
  }
  if (next.kind === 'wait') return { state, effect: next }
  return { state: put(state, next.step, { kind: 'delivering', dueAt: next.dueAt, branch: next.branch }), effect: next }
}
