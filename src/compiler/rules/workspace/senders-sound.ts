import { report } from '../../../diagnostics/report.ts'
import type { WorkspaceRule } from './rule.ts'

/** A sender is an email address or a number; which one says its channel. */
export const sendersSound: WorkspaceRule = ({ segue }) =>
  (segue?.document.senders ?? []).flatMap(({ name, key, email, number }) => {
    if (segue === undefined || (email === undefined) !== (number === undefined)) return []
    return [
      report(segue.source, 'SEG211', {
        message: `the sender ${JSON.stringify(name)} has ${email === undefined ? 'no address' : 'both email and number'}`,
        at: key,
        expected: 'exactly one of email, number',
      }),
    ]
  })
