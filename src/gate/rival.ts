import type { CompiledJourney, MessageAction, Step } from '../core/compiled-journey.ts'
import { ENTRY, messageOf } from '../core/compiled-journey.ts'
import type { State, StepState } from '../core/enrollment.ts'
import { nextUp } from '../core/schedule.ts'
import { dueAt } from '../core/timing.ts'
import type { RivalRun } from './facts.ts'

/** A live run of the same contact that goes before the message in question, with its journey. */
export interface Rival {
  readonly run: RivalRun
  readonly journey: CompiledJourney
}

export interface NextMessage {
  readonly step: Step
  readonly action: MessageAction
  /** Epoch milliseconds at which the run asks the gate for it; never before `now`. */
  readonly at: number
  /** When it was first due: before `at` if it is late or on hold. */
  readonly dueAt: number
}

/** Holds that end by themselves. A run that waits for a person, or for an operator, must not keep others waiting with it. */
const PASSING: ReadonlySet<string> = new Set(['not_due', 'quiet_hours', 'min_gap', 'cap', 'outranked', 'throttled'])

/**
 * What a run will ask the gate for next, as far as the store knows: its state is put together again from its entry, its sends and its
 * holds, and core says what follows. Undefined: nothing, or nothing that the store can date (a click that has not happened, a person
 * who has to look).
 */
export function nextMessage({ run, journey }: Rival, now: number): NextMessage | undefined {
  const state = stateOf(run, journey, now)
  const next = nextUp(journey, state)
  if (next === undefined || (next.kind === 'wait' && next.why === 'receipt')) return undefined
  const step = journey.steps.find(({ id }) => id === next.step)
  const open = state.steps[next.step]
  if (step === undefined || (open?.kind !== 'due' && open?.kind !== 'held')) return undefined
  const action = messageOf(step, open.branch)
  if (action === undefined) return undefined
  return { step, action, at: next.kind === 'wait' ? next.until : now, dueAt: open.dueAt }
}

function stateOf(run: RivalRun, journey: CompiledJourney, now: number): State {
  const anchors: Record<string, number> = { [ENTRY]: run.enteredAt }
  const steps: Record<string, StepState> = {}
  for (const { step, branch, state, at } of run.sends) {
    if (state === 'reserved') continue
    const lost = state === 'refused' || state === 'rejected'
    if (!lost) anchors[step] ??= at
    if (!lost || steps[step] === undefined)
      steps[step] = lost ? { kind: 'closed', reason: state } : { kind: 'sent', at, branch }
  }
  for (const step of journey.steps) {
    if (steps[step.id] !== undefined) continue
    const anchor = anchors[step.from]
    if (anchor === undefined) {
      steps[step.id] = { kind: 'waiting' }
      continue
    }
    const due = dueAt(step, run.enrollment, anchor)
    if (due === undefined) {
      steps[step.id] = { kind: 'waiting' }
      continue
    }
    const hold = run.holds.find((one) => one.step === step.id && one.branch === 'action')
    if (hold === undefined) steps[step.id] = { kind: 'due', dueAt: due, branch: 'action' }
    else if (!PASSING.has(hold.reason)) steps[step.id] = { kind: 'closed', reason: hold.reason }
    else steps[step.id] = { kind: 'held', dueAt: due, branch: 'action', until: hold.until, reason: hold.reason }
  }
  return { run: run.enrollment, phase: 'running', now, anchors, steps }
}
