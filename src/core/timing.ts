import { hashFraction } from './assignment.ts'
import type { Step } from './compiled-journey.ts'
import type { DueInstants } from './enrollment.ts'

/**
 * When a step is due, given the instant of its anchor: anchor + offset + spread, in epoch milliseconds; undefined if that cannot be known.
 *
 * What was computed outside the run is taken as it is: it knows the contact's zone and hours, which the run must not. The spread is a
 * hash of run and step, so it is fixed for a run, differs between runs, and every replay agrees.
 */
export function dueAt(step: Step, run: string, anchor: number, given?: DueInstants): number | undefined {
  const instant = given !== undefined && Object.hasOwn(given, step.id) ? given[step.id] : undefined
  if (isInstant(instant)) return instant
  return step.local === undefined ? anchor + step.offsetMs + spreadOf(step, run) : undefined
}

/** Milliseconds between the ends of the step's spread, fixed for the run. */
function spreadOf(step: Pick<Step, 'id' | 'spread'>, run: string): number {
  if (step.spread === undefined) return 0
  const { minMs, maxMs } = step.spread
  return minMs + Math.floor(hashFraction(`spread:${step.id}`, run) * (maxMs - minMs + 1))
}

/**
 * Whether a value can be calculated with as an instant: within the time values of ECMA-262 (section 21.4.1.1), so that a
 * millisecond more is always later. NaN would poison every comparison of a run, for ever.
 */
export function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15
}
