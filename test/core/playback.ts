import type { Branch, CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Event, State, StepState, Transition, Verdict } from '../../src/core/enrollment.ts'
import { enroll, transition } from '../../src/core/transition.ts'

/** Enrolls at instant 0 and applies the events in order. */
export function play(journey: CompiledJourney, ...events: readonly Event[]): Transition {
  return playOn(journey, enroll(journey, 'run-1', 0), ...events)
}

export function playOn(journey: CompiledJourney, from: Transition, ...events: readonly Event[]): Transition {
  return events.reduce<Transition>(({ state }, event) => transition(journey, state, event), from)
}

export function stepOf(state: State, id: string): StepState {
  const step = state.steps[id]
  if (step === undefined) throw new Error(`no step ${id}`)
  return step
}

export const woke = (at: number): Event => ({ kind: 'woke', at })
export const goal = (at: number): Event => ({ kind: 'goal', at })
export const exit = (at: number): Event => ({ kind: 'exit', at })
export const undelivered = (step: string, at: number): Event => ({ kind: 'undelivered', at, step })
export const anchored = (anchor: string, instant: number, at = instant): Event => ({
  kind: 'anchored',
  at,
  anchor,
  instant,
})
export const decided = (step: string, at: number, verdict: Verdict, branch: Branch = 'action'): Event => ({
  kind: 'decided',
  at,
  step,
  branch,
  verdict,
})
export const sent = (step: string, at: number, branch: Branch = 'action'): Event =>
  decided(step, at, { kind: 'sent', at, certain: true }, branch)
export const uncertain = (step: string, at: number): Event => decided(step, at, { kind: 'sent', at, certain: false })
export const heldOut = (step: string, at: number): Event => decided(step, at, { kind: 'held_out', at })
export const held = (step: string, at: number, until: number, branch: Branch = 'action'): Event =>
  decided(step, at, { kind: 'held', until, reason: 'quiet_hours' }, branch)
export const refused = (step: string, at: number, branch: Branch = 'action'): Event =>
  decided(step, at, { kind: 'refused', reason: 'no_consent' }, branch)
export const undeliverable = (step: string, at: number, branch: Branch = 'action'): Event =>
  decided(step, at, { kind: 'failed', reason: 'invalid_number', undeliverable: true }, branch)
export const failed = (step: string, at: number): Event =>
  decided(step, at, { kind: 'failed', reason: 'rejected', undeliverable: false })
