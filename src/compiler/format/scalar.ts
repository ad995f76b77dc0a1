import { parseDocument } from 'yaml'
import type { ScalarNode } from '../source/node.ts'

/** Columns that a line of code may fill; a comment behind it does not count. */
export const WIDTH = 100

/** `NO`, `on`, `21:00`, `2026-11-23`, `1_000`: texts in YAML 1.2, but not for the many tools that still read 1.1. */
function isMisreadByOldTools(text: string): boolean {
  if (/^(y|n|yes|no|on|off|<<|=)$/i.test(text)) return true
  if (text.length > 40 || !/^[-+.\d]/.test(text)) return false
  const { contents } = parseDocument(text, { version: '1.1', logLevel: 'error' })
  return typeof (contents !== null && 'value' in contents ? contents.value : text) !== 'string'
}

/** In double quotes, unless the text has some itself or a backslash: then in single ones, in which nothing is escaped. */
function inQuotes(text: string): string {
  // JSON leaves some characters bare that YAML does not, as U+0085; they are escaped, as every line break is.
  if (/[^\x20-\x7E\u00A0-\uD7FF\uE000-\uFEFE\uFF00-\uFFFD\u{10000}-\u{10FFFF}]|[\u2028\u2029]/u.test(text)) {
    return JSON.stringify(text).replaceAll(
      /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  }
  return /["\\]/.test(text) ? `'${text.replaceAll("'", "''")}'` : `"${text}"`
}

/** A key or value on one line. `written` is its source: who wrote quotes keeps quotes. */
export function oneLine(value: ScalarNode['value'], written: string): string {
  if (typeof value !== 'string') return written
  if (/^["'|>]/.test(written)) return inQuotes(value)
  if (isMisreadByOldTools(value)) return inQuotes(value)
  return value === written || readsAs(value, value) ? value : inQuotes(value)
}

/** A value of a block, as its first line (behind the key or the dash) and those below it, not yet indented. */
export function blockValue(
  node: ScalarNode,
  room: number,
): { readonly first: string; readonly rest: readonly string[] } {
  const { value, source, style } = node
  if (typeof value === 'string' && (style === 'literal' || style === 'folded')) {
    return blockText(
      value,
      style === 'literal' ? value.split('\n') : foldedLines(source),
      style === 'literal' ? '|' : '>',
    )
  }
  const line = oneLine(value, source)
  if (typeof value !== 'string' || !source.includes('\n') || line.length <= room) return { first: line, rest: [] }
  return blockText(value, wrapped(value), '>')
}

/** A block scalar that reads as the value; where there is none (odd blanks at its ends), quotes. */
function blockText(value: string, lines: readonly string[], sign: '|' | '>'): ReturnType<typeof blockValue> {
  const last = lines.findLastIndex((line) => line.trim() !== '')
  const rest = lines.slice(0, last + 1)
  const first = `${sign}${value.endsWith('\n') ? '' : '-'}`
  const text = `${first}\n${rest.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`
  return last >= 0 && readsAs(text, value) ? { first, rest } : { first: inQuotes(value), rest: [] }
}

/** The lines of a folded text as its author broke them, without their indentation. */
function foldedLines(source: string): readonly string[] {
  const lines = source.split(/\r?\n/).slice(1)
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length)
  const indent = Math.min(...indents)
  return lines.map((line) => (line.trim() === '' ? line.slice(indent) : line.slice(indent)))
}

/** A long text over several lines, none of them wider than a block two levels deep allows. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - 8) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function readsAs(text: string, value: string): boolean {
  const document = parseDocument(`key: ${text}`, { version: '1.2', logLevel: 'error' })
  return document.errors.length === 0 && document.get('key') === value
}
