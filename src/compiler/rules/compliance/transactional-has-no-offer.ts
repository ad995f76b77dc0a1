import { report } from '../../../diagnostics/report.ts'
import { messagesOf, type JourneyRule } from '../rule.ts'

/** A discount makes a message marketing, whatever it is called (16 CFR 316.3; 47 CFR 64.1200(f)). It then needs consent. */
export const transactionalHasNoOffer: JourneyRule = ({ source, journey, purpose }) => {
  if (purpose?.class !== 'transactional') return []
  return messagesOf(journey).flatMap(({ action: { offer } }) =>
    offer === undefined
      ? []
      : [
          report(source, 'SEG503', {
            message: `a code in a message of the transactional purpose ${JSON.stringify(journey.purpose.value)}`,
            at: offer.node,
            help: 'a discount makes a message marketing: take the offer out, or choose a marketing purpose',
          }),
        ],
  )
}
