import { report } from '../../../diagnostics/report.ts'
import { messagesOf, type JourneyRule } from '../rule.ts'

/**
 * Carriers register a number for a use, and filter or fine what goes beyond it: a text of another purpose costs all the others
 * their number. One finding for a journey, since the mistake is its purpose or its policy.
 */
export const purposeRegistered: JourneyRule = ({ source, journey, names, policy, purpose }) => {
  const { segue } = names
  const senderName = policy?.document.senders.find(({ channel }) => channel === 'sms')?.sender.value
  const sender = segue?.document.senders.find(({ name }) => name === senderName)
  if (segue === undefined || sender?.registration === undefined || purpose === undefined) return []
  const { registration } = sender
  if (registration.purposes.some(({ value }) => value === journey.purpose.value)) return []
  if (!messagesOf(journey).some(({ action }) => action.channel === 'sms')) return []
  return [
    report(source, 'SEG510', {
      message: `texts for ${JSON.stringify(journey.purpose.value)} from ${JSON.stringify(sender.name)}, which is not registered for them`,
      at: journey.purpose.node,
      help: 'extend the registration first, then its purposes; or choose a policy with another sender',
      related: [{ message: 'its registration is here', at: registration.key, source: segue.source }],
    }),
  ]
}
