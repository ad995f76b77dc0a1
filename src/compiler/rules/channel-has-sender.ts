import { report } from '../../diagnostics/report.ts'
import { messagesOf, type JourneyRule } from './rule.ts'

/** Without a sender under its policy a channel cannot be used: every message of it would be refused. */
export const channelHasSender: JourneyRule = ({ source, journey, policy }) => {
  if (policy === undefined) return []
  const channels = new Set(policy.document.senders.map(({ channel }) => channel))
  return messagesOf(journey)
    .filter(({ action }) => !channels.has(action.channel))
    .map(({ action }) =>
      report(source, 'SEG316', {
        message: `the policy ${JSON.stringify(policy.document.name.value)} has no sender for ${action.channel}`,
        at: action.key,
        help: `add one under senders: in ${policy.source.file}, or choose another policy`,
      }),
    )
}
