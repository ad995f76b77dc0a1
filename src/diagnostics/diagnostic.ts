import type { DiagnosticCode, Severity } from './codes.ts'

/** A place in a file. Line and column are 1-based, the offset 0-based; columns and offsets count UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly offset: number
}

/** From `start` up to, but not including, `end`. */
export interface Range {
  readonly start: Position
  readonly end: Position
}

/** Another place that the reader has to see to understand the finding. */
export interface Related {
  readonly message: string
  readonly file: string
  readonly range: Range
}

/**
 * A replacement that a machine can make. `safe` keeps or restores what the author meant without doubt;
 * `maybe` is a good guess that a person should read first.
 */
export interface Fix {
  readonly range: Range
  readonly text: string
  readonly applicability: 'safe' | 'maybe'
}

/** One finding about one place, as a value: no stage prints or throws it. Renderers make the text for people. */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** What was seen, in one line without a full stop. */
  readonly message: string
  /** Path within the workspace, with `/`. */
  readonly file: string
  readonly range: Range
  /** JSON pointer of the value, such as `/steps/sms-code/at`. Stable while lines move, because steps are a map. */
  readonly path: string
  readonly expected?: string
  /** What to do about it, in one line. */
  readonly help?: string
  readonly related: readonly Related[]
  readonly fix?: Fix
  /** Where the code is explained: a page and its anchor. */
  readonly docs: string
}

/** Orders findings by file and place; what a reader meets first comes first. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  if (a.range.start.offset !== b.range.start.offset) return a.range.start.offset - b.range.start.offset
  return a.code < b.code ? -1 : a.code > b.code ? 1 : 0
}
