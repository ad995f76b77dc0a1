import type { JourneyRule } from './rule.ts'
import { unknownName } from './unknown-name.ts'

/** An event without a schema is rejected at the door, so a journey that waits for one would wait for ever. */
export const eventsKnown: JourneyRule = ({ source, journey, names: { events } }) => {
  if (!events.complete) return []
  const named = [journey.enter, ...(journey.goal === undefined ? [] : [journey.goal]), ...journey.exitOn]
  return named
    .filter(({ event }) => !events.entries.has(event.value))
    .map(({ event }) =>
      unknownName(source, event, {
        code: 'SEG303',
        noun: 'event',
        known: events.entries.keys(),
        declaredIn: 'events/',
      }),
    )
}
