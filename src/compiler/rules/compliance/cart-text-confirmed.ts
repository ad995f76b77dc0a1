import { report } from '../../../diagnostics/report.ts'
import { messagesOf, type JourneyRule } from '../rule.ts'
import { isCartAbandonment } from './cart-text-once.ts'

/**
 * US carriers allow texts about abandoned carts only after a double opt-in that names them (T-Mobile code of conduct of 2020, now
 * asked of all programmes at registration). A warning, since a workspace may send to other countries only.
 */
export const cartTextConfirmed: JourneyRule = ({ source, journey, names, purpose }) => {
  if (purpose?.class !== 'marketing' || purpose.optIn?.sms === 'double') return []
  if (!isCartAbandonment(journey.enter.event.value)) return []
  const text = messagesOf(journey).find(({ action }) => action.channel === 'sms')
  if (text === undefined) return []
  const key = names.segue?.document.purposes.get(journey.purpose.value)?.key
  return [
    report(source, 'SEG511', {
      message: `a text about an abandoned cart, without a double opt-in to ${JSON.stringify(journey.purpose.value)}`,
      at: text.action.key,
      help: 'US carriers ask for a double opt-in: add opt_in: { sms: double } to the purpose',
      related:
        key === undefined || names.segue === undefined
          ? []
          : [{ message: 'the purpose is declared here', at: key, source: names.segue.source }],
    }),
  ]
}
