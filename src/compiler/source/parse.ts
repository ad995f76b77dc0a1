import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type ParsedNode, type Scalar } from 'yaml'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { childPath, type MapEntry, type MapNode, type Node, type ScalarNode, type ScalarStyle } from './node.ts'
import { syntaxDiagnostic } from './syntax-error.ts'
import {
  aliasDiagnostic,
  anchorDiagnostic,
  commaDiagnostic,
  emptyDiagnostic,
  repeatedKeyDiagnostic,
  tagDiagnostic,
  type EntryStart,
} from './trap.ts'

/** Beyond this a file is no journey but an attack or a mistake; everything after the check is linear in the size. */
export const MAX_FILE_BYTES = 256 * 1024

/** No construct of the language nests deeper than 8. */
const MAX_DEPTH = 32

export interface ParsedFile {
  readonly source: SourceText
  /** Absent if the file cannot be read as one mapping; a diagnostic says why. */
  readonly root?: MapNode
  readonly diagnostics: readonly Diagnostic[]
}

/** Text to positioned tree. Never throws; with any error in the result there is no tree. */
export function parseSource(source: SourceText): ParsedFile {
  const refused = (diagnostic: Diagnostic): ParsedFile => ({ source, diagnostics: [diagnostic] })
  const bytes = Buffer.byteLength(source.text)
  if (bytes > MAX_FILE_BYTES) {
    return refused(
      report(source, 'SEG102', {
        message: `the file has ${Math.ceil(bytes / 1024)} KB`,
        at: { start: 0, end: 0 },
        expected: `at most ${MAX_FILE_BYTES / 1024} KB`,
        help: 'move message bodies to messages/ and split long programmes into several journeys',
      }),
    )
  }
  const document = readDocument(source.text)
  if (document === undefined) {
    return refused(report(source, 'SEG101', { message: 'the file is nested too deeply', at: { start: 0, end: 0 } }))
  }
  const syntax = syntaxDiagnostic(source, document)
  if (syntax !== undefined) return refused(syntax)
  if (document.contents === null) {
    return refused(report(source, 'SEG110', { message: 'the file is empty', at: { start: 0, end: 0 } }))
  }
  const conversion = new Conversion(source)
  const root = conversion.node(document.contents, '', 0)
  if (conversion.diagnostics.length > 0) return { source, diagnostics: conversion.diagnostics }
  if (root.kind !== 'map') {
    const at = { start: root.start, end: Math.min(root.end, source.offset(source.position(root.start).line + 1, 1)) }
    return refused(
      report(source, 'SEG203', { message: 'the file is not a map of keys', at, expected: '`key: value` lines' }),
    )
  }
  return { source, root, diagnostics: [] }
}

function readDocument(text: string): Document.Parsed | undefined {
  try {
    return parseDocument(text, {
      version: '1.2',
      // Found by Conversion, which can name both places.
      uniqueKeys: false,
      stringKeys: true,
      merge: false,
      prettyErrors: false,
      logLevel: 'error',
    })
  } catch (error) {
    // The composer recurses: a file of brackets exhausts the stack. That is the author's mistake, not a bug.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'literal',
  BLOCK_FOLDED: 'folded',
}

class Conversion {
  readonly diagnostics: Diagnostic[] = []
  readonly #source: SourceText

  constructor(source: SourceText) {
    this.#source = source
  }

  node(node: ParsedNode, path: string, depth: number, entry?: EntryStart): Node {
    const [start, end] = node.range
    const trimmed = { start, end: start + this.#source.text.slice(start, end).trimEnd().length, path }
    if (depth > MAX_DEPTH) {
      this.diagnostics.push(report(this.#source, 'SEG101', { message: 'the file is nested too deeply', at: trimmed }))
      return { kind: 'list', items: [], ...trimmed }
    }
    if (isAlias(node)) {
      this.diagnostics.push(aliasDiagnostic(this.#source, trimmed, entry))
      return nothing(trimmed)
    }
    const tag = node.tag
    if (tag !== undefined) this.diagnostics.push(tagDiagnostic(this.#source, trimmed, entry))
    else if (node.anchor !== undefined) this.diagnostics.push(anchorDiagnostic(this.#source, trimmed, node.anchor))
    if (isMap(node)) return this.#map(node.items, trimmed, path, depth)
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.node(item, childPath(path, index), depth + 1))
      return { kind: 'list', items, ...trimmed }
    }
    return this.#scalar(node, trimmed, tag === undefined, entry)
  }

  #scalar(
    node: Scalar.Parsed,
    at: { readonly start: number; readonly end: number; readonly path: string },
    checkEmpty: boolean,
    entry: EntryStart | undefined,
  ): ScalarNode {
    const { value } = node
    if (value === null && checkEmpty) this.diagnostics.push(emptyDiagnostic(this.#source, at, entry))
    return {
      kind: 'scalar',
      value: typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null,
      source: this.#source.text.slice(at.start, at.end),
      style: STYLES[node.type ?? ''] ?? 'plain',
      ...at,
    }
  }

  #map(
    items: readonly { readonly key: ParsedNode; readonly value: ParsedNode | null }[],
    at: { readonly start: number; readonly end: number; readonly path: string },
    path: string,
    depth: number,
  ): MapNode {
    const byName = new Map<string, MapEntry>()
    const siblings = new Set(items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])))
    let last: Node | undefined
    for (const item of items) {
      if (!isScalar(item.key)) continue
      const name = String(item.key.value)
      const [keyStart, keyEnd] = item.key.range
      const keyAt = { start: keyStart, end: keyEnd, path: childPath(path, name) }
      const key: ScalarNode = { ...nothing(keyAt), value: name, source: this.#source.text.slice(keyStart, keyEnd) }
      const earlier = byName.get(name)
      if (earlier !== undefined) this.diagnostics.push(repeatedKeyDiagnostic(this.#source, key, earlier.key))
      if (item.key.tag !== undefined) this.diagnostics.push(tagDiagnostic(this.#source, keyAt, undefined))
      if (item.key.anchor !== undefined) {
        this.diagnostics.push(anchorDiagnostic(this.#source, keyAt, item.key.anchor))
      }
      const entry = { keyStart, name, siblings }
      if (item.value === null) {
        const before = last
        this.diagnostics.push(
          before?.kind === 'scalar' && name.includes(' ')
            ? commaDiagnostic(this.#source, { start: before.start, end: keyEnd, path: before.path })
            : emptyDiagnostic(this.#source, keyAt, entry),
        )
      }
      const value = item.value === null ? nothing(keyAt) : this.node(item.value, keyAt.path, depth + 1, entry)
      if (earlier === undefined) byName.set(name, { name, key, value })
      last = value
    }
    return { kind: 'map', entries: [...byName.values()], byName, ...at }
  }
}

function nothing(at: { readonly start: number; readonly end: number; readonly path: string }): ScalarNode {
  return { kind: 'scalar', value: null, source: '', style: 'plain', ...at }
}
