import type { Span } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import type { ScalarNode } from './node.ts'

/**
 * Where a stretch of a scalar's value stands in the file. Undefined where value and text differ (escapes, folded blank lines):
 * the caller then points at the whole value.
 */
export function spanInScalar(source: SourceText, node: ScalarNode, start: number, end: number): Span | undefined {
  if (typeof node.value !== 'string') return undefined
  const map = offsetMap(source, node, node.value)
  const from = map?.(start)
  const to = map?.(Math.max(start, end - 1))
  if (from === undefined || to === undefined) return undefined
  return { start: from, end: end > start ? to + 1 : from + 1 }
}

function offsetMap(
  source: SourceText,
  node: ScalarNode,
  value: string,
): ((offset: number) => number | undefined) | undefined {
  switch (node.style) {
    case 'plain':
      return node.source === value ? (offset) => node.start + offset : undefined
    case 'single':
    case 'double':
      return node.source.slice(1, -1) === value ? (offset) => node.start + 1 + offset : undefined
    case 'literal':
    case 'folded':
      return blockMap(source, node, value)
    default: {
      const unknown: never = node.style
      return unknown
    }
  }
}

/** In block scalars each line of text is one line of the file without its indentation, and each break is one character. */
function blockMap(
  source: SourceText,
  node: ScalarNode,
  value: string,
): ((offset: number) => number | undefined) | undefined {
  const header = source.text.indexOf('\n', node.start)
  if (header === -1 || header >= node.end) return undefined
  const lines: { readonly at: number; readonly text: string }[] = []
  let at = header + 1
  for (const line of source.text.slice(at, node.end).split('\n')) {
    lines.push({ at, text: line.replace(/\r$/, '') })
    at += line.length + 1
  }
  const indent = Math.min(
    ...lines.filter(({ text }) => text.trim() !== '').map(({ text }) => text.length - text.trimStart().length),
  )
  const bodies = lines.map(({ text }) => text.slice(indent))
  if (bodies.join(node.style === 'literal' ? '\n' : ' ') !== value.trimEnd()) return undefined
  return (offset) => {
    let rest = offset
    for (const [index, body] of bodies.entries()) {
      if (rest <= body.length) return (lines[index]?.at ?? 0) + indent + rest
      rest -= body.length + 1
    }
    return node.end
  }
}
