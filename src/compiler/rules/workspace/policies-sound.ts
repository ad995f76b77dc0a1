import { report } from '../../../diagnostics/report.ts'
import { oneOf, unknownName } from '../unknown-name.ts'
import type { WorkspaceRule } from './rule.ts'

/** The senders of a policy exist and are of its channel. */
export const policiesSound: WorkspaceRule = ({ segue, policies }) => {
  if (segue === undefined) return []
  const channels = new Map(
    segue.document.senders.map(({ name, email }) => [name, email === undefined ? 'sms' : 'email']),
  )
  return [...policies.entries.values()].flatMap(({ source, document }) =>
    document.senders.flatMap(({ channel, sender }) => {
      const actual = channels.get(sender.value)
      if (actual === channel) return []
      const known = [...channels].filter(([, one]) => one === channel).map(([name]) => name)
      if (actual === undefined) {
        const declaredIn = 'senders: of segue.yaml'
        return [unknownName(source, sender, { code: 'SEG308', noun: 'sender', known, declaredIn })]
      }
      return [
        report(source, 'SEG308', {
          message: `the sender ${JSON.stringify(sender.value)} is for ${actual}, not for ${channel}`,
          at: sender.node,
          expected:
            known.length === 0 ? `a sender with ${channel === 'sms' ? 'a number' : 'an email address'}` : oneOf(known),
        }),
      ]
    }),
  )
}
