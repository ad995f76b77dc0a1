import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import { report } from '../../../diagnostics/report.ts'
import type { ScalarNode } from '../../source/node.ts'
import type { WorkspaceRule } from './rule.ts'

/** One word asks for one purpose: consent to two at once is consent to neither (GDPR Art 7; CTIA 5.1: one opt-in per programme). */
export const keywordsUnique: WorkspaceRule = ({ segue }) => {
  if (segue === undefined) return []
  const { source, document } = segue
  const first = new Map<string, { readonly purpose: string; readonly node: ScalarNode }>()
  const findings: Diagnostic[] = []
  for (const [purpose, { keywords }] of document.purposes) {
    for (const { value, node } of keywords) {
      const earlier = first.get(value)
      if (earlier === undefined) {
        first.set(value, { purpose, node })
        continue
      }
      findings.push(
        report(source, 'SEG333', {
          message: `the keyword ${value} asks for ${JSON.stringify(earlier.purpose)} already`,
          at: node,
          related: [{ message: 'it is declared here', at: earlier.node }],
        }),
      )
    }
  }
  return findings
}
