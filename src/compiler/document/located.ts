import { entryOf, type MapEntry, type MapNode, type Node, type ScalarNode } from '../source/node.ts'

/** A value together with where it was written. */
export interface Located<T> {
  readonly value: T
  readonly node: ScalarNode
}

/**
 * Readers of a map whose shape has been checked. A missing optional key is undefined; a missing required key, or a value of
 * the wrong kind, means that schema and reader disagree: a bug.
 */
export function readText(map: MapNode | undefined, name: string): Located<string> | undefined {
  const node = map === undefined ? undefined : entryOf(map, name)?.value
  return node === undefined ? undefined : textOf(node)
}

export function needText(map: MapNode, name: string): Located<string> {
  return needed(readText(map, name), map, name)
}

export function readNumber(map: MapNode | undefined, name: string): Located<number> | undefined {
  const node = map === undefined ? undefined : entryOf(map, name)?.value
  if (node === undefined) return undefined
  if (node.kind !== 'scalar' || typeof node.value !== 'number') throw wrongKind(node, 'a number')
  return { value: node.value, node }
}

export function readMap(map: MapNode | undefined, name: string): MapNode | undefined {
  const node = map === undefined ? undefined : entryOf(map, name)?.value
  if (node === undefined || node.kind === 'map') return node
  throw wrongKind(node, 'a map')
}

export function needMap(map: MapNode, name: string): MapNode {
  return needed(readMap(map, name), map, name)
}

export function readList(map: MapNode | undefined, name: string): readonly Node[] {
  const node = map === undefined ? undefined : entryOf(map, name)?.value
  if (node === undefined) return []
  if (node.kind !== 'list') throw wrongKind(node, 'a list')
  return node.items
}

export function readEntries(map: MapNode | undefined, name: string): readonly MapEntry[] {
  return readMap(map, name)?.entries ?? []
}

/** Reads a text and converts it. */
export function readAs<T>(map: MapNode | undefined, name: string, parse: (text: string) => T): Located<T> | undefined {
  const text = readText(map, name)
  return text === undefined ? undefined : { value: parse(text.value), node: text.node }
}

export function textOf(node: Node): Located<string> {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') throw wrongKind(node, 'a text')
  return { value: node.value, node }
}

export function mapOf(node: Node): MapNode {
  if (node.kind !== 'map') throw wrongKind(node, 'a map')
  return node
}

function needed<T>(value: T | undefined, map: MapNode, name: string): T {
  if (value === undefined) throw new Error(`${map.path}/${name} is missing although the schema requires it`)
  return value
}

function wrongKind(node: Node, wanted: string): Error {
  return new Error(`${node.path} is not ${wanted} although the schema requires it`)
}
