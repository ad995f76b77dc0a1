import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import type { Located } from '../document/located.ts'
import type { PolicyDocument } from '../document/policy.ts'
import type { CodesDocument, EventDocument, SegueDocument } from '../document/workspace.ts'

/** A file that was read without errors of syntax or shape. */
export interface Declared<T> {
  readonly source: SourceText
  readonly document: T
}

/**
 * What names mean in this workspace. A table is `complete` when every file that could declare one of its names was readable;
 * only then is a name that is not in it unknown. Otherwise one broken file would make a finding in every journey.
 */
export interface Names {
  readonly segue?: Declared<SegueDocument>
  readonly policies: NameTable<PolicyDocument>
  readonly events: NameTable<EventDocument>
  readonly codes: NameTable<CodesDocument>
  /** Ids of all journeys, those with errors included: by their files' names. */
  readonly journeys: readonly string[]
}

export interface NameTable<T> {
  readonly complete: boolean
  readonly entries: ReadonlyMap<string, Declared<T>>
}

/** Collects declarations by name; a second declaration of a name is a finding. */
export function declare<T extends { readonly name: Located<string> }>(
  files: readonly (Declared<T> | undefined)[],
): { readonly table: NameTable<T>; readonly diagnostics: readonly Diagnostic[] } {
  const entries = new Map<string, Declared<T>>()
  const diagnostics: Diagnostic[] = []
  for (const file of files) {
    if (file === undefined) continue
    const { value, node } = file.document.name
    const earlier = entries.get(value)
    if (earlier === undefined) {
      entries.set(value, file)
      continue
    }
    diagnostics.push(
      report(file.source, 'SEG328', {
        message: `${JSON.stringify(value)} is declared twice`,
        at: node,
        related: [{ message: 'first declared here', at: earlier.document.name.node, source: earlier.source }],
      }),
    )
  }
  return { table: { complete: !files.includes(undefined), entries }, diagnostics }
}
