import { report } from '../../../diagnostics/report.ts'
import type { SourceText } from '../../../diagnostics/source-text.ts'
import type { Located } from '../../document/located.ts'
import { secretDiagnostics } from '../compliance/no-secrets.ts'
import type { WorkspaceRule } from './rule.ts'

/** Policies and code pools are files of their own name, so that owners of a folder's files own what they mean. No file holds keys. */
export const filesNamed: WorkspaceRule = ({ segue, policies, codes, events }) => {
  const named: readonly { readonly source: SourceText; readonly document: { readonly name: Located<string> } }[] = [
    ...policies.entries.values(),
    ...codes.entries.values(),
  ]
  const differing = named.flatMap(({ source, document: { name } }) => {
    const file = source.file.split('/').at(-1) ?? ''
    if (file === `${name.value}.yaml`) return []
    return [
      report(source, 'SEG309', {
        message: `${JSON.stringify(name.value)} is declared in ${JSON.stringify(file)}`,
        at: name.node,
        help: `rename the file to ${name.value}.yaml, or the name`,
        fix: { at: name.node, text: file.replace(/\.yaml$/, ''), applicability: 'maybe' },
      }),
    ]
  })
  const sources = [...(segue === undefined ? [] : [segue]), ...named, ...events.entries.values()].map(
    ({ source }) => source,
  )
  return [...differing, ...sources.flatMap(secretDiagnostics)]
}
