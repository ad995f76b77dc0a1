import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import { report } from '../../../diagnostics/report.ts'
import type { WorkspaceRule } from './rule.ts'

/** Paused before anybody was warned: the two numbers were most likely exchanged. */
export const healthOrdered: WorkspaceRule = ({ policies }) =>
  [...policies.entries.values()].flatMap(({ source, document: { health } }) => {
    if (health === undefined) return []
    const pairs = [
      { what: 'complaint', warn: health.complaintWarn, stop: health.complaintStop },
      { what: 'bounce', warn: health.bounceWarn, stop: health.bounceStop },
    ]
    return pairs
      .filter(({ warn, stop }) => stop.value < warn.value)
      .map(({ what, warn, stop }): Diagnostic => {
        return report(source, 'SEG337', {
          message: `${what}_stop is less than ${what}_warn`,
          at: stop.node,
          expected: `at least ${warn.node.source}`,
          related: [{ message: 'the warning comes here', at: warn.node }],
        })
      })
  })
