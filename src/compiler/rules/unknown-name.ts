import type { DiagnosticCode } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { suggest } from '../../diagnostics/suggestion.ts'
import type { Located } from '../document/located.ts'

interface NameLookup {
  readonly code: DiagnosticCode
  /** What the name should name, with its article's noun: `purpose`, `code pool`. */
  readonly noun: string
  readonly known: Iterable<string>
  /** Where such names are declared, to say what to do when nothing similar exists. */
  readonly declaredIn: string
}

/** The finding for a name that nothing declares, with the one that was most likely meant. */
export function unknownName(source: SourceText, name: Located<string>, lookup: NameLookup): Diagnostic {
  const known = [...lookup.known].toSorted()
  const meant = suggest(name.value, known)
  const list = known.length > 8 ? [...known.slice(0, 8), '…'] : known
  return report(source, lookup.code, {
    message: `there is no ${lookup.noun} ${JSON.stringify(name.value)}`,
    at: name.node,
    expected: meant === undefined && known.length > 0 ? oneOf(list) : undefined,
    help: meant === undefined ? `declare it in ${lookup.declaredIn}` : `did you mean ${JSON.stringify(meant)}?`,
    fix: meant === undefined ? undefined : { at: name.node, text: meant, applicability: 'maybe' },
  })
}

/** What is allowed, in words. */
export function oneOf(names: readonly string[]): string {
  return names.length === 1 ? (names[0] ?? '') : `one of ${names.join(', ')}`
}
