import { report } from '../../diagnostics/report.ts'
import { messagesOf, type JourneyRule } from './rule.ts'

/** An offer is one discount, and somebody gets it. */
export const offersSound: JourneyRule = ({ source, journey }) => {
  const used = new Set(messagesOf(journey).map(({ action }) => action.offer?.value))
  return journey.offers.flatMap(({ name, key, percent, amount }) => {
    if (percent !== undefined && amount !== undefined) {
      return [
        report(source, 'SEG211', {
          message: `the offer ${JSON.stringify(name)} has both percent and amount`,
          at: amount.node,
          help: 'keep one of them',
          related: [{ message: 'percent is here', at: percent.node }],
        }),
      ]
    }
    if (used.has(name)) return []
    return [report(source, 'SEG324', { message: `no message uses the offer ${JSON.stringify(name)}`, at: key })]
  })
}
