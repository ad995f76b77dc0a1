import { isScalar, visit, type Document } from 'yaml'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { quoted } from './quoted.ts'
import { negatedCondition } from './trap.ts'

/** Where the parser stopped. */
interface Stop {
  readonly source: SourceText
  readonly document: Document.Parsed
  readonly offset: number
}

/** Recognises one slip of the hand by the line on which the parser stopped; undefined if it is another one. */
type SyntaxSlip = (stop: Stop) => Diagnostic | undefined

/** `if: !opened("x")`: three parser errors for one lost negation. */
const lostNegation: SyntaxSlip = ({ source, offset }) => {
  const line = lineAround(source, offset)
  const match =
    /^(\s*(?:- )?)(if|unless):(\s+)(!\s*)(\S.*)$/.exec(line.text) ??
    // Within braces the condition ends at the next comma or brace.
    /^(.*?[{,]\s*)(if|unless):(\s+)(!\s*)([^\s,}][^,}]*)/.exec(line.text)
  const condition = negatedCondition(match?.[2])
  if (match === null || condition === undefined) return undefined
  const [, before = '', name = '', blanks = '', bang = '', rest = ''] = match
  const keyStart = line.start + before.length
  const valueStart = keyStart + name.length + 1 + blanks.length
  const end = valueStart + bang.length + rest.trimEnd().length
  return report(source, 'SEG104', {
    message: 'YAML reads "!" as a tag: this negation would be lost',
    at: { start: valueStart, end },
    help: `write ${condition}:`,
    fix: { at: { start: keyStart, end }, text: `${condition}: ${rest.trimEnd()}`, applicability: 'maybe' },
  })
}

/** A quote that is never closed is reported at the file's end, far from where it was opened. */
const openQuote: SyntaxSlip = ({ source, document, offset }) => {
  let opened: number | undefined
  visit(document, {
    Scalar(_key, node) {
      const [start, end] = node.range ?? [0, 0]
      const quote = source.text[start]
      const closed = end - start > 1 && source.text[end - 1] === quote
      const covers = start < offset && end >= offset && !closed
      if (isScalar(node) && node.type?.startsWith('QUOTE') === true && covers) opened = start
    },
  })
  if (opened === undefined) return undefined
  return report(source, 'SEG101', {
    message: 'this quote is never closed',
    at: { start: opened, end: opened + 1 },
    help: `add the closing ${source.text[opened] ?? 'quote'}`,
  })
}

/** Text that YAML takes for its own punctuation: `Reminder: your cart`, `{{ name }}, hi`, `"gold" == x`, `%10`, `@x`, `> 5`. */
const unquotedText: SyntaxSlip = ({ source, offset }) => {
  const line = lineAround(source, offset)
  const match = /^(\s*(?:- )?[A-Za-z_][\w-]*:[ ]+)(\S.*)$/.exec(line.text)
  if (match === null) return undefined
  const [, head = '', value = ''] = match
  const odd =
    /^[%@`]/.test(value) ||
    value.startsWith('{{') ||
    /^[>|][ ]+[^\s#]/.test(value) ||
    /^[^'"[{|>&*!#].*:(?:\s|$)/.test(value) ||
    /^(?:"[^"]*"|'[^']*')\s*[^\s#,}\]]/.test(value)
  if (!odd) return undefined
  const at = { start: line.start + head.length, end: line.start + head.length + value.length }
  return report(source, 'SEG109', {
    message: 'YAML reads part of this value as its own punctuation',
    at,
    help: 'quote this value',
    fix: { at, text: quoted(value), applicability: 'maybe' },
  })
}

/** `{ template: a, subject: {{ name }} }`: within braces YAML takes Liquid for maps of its own. */
const liquidInBraces: SyntaxSlip = ({ source, offset }) => {
  const line = lineAround(source, offset)
  const match = /^(.*[{,]\s*[A-Za-z_][\w-]*:\s+)(\{\{[^{}]*\}\}(?:[^{}"']|\{\{[^{}]*\}\})*?)\s*\}$/.exec(line.text)
  if (match === null) return undefined
  const [, head = '', value = ''] = match
  const at = { start: line.start + head.length, end: line.start + head.length + value.length }
  return report(source, 'SEG109', {
    message: 'YAML reads part of this value as its own punctuation',
    at,
    help: 'quote this value',
    fix: { at, text: quoted(value), applicability: 'maybe' },
  })
}

/** Text copied from a web page brings spaces along that are none. */
const noBreakSpace: SyntaxSlip = ({ source, offset }) => {
  const line = lineAround(source, offset)
  const found = /^[ \t]*(\u00a0+)/.exec(line.text)
  if (found === null) return undefined
  const end = line.start + found[0].length
  const at = { start: end - (found[1] ?? '').length, end }
  return report(source, 'SEG108', {
    message: 'a no-break space in the indentation',
    at,
    help: 'indent with spaces',
    fix: { at, text: ' '.repeat(at.end - at.start), applicability: 'safe' },
  })
}

/** `at:1h`: without a blank there is no key. */
const noBlankAfterColon: SyntaxSlip = ({ source, offset }) => {
  const line = lineAround(source, offset)
  const match = /^(\s*(?:- )?[a-z_][\w-]*:)[^\s:/]/.exec(line.text)
  if (match === null) return undefined
  const at = line.start + (match[1] ?? '').length
  return report(source, 'SEG101', {
    message: 'a blank is missing behind the colon',
    at: { start: at - 1, end: at },
    help: 'write ": "',
    fix: { at: { start: at, end: at }, text: ' ', applicability: 'safe' },
  })
}

/** `at 1h`: a line of words among keys. */
const noColon: SyntaxSlip = ({ source, offset }) => {
  const line = lineAround(source, offset)
  const match = /^(\s*)([a-z_][\w-]*)\s+[^:{}[\]]*$/.exec(line.text)
  if (match === null) return undefined
  const start = line.start + (match[1] ?? '').length
  return report(source, 'SEG101', {
    message: 'this line has no colon',
    at: { start, end: line.start + line.text.length },
    expected: 'a key, a colon, a blank and a value',
  })
}

/** The line below is indented further although this one has its value already. */
const indentedFurther: SyntaxSlip = ({ source, offset }) => {
  const here = source.position(offset).line
  const [line, next] = [source.line(here), source.line(here + 1)]
  const own = indentOf(line)
  if (!/^\s*[\w-]+:\s+[^#\s]/.test(line) || !/^\s*[\w-]+:/.test(next) || indentOf(next) <= own) return undefined
  const start = source.offset(here + 1, 1)
  return report(source, 'SEG101', {
    message: 'this line is indented further than the one above, which has its value already',
    at: { start: start + own, end: start + indentOf(next) },
    help: `indent it by ${own} spaces`,
    fix: { at: { start: start + own, end: start + indentOf(next) }, text: '', applicability: 'maybe' },
  })
}

/** Braces and brackets that do not close, or close nothing. */
const unpairedBrace: SyntaxSlip = ({ source, document, offset }) => {
  const closing = source.text[offset]
  if (
    (closing === '}' || closing === ']') &&
    document.errors.some(({ code, pos }) => code === 'UNEXPECTED_TOKEN' && pos[0] === offset)
  ) {
    const message = `this ${closing} closes nothing`
    return report(source, 'SEG101', { message, at: { start: offset, end: offset + 1 }, help: 'remove it' })
  }
  let opened: number | undefined
  visit(document, {
    Collection(_key, node) {
      const [start, end] = node.range ?? [0, 0]
      const bracket = source.text[start]
      const closed = source.text[end - 1] === (bracket === '{' ? '}' : ']')
      if ((bracket === '{' || bracket === '[') && start < offset && end >= offset - 1 && !closed) opened ??= start
    },
  })
  if (opened === undefined) return undefined
  const message = `this ${source.text[opened] ?? 'bracket'} is never closed`
  return report(source, 'SEG101', { message, at: { start: opened, end: opened + 1 } })
}

/** From the surest to the vaguest. */
export const SYNTAX_SLIPS: readonly SyntaxSlip[] = [
  lostNegation,
  noBreakSpace,
  openQuote,
  unquotedText,
  liquidInBraces,
  noBlankAfterColon,
  noColon,
  unpairedBrace,
  indentedFurther,
]

function lineAround(source: SourceText, offset: number): { readonly start: number; readonly text: string } {
  const { line } = source.position(offset)
  return { start: source.offset(line, 1), text: source.line(line).trimEnd() }
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}
