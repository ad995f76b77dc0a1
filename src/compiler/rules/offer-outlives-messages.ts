import { report } from '../../diagnostics/report.ts'
import { formatDuration } from '../document/scalar-grammar.ts'
import { sendIntervals } from '../timing.ts'
import { longestHold, messagesOf, type JourneyRule } from './rule.ts'

/**
 * A code is issued with the first message that shows it and shown again by later ones. If it can expire before the last of
 * them can leave, that message is refused (`offer_expired`), or urges people to use a code that is about to die.
 */
export const offerOutlivesMessages: JourneyRule = (context) => {
  const { source, journey } = context
  const hold = longestHold(context)
  if (!Number.isFinite(hold)) return []
  const intervals = sendIntervals(journey.steps, hold)
  return journey.offers.flatMap((offer) => {
    const steps = messagesOf(journey).flatMap(({ step, action }) => {
      const interval = intervals.get(step.id)
      return action.offer?.value === offer.name && interval !== undefined ? [{ step, interval }] : []
    })
    const first = steps.toSorted((a, b) => a.interval.earliest - b.interval.earliest)[0]
    const last = steps.toSorted((a, b) => b.interval.latest - a.interval.latest)[0]
    if (first === undefined || last === undefined || first.step === last.step) return []
    const span = last.interval.latest - first.interval.earliest
    if (span <= offer.validFor.value) return []
    return [
      report(source, 'SEG318', {
        message: `the code of ${JSON.stringify(offer.name)} may expire before ${JSON.stringify(last.step.id)} is sent`,
        at: offer.validFor.node,
        expected: `at least ${formatDuration(span)}: from ${first.step.id} at ${formatDuration(first.interval.earliest)} to ${last.step.id}, at the latest at ${formatDuration(last.interval.latest)}`,
        related: [{ message: 'the last message with this code', at: last.step.key }],
      }),
    ]
  })
}
