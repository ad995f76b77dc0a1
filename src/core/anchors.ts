import {
  ENTRY,
  feedbackAnchor,
  STEP_FEEDBACK,
  type Anchor,
  type CompiledJourney,
  type Step,
} from './compiled-journey.ts'
import type { DueInstants, State, StepState } from './enrollment.ts'
import { dueAt } from './timing.ts'

/** The step whose message an anchor comes back for, if it is such an anchor. */
export function feedbackSource(journey: CompiledJourney, anchor: Anchor): Step | undefined {
  return journey.steps.find(({ id }) => STEP_FEEDBACK.some((feedback) => feedbackAnchor(id, feedback) === anchor))
}

/** Records an instant, once, and makes the steps that count from it due. */
export function anchor(
  journey: CompiledJourney,
  state: State,
  name: Anchor,
  instant: number,
  given?: DueInstants,
): State {
  if (Object.hasOwn(state.anchors, name)) return state
  // Minus zero does not survive storage as JSON.
  let next: State = { ...state, anchors: { ...state.anchors, [name]: instant + 0 } }
  for (const step of journey.steps) {
    if (step.from === name && next.steps[step.id]?.kind === 'waiting') next = makeDue(journey, next, step, given)
  }
  return next
}

/** A waiting step whose anchor has happened: due, or closed if nobody could say when. */
export function makeDue(journey: CompiledJourney, state: State, step: Step, given?: DueInstants): State {
  const instant = Object.hasOwn(state.anchors, step.from) ? state.anchors[step.from] : undefined
  if (instant === undefined) return state
  const at = dueAt(step, state.run, instant, given)
  return at === undefined
    ? close(journey, state, step.id, 'due_unknown')
    : put(state, step.id, { kind: 'due', dueAt: at, branch: 'action' })
}

/** Closes a step, and with it every step that waits for its hand-off or for what comes back, which now can never happen. */
export function close(journey: CompiledJourney, state: State, stepId: string, reason: string): State {
  let next = put(state, stepId, { kind: 'closed', reason })
  for (const step of journey.steps) {
    if (next.steps[step.id]?.kind !== 'waiting' || Object.hasOwn(next.anchors, step.from)) continue
    const waitsForHandOff = step.from === stepId
    // After a hand-off, something may still come back.
    const waitsForFeedback = feedbackSource(journey, step.from)?.id === stepId && !Object.hasOwn(next.anchors, stepId)
    if (waitsForHandOff || waitsForFeedback) next = close(journey, next, step.id, 'anchor_not_sent')
  }
  return next
}

/**
 * Until when the run waits for the anchor of a waiting step. Undefined: it does not wait for it; another step keeps the run open until
 * the anchor can happen, or it is a date that nobody knows.
 */
export function waitsUntil(journey: CompiledJourney, state: State, step: Step): number | undefined {
  if (step.anchorWithinMs === undefined || state.steps[step.id]?.kind !== 'waiting') return undefined
  const from = feedbackSource(journey, step.from)?.id ?? ENTRY
  const since = Object.hasOwn(state.anchors, from) ? state.anchors[from] : undefined
  return since === undefined ? undefined : since + step.anchorWithinMs
}

/** Closes the steps whose anchor has been waited for long enough. */
export function giveUpWaiting(journey: CompiledJourney, state: State): State {
  let next = state
  for (const step of journey.steps) {
    const until = waitsUntil(journey, next, step)
    if (until !== undefined && until <= next.now) next = close(journey, next, step.id, 'anchor_never_came')
  }
  return next
}

export function put(state: State, stepId: string, step: StepState): State {
  return { ...state, steps: { ...state.steps, [stepId]: step } }
}
