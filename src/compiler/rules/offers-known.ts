import type { JourneyRule } from './rule.ts'
import { messagesOf } from './rule.ts'
import { unknownName } from './unknown-name.ts'

/** A message's offer is declared in the journey, and the offer's codes come from a pool of the workspace. */
export const offersKnown: JourneyRule = ({ source, journey, names: { codes } }) => {
  const offers = journey.offers.map((offer) => offer.name)
  const inMessages = messagesOf(journey).flatMap(({ action: { offer } }) =>
    offer === undefined || offers.includes(offer.value)
      ? []
      : [
          unknownName(source, offer, {
            code: 'SEG305',
            noun: 'offer',
            known: offers,
            declaredIn: 'offers: of this journey',
          }),
        ],
  )
  const pools = journey.offers
    .filter((offer) => codes.complete && !codes.entries.has(offer.codes.value))
    .map((offer) =>
      unknownName(source, offer.codes, {
        code: 'SEG306',
        noun: 'code pool',
        known: codes.entries.keys(),
        declaredIn: 'offers/',
      }),
    )
  return [...inMessages, ...pools]
}
