import type { Span } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import type { ScalarNode } from './node.ts'

/** The comment on the same line behind an unquoted value: what YAML cut off, if it was meant as text. */
export function commentAfter(source: SourceText, node: ScalarNode): Span | undefined {
  if (node.style !== 'plain') return undefined
  const rest = /^[ \t]+(#[^\r\n]*)/.exec(source.text.slice(node.end, node.end + 4000))
  if (rest === null) return undefined
  const end = node.end + rest[0].trimEnd().length
  return { start: end - (rest[1] ?? '').trimEnd().length, end }
}
