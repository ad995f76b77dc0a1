import { report } from '../../diagnostics/report.ts'
import type { JourneyRule } from './rule.ts'

/** A condition that reads no fact has the same answer for everybody: usually quotes around what should be a fact. */
export const conditionVaries: JourneyRule = ({ source, expressions }) =>
  [...expressions]
    .filter(([, expression]) => expression.reads.length === 0)
    .map(([node]) =>
      report(source, 'SEG327', {
        message: 'this reads no fact: it is the same for every contact',
        at: node,
        help: 'name a fact, such as contact.country or trigger.cart.total',
      }),
    )
