import { CODES, docsOf, type DiagnosticCode } from './codes.ts'
import type { Diagnostic, Fix, Related } from './diagnostic.ts'
import type { SourceText } from './source-text.ts'

/** A stretch of a file, by offsets. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What a check says; code table and source add the rest. */
export interface Finding {
  readonly message: string
  readonly at: Span & { readonly path?: string }
  readonly expected?: string | undefined
  readonly help?: string | undefined
  readonly related?: readonly { readonly message: string; readonly at: Span; readonly source?: SourceText }[]
  readonly fix?: { readonly at: Span; readonly text: string; readonly applicability: Fix['applicability'] } | undefined
}

/** Makes a diagnostic: the severity comes from the code table, the ranges from the source. */
export function report(source: SourceText, code: DiagnosticCode, finding: Finding): Diagnostic {
  const related: Related[] = (finding.related ?? []).map(({ message, at, source: other = source }) => ({
    message,
    file: other.file,
    range: other.range(at.start, at.end),
  }))
  return {
    code,
    severity: CODES[code].severity,
    message: finding.message,
    file: source.file,
    range: source.range(finding.at.start, finding.at.end),
    path: finding.at.path ?? '',
    ...(finding.expected === undefined ? {} : { expected: finding.expected }),
    ...(finding.help === undefined ? {} : { help: finding.help }),
    related,
    ...(finding.fix === undefined
      ? {}
      : {
          fix: {
            range: source.range(finding.fix.at.start, finding.fix.at.end),
            text: finding.fix.text,
            applicability: finding.fix.applicability,
          },
        }),
    docs: docsOf(code),
  }
}
