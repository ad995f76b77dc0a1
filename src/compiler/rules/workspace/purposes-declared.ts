import type { SourceText } from '../../../diagnostics/source-text.ts'
import type { Located } from '../../document/located.ts'
import { unknownName } from '../unknown-name.ts'
import type { WorkspaceRule } from './rule.ts'

/** Caps and registrations name purposes of the workspace; any other name would limit and allow nothing. */
export const purposesDeclared: WorkspaceRule = ({ segue, policies }) => {
  if (segue === undefined) return []
  const known = [...segue.document.purposes.keys()]
  const unknown = (source: SourceText, names: readonly Located<string>[]) =>
    names
      .filter(({ value }) => !known.includes(value))
      .map((name) =>
        unknownName(source, name, { code: 'SEG301', noun: 'purpose', known, declaredIn: 'purposes: of segue.yaml' }),
      )
  return [
    ...segue.document.senders.flatMap(({ registration }) => unknown(segue.source, registration?.purposes ?? [])),
    ...[...policies.entries.values()].flatMap(({ source, document }) => unknown(source, document.cappedPurposes)),
  ]
}
