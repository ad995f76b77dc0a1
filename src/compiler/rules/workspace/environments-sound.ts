import { report } from '../../../diagnostics/report.ts'
import { unknownName } from '../unknown-name.ts'
import type { WorkspaceRule } from './rule.ts'

/** A fast clock is for one machine: in any other environment it would send three days of messages in a minute. */
export const environmentsSound: WorkspaceRule = ({ segue, policies }) => {
  if (segue === undefined) return []
  const { source, document } = segue
  const { timezone, defaultPolicy, environments } = document
  const fast = environments.flatMap(({ name, timeScale }) =>
    name === 'dev' || timeScale === undefined
      ? []
      : [
          report(source, 'SEG323', {
            message: `time_scale in the environment ${JSON.stringify(name)}`,
            at: timeScale.node,
            help: 'only dev may have one; everywhere else time is real',
          }),
        ],
  )
  const zone = isZone(timezone.value)
    ? []
    : [
        report(source, 'SEG325', {
          message: `there is no time zone ${JSON.stringify(timezone.value)}`,
          at: timezone.node,
          expected: 'an IANA name such as America/New_York',
        }),
      ]
  const unknownDefault =
    defaultPolicy === undefined || !policies.complete || policies.entries.has(defaultPolicy.value)
      ? []
      : [
          unknownName(source, defaultPolicy, {
            code: 'SEG302',
            noun: 'policy',
            known: policies.entries.keys(),
            declaredIn: 'policies/',
          }),
        ]
  return [...fast, ...zone, ...unknownDefault]
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
