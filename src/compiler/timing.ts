import { ENTRY } from '../core/compiled-journey.ts'
import type { StepDocument } from './document/journey.ts'

/** When a step can be sent, in milliseconds from entry. */
export interface SendInterval {
  /** First instant at which it can be due. */
  readonly earliest: number
  /** Last instant at which it can be due, if everything before it was held for as long as possible. */
  readonly latestDue: number
  /** Last instant at which it can be sent, after its own longest hold. */
  readonly latest: number
}

/**
 * Interval arithmetic over the timeline: spreads and worst-case holds add up along `from`. Steps without a known anchor (unknown
 * or in a circle) are absent; other rules say so.
 *
 * @param longestHoldMs how long a message may be held before it is given up.
 */
export function sendIntervals(
  steps: readonly StepDocument[],
  longestHoldMs: number,
): ReadonlyMap<string, SendInterval> {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const intervals = new Map<string, SendInterval>()
  const resolve = (step: StepDocument, waiting: ReadonlySet<string>): SendInterval | undefined => {
    const known = intervals.get(step.id)
    if (known !== undefined || waiting.has(step.id)) return known
    const from = step.from?.value ?? ENTRY
    const anchorStep = byId.get(from)
    if (anchorStep === undefined && from !== ENTRY) return undefined
    const anchor =
      anchorStep === undefined ? { earliest: 0, latest: 0 } : resolve(anchorStep, new Set([...waiting, step.id]))
    if (anchor === undefined) return undefined
    const earliest = anchor.earliest + step.at.value + (step.spread?.value.minMs ?? 0)
    const latestDue = anchor.latest + step.at.value + (step.spread?.value.maxMs ?? 0)
    const interval = { earliest, latestDue, latest: latestDue + longestHoldMs }
    intervals.set(step.id, interval)
    return interval
  }
  for (const step of steps) resolve(step, new Set())
  return intervals
}
