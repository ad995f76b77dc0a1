import { createColors } from 'picocolors'
import type { Severity } from './codes.ts'
import type { Diagnostic, Range } from './diagnostic.ts'
import { countBySeverity } from './render-json.ts'
import type { SourceText } from './source-text.ts'

export interface TextOptions {
  readonly color: boolean
  /** How many findings are shown in full; the rest is counted. */
  readonly limit?: number
}

/** As many as a person reads before fixing the first one. */
const SHOWN_AT_MOST = 20

/** Characters of a line that are shown. */
const WIDTH = 240

type Paint = ReturnType<typeof createColors>

/** The human form: one frame per finding, with the line it is about, and a last line that counts. Empty for no findings. */
export function renderText(
  diagnostics: readonly Diagnostic[],
  sourceOf: (file: string) => SourceText | undefined,
  options: TextOptions,
): string {
  if (diagnostics.length === 0) return ''
  const paint = createColors(options.color)
  const shown = diagnostics.slice(0, options.limit ?? SHOWN_AT_MOST)
  const blocks = shown.map((diagnostic) => renderOne(diagnostic, sourceOf, paint))
  const dropped = diagnostics.length - shown.length
  if (dropped > 0) blocks.push(paint.bold(`and ${dropped} more`))
  blocks.push(summary(diagnostics))
  return `${blocks.join('\n\n')}\n`
}

function renderOne(diagnostic: Diagnostic, sourceOf: (file: string) => SourceText | undefined, paint: Paint): string {
  const tone = toneOf(diagnostic.severity, paint)
  const margin = ' '.repeat(String(diagnostic.range.start.line).length)
  return [
    `${tone(`${diagnostic.severity}[${diagnostic.code}]`)} ${paint.bold(printable(diagnostic.message))}`,
    ...frame(diagnostic.file, diagnostic.range, diagnostic.help, sourceOf(diagnostic.file), tone, paint),
    ...(diagnostic.expected === undefined
      ? []
      : [` ${margin} ${paint.dim('=')} expected ${printable(diagnostic.expected)}`]),
    ...diagnostic.related.flatMap((related) =>
      frame(related.file, related.range, related.message, sourceOf(related.file), paint.cyan, paint),
    ),
  ].join('\n')
}

function frame(
  file: string,
  range: Range,
  label: string | undefined,
  source: SourceText | undefined,
  tone: (text: string) => string,
  paint: Paint,
): string[] {
  const { line, column } = range.start
  const margin = ' '.repeat(String(line).length)
  const place = ` ${margin}${paint.dim('-->')} ${printable(file)}:${line}:${column}`
  const note = label === undefined ? '' : ` ${printable(label)}`
  if (source === undefined) return [`${place}${note}`]
  const whole = source.line(line)
  // Of a line that no screen can hold, the part around the place.
  const skipped = whole.length > WIDTH ? Math.max(0, column - 1 - WIDTH / 4) : 0
  const text = whole.slice(skipped, skipped + WIDTH)
  const start = column - 1 - skipped
  const end = range.end.line === line ? Math.min(range.end.column - 1 - skipped, text.length) : text.length
  // Tabs stay tabs, so that the carets stand under what they mean whatever the terminal's tab width is.
  const indent = text.slice(0, start).replaceAll(/[^\t]/g, ' ')
  const bar = paint.dim('|')
  return [
    place,
    ` ${margin} ${bar}`,
    ` ${paint.dim(String(line))} ${bar} ${printable(text)}`,
    ` ${margin} ${bar} ${indent}${tone(`${'^'.repeat(Math.max(1, end - start))}${note}`)}`,
  ]
}

/** A journey is somebody's text: control characters and reversed text must not reach the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/gu, '\u{fffd}')
}

function toneOf(severity: Severity, paint: Paint): (text: string) => string {
  switch (severity) {
    case 'error':
      return paint.red
    case 'warning':
      return paint.yellow
    case 'info':
      return paint.blue
    default: {
      const unknown: never = severity
      return unknown
    }
  }
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const counts = countBySeverity(diagnostics)
  const parts = (['error', 'warning', 'info'] as const)
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}${counts[severity] === 1 || severity === 'info' ? '' : 's'}`)
  return parts.join(', ')
}
