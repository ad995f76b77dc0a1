import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report, type Span } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import type { ScalarNode } from './node.ts'
import { quoted } from './quoted.ts'

type PlacedSpan = Span & { readonly path: string }
/** The key that a value belongs to, and the names of all keys beside it. */
export interface EntryStart {
  readonly keyStart: number
  readonly name: string
  readonly siblings: ReadonlySet<string>
}

/** YAML features that parse without complaint and then say something else than their author meant. */

/** `if: ! opened("x")` is a tag in YAML: the negation would vanish and exactly the wrong people would get the message. */
export function tagDiagnostic(source: SourceText, at: PlacedSpan, entry: EntryStart | undefined): Diagnostic {
  const tagStart = entry === undefined ? lineStart(source, at.start) : entry.keyStart
  const before = source.text.slice(tagStart, at.start)
  const tag = /![^\s]*\s*$/.exec(before)
  const start = tag === null ? at.start : tagStart + tag.index
  const condition = negatedCondition(entry?.name)
  if (condition === undefined || entry === undefined || tag === null || tag[0].trim() !== '!') {
    return report(source, 'SEG104', {
      message: `${JSON.stringify(source.text.slice(start, at.end).split(/\s/)[0])} is a YAML tag, which the language does not have`,
      at: { start, end: at.end, path: at.path },
      help: 'put the whole value in quotes if the ! belongs to the text',
    })
  }
  const lost = {
    message: 'YAML reads "!" as a tag: this negation would be lost',
    at: { start, end: at.end, path: at.path },
  }
  if (entry.siblings.has(condition)) return report(source, 'SEG104', { ...lost, help: `join it with ${condition}:` })
  return report(source, 'SEG104', {
    ...lost,
    help: `write ${condition}:`,
    fix: {
      at: { start: entry.keyStart, end: at.end },
      text: `${condition}: ${source.text.slice(at.start, at.end)}`,
      applicability: 'safe',
    },
  })
}

/** The key that says the opposite. */
export function negatedCondition(name: string | undefined): 'if' | 'unless' | undefined {
  return name === 'if' ? 'unless' : name === 'unless' ? 'if' : undefined
}

export function anchorDiagnostic(source: SourceText, at: PlacedSpan, anchor: string): Diagnostic {
  const from = source.text.lastIndexOf(`&${anchor}`, at.start)
  const start = from === -1 ? at.start : from
  return report(source, 'SEG106', {
    message: `anchors are not part of the language: a reviewer cannot see what they lead to`,
    at: { start, end: from === -1 ? at.end : from + anchor.length + 1, path: at.path },
    help: 'share by name instead: a policy, a template, an offer',
  })
}

export function aliasDiagnostic(source: SourceText, at: PlacedSpan, entry: EntryStart | undefined): Diagnostic {
  const merge = entry?.name === '<<'
  return report(source, 'SEG106', {
    message: merge ? 'merge keys are not part of the language' : 'aliases are not part of the language',
    at: { start: merge && entry !== undefined ? entry.keyStart : at.start, end: at.end, path: at.path },
    help: merge ? 'use policy: for shared settings' : 'write the value out, or share by name',
  })
}

export function repeatedKeyDiagnostic(source: SourceText, key: ScalarNode, earlier: ScalarNode): Diagnostic {
  return report(source, 'SEG107', {
    message: `key ${JSON.stringify(key.value)} is written twice`,
    at: key,
    help: 'remove one of the two',
    related: [{ message: 'first written here', at: earlier }],
  })
}

export function emptyDiagnostic(source: SourceText, at: PlacedSpan, entry: EntryStart | undefined): Diagnostic {
  if (entry === undefined)
    return report(source, 'SEG110', { message: 'empty value', at, help: 'write a value or remove the item' })
  return report(source, 'SEG110', {
    message: `${JSON.stringify(entry.name)} has no value`,
    at: at.end > at.start ? at : { start: entry.keyStart, end: entry.keyStart + entry.name.length, path: at.path },
    help: 'write a value or remove the key',
  })
}

/** `{ description: Real time, but slow }`: within braces a comma begins the next key. */
export function commaDiagnostic(source: SourceText, at: PlacedSpan): Diagnostic {
  return report(source, 'SEG109', {
    message: 'YAML ends this text at the comma, because it stands in braces',
    at,
    help: 'quote this value',
    fix: { at, text: quoted(source.text.slice(at.start, at.end)), applicability: 'maybe' },
  })
}

function lineStart(source: SourceText, offset: number): number {
  return source.text.lastIndexOf('\n', offset - 1) + 1
}
