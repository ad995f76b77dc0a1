import { report } from '../../../diagnostics/report.ts'
import { oneOf, unknownName } from '../unknown-name.ts'
import type { WorkspaceRule } from './rule.ts'

/** Reports are emails, from a sender of the workspace. */
export const reportsSender: WorkspaceRule = ({ segue }) => {
  const name = segue?.document.reports?.sender
  if (segue === undefined || name === undefined) return []
  const { source, document } = segue
  const sender = document.senders.find((one) => one.name === name.value)
  if (sender?.email !== undefined) return []
  const known = document.senders.filter(({ email }) => email !== undefined).map((one) => one.name)
  if (sender === undefined) {
    return [unknownName(source, name, { code: 'SEG308', noun: 'sender', known, declaredIn: 'senders:' })]
  }
  return [
    report(source, 'SEG308', {
      message: `the sender ${JSON.stringify(name.value)} is for sms, and reports are emails`,
      at: name.node,
      expected: known.length === 0 ? 'a sender with an email address' : oneOf(known),
    }),
  ]
}
