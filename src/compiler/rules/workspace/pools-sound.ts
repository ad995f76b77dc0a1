import { report } from '../../../diagnostics/report.ts'
import type { WorkspaceRule } from './rule.ts'

/** Codes come from one place. */
export const poolsSound: WorkspaceRule = ({ codes }) =>
  [...codes.entries.values()].flatMap(({ source, document: { name, generated, file } }) => {
    if ((generated === undefined) !== (file === undefined)) return []
    return [
      report(source, 'SEG211', {
        message: `the code pool ${JSON.stringify(name.value)} has ${file === undefined ? 'no source of codes' : 'two sources of codes'}`,
        at: file?.node ?? name.node,
        expected: 'exactly one of generated, file',
      }),
    ]
  })
