/**
 * The positioned tree: every scalar keeps value, quoting and place. Later stages see only this, never the YAML library.
 * Offsets are 0-based UTF-16 units of the file's text; `path` is a JSON pointer.
 */
export type Node = ScalarNode | MapNode | ListNode

interface Placed {
  readonly start: number
  readonly end: number
  readonly path: string
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export interface ScalarNode extends Placed {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written, quotes included: `00123` where the value is the number 123. */
  readonly source: string
  readonly style: ScalarStyle
}

export interface MapNode extends Placed {
  readonly kind: 'map'
  /** In document order; no name twice. */
  readonly entries: readonly MapEntry[]
  readonly byName: ReadonlyMap<string, MapEntry>
}

export interface MapEntry {
  readonly name: string
  readonly key: ScalarNode
  readonly value: Node
}

export interface ListNode extends Placed {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export function entryOf(map: MapNode, name: string): MapEntry | undefined {
  return map.byName.get(name)
}

/** One JSON pointer segment appended (RFC 6901). */
export function childPath(path: string, segment: string | number): string {
  return `${path}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The node under a JSON pointer and, if a map holds it, its entry. */
export function nodeAt(root: Node, pointer: string): { readonly node: Node; readonly entry?: MapEntry } | undefined {
  let node = root
  let entry: MapEntry | undefined
  for (const segment of pointer.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    if (node.kind === 'scalar') return undefined
    entry = node.kind === 'map' ? entryOf(node, name) : undefined
    const next: Node | undefined = node.kind === 'map' ? entry?.value : node.items[Number(name)]
    if (next === undefined) return undefined
    node = next
  }
  return entry === undefined ? { node } : { node, entry }
}

/** Plain data for the schema validator. Objects have no prototype: a key such as `constructor` is only a key. */
export function toData(node: Node): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(toData)
    case 'map': {
      const data: Record<string, unknown> = Object.create(null)
      for (const { name, value } of node.entries) data[name] = toData(value)
      return data
    }
    default: {
      const unknown: never = node
      return unknown
    }
  }
}
