import { report } from '../../../diagnostics/report.ts'
import { formatDuration } from '../../document/scalar-grammar.ts'
import { sendIntervals } from '../../timing.ts'
import { longestHold, messagesOf, type JourneyRule } from '../rule.ts'

/** US carriers' limit for texts about an abandoned cart: 48 hours, in milliseconds. */
const CART_TEXT_WITHIN_MS = 48 * 3_600_000

/** An event that says that a cart or a checkout was left, whatever the shop calls it. */
export function isCartAbandonment(event: string): boolean {
  return /(cart|basket|checkout).*abandon|abandon.*(cart|basket|checkout)/i.test(event)
}

/**
 * US carriers allow one text per abandoned cart, within 48 hours of it (T-Mobile code of conduct of 2020, now asked of all
 * programmes at registration). A second one costs the number.
 */
export const cartTextOnce: JourneyRule = (context) => {
  const { source, journey, purpose } = context
  if (!isCartAbandonment(journey.enter.event.value) || purpose?.class === 'transactional') return []
  const texts = messagesOf(journey).filter(({ action }) => action.channel === 'sms')
  const [first, ...others] = texts
  if (first === undefined) return []
  const repeated = others.map(({ action }) =>
    report(source, 'SEG501', {
      message: 'a second text about the same abandoned cart',
      at: action.key,
      help: 'US carriers allow one text per cart; send an email instead',
      related: [{ message: 'the first one is here', at: first.action.key }],
    }),
  )
  if (repeated.length > 0) return repeated
  const hold = longestHold(context)
  const interval = sendIntervals(journey.steps, Number.isFinite(hold) ? hold : 0).get(first.step.id)
  if (interval === undefined) return []
  if (first.step.at.value > CART_TEXT_WITHIN_MS || interval.latestDue > CART_TEXT_WITHIN_MS) {
    return [
      report(source, 'SEG502', {
        message: `a text about an abandoned cart, up to ${formatDuration(interval.latestDue)} after it`,
        at: first.step.at.node,
        expected: 'at most 48h after entry',
        help: 'US carriers allow it within 48 hours only; send an email instead',
      }),
    ]
  }
  if (interval.latest <= CART_TEXT_WITHIN_MS) return []
  return [
    report(source, 'SEG509', {
      message: `held by quiet hours or caps, this text could leave ${formatDuration(interval.latest)} after the cart was abandoned`,
      at: first.step.at.node,
      expected: 'at most 48h after entry',
      help: 'set limits: give_up_after, or send it earlier',
    }),
  ]
}
