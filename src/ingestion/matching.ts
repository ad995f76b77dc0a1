import type { EventMatch, Goal } from '../core/compiled-journey.ts'
import { evaluate } from '../conditions/evaluate.ts'
import type { StoredEvent } from './events.ts'

/** What an event is matched against: the person, and the data that the run began with. */
export interface MatchContext {
  readonly contact: Readonly<Record<string, unknown>>
  readonly trigger: Readonly<Record<string, unknown>>
  /** Virtual epoch milliseconds. */
  readonly now: number
}

/** True only if the condition is known to hold: a fact that is missing neither begins nor ends anything. */
export function matchesEvent(match: EventMatch, event: StoredEvent, context: MatchContext): boolean {
  if (match.event !== event.name) return false
  if (match.if === undefined) return true
  const facts = {
    contact: context.contact,
    trigger: context.trigger,
    event: event.properties,
    steps: {},
    now: context.now,
  }
  return evaluate(match.if, facts).kind === 'true'
}

/** Counted by when it happened: not what was before the entry, and not what came too late. */
export function isWithin(goal: Goal, enteredAt: number, at: number): boolean {
  return at >= enteredAt && (goal.withinMs === undefined || at <= enteredAt + goal.withinMs)
}
