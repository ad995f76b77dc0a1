import type { ListNode, MapEntry, MapNode, Node, ScalarNode } from '../source/node.ts'
import { commentsOf, type Comment } from './comments.ts'
import type { KeyOrder } from './key-order.ts'
import { blockValue, oneLine, WIDTH } from './scalar.ts'

/**
 * Comments behind a line begin in this column, or two blanks behind a longer line. A fixed column, because comments that
 * are lined up among themselves move all together when one value grows.
 */
const COMMENT_COLUMN = 33

/** Lines of a map or list. Those before its first member are apart: behind a dash there is no room for them. */
interface Block {
  readonly ahead: readonly string[]
  readonly lines: readonly string[]
}

/** What a member of a map or list brings along: comments and blank lines above it, then its own lines. */
interface Member {
  readonly name: string
  readonly before: readonly string[]
  readonly lines: readonly string[]
}

/** One file on its way to its canonical form. Comments are taken from a queue in their order: none can be taken twice or left. */
export class Layout {
  readonly #text: string
  readonly #comments: Comment[]
  /** Where a blank line above has been taken over already. */
  readonly #spaced = new Set<number>()

  constructor(text: string) {
    this.#text = text
    this.#comments = [...commentsOf(text)]
  }

  file(root: MapNode, order: KeyOrder): string {
    // What stands above the first key speaks about the file (the modeline, say) and stays on top.
    const header = this.#before(root.entries[0]?.key.start ?? root.end)
    const isFlow = this.#text[root.start] === '{'
    const { ahead, lines } = this.#map(root, order, 0, isFlow ? root.end - 1 : Infinity, isFlow)
    const isSpaced = header.length === 0 || header.at(-1) === ''
    const all = [...header, ...(isSpaced ? trimmed(ahead) : ahead), ...lines, ...this.#left(Infinity)]
    return `${trimmed(all).join('\n').trimEnd()}\n`
  }

  #map(map: MapNode, order: KeyOrder, indent: number, next: number, isFlow: boolean): Block {
    const members = map.entries.map((entry, index): Member => {
      const before = this.#before(entry.key.start)
      const lines = this.#entry(entry, order.below(entry.name), indent, map.entries[index + 1]?.key.start ?? next)
      return { name: entry.name, before: [...before, ...lines.above], lines: lines.lines }
    })
    const column = isFlow ? 0 : this.#column(map.entries[0]?.key.start ?? map.start)
    return assembled(order.inOrder(members), this.#left(next, column), indent)
  }

  #list(list: ListNode, order: KeyOrder, indent: number, next: number, parentColumn: number): Block {
    const isFlow = this.#text[list.start] === '['
    const first = list.items[0]?.start ?? list.start
    const dash = this.#column(this.#text.lastIndexOf('-', first - 1))
    const members = list.items.map((item, index): Member => {
      const before = this.#before(item.start)
      const below = order.items()
      const { above, ahead, lines } = this.#value(item, below, indent, '-', list.items[index + 1]?.start ?? next, dash)
      return { name: '', before: [...before, ...above, ...trimmed(ahead)], lines }
    })
    // Where dashes stand under the key itself, a comment in that column is about the next key.
    const column = isFlow ? 0 : dash === parentColumn ? dash + 1 : dash
    return assembled(members, this.#left(next, column), indent)
  }

  #entry(entry: MapEntry, order: KeyOrder, indent: number, next: number) {
    const { key, value } = entry
    const head = `${oneLine(key.value, key.source)}:`
    const column = this.#column(key.start)
    const onKey = isOpen(value, this.#text) ? this.#behind(key.end, Math.min(next, value.start)) : undefined
    const { above, ahead, lines } = this.#value(value, order, indent, head, next, column, onKey)
    return {
      above,
      lines:
        ahead.length === 0 ? lines : [...lines.slice(0, 1), ...indented(trimmed(ahead), indent + 2), ...lines.slice(1)],
    }
  }

  /** A value behind its key or dash. `above` are comments from between the two, which have no place there. */
  #value(
    node: Node,
    order: KeyOrder,
    indent: number,
    head: string,
    next: number,
    column: number,
    onHead?: Comment,
  ): { readonly above: readonly string[]; readonly ahead: readonly string[]; readonly lines: readonly string[] } {
    const isItem = head === '-'
    if (node.kind === 'scalar') {
      const above = this.#take(node.start)
      return { above, ahead: [], lines: this.#scalarLines(node, order, indent, head, next) }
    }
    const isFlow = !isOpen(node, this.#text)
    if (isFlow) {
      const above = this.#take(node.start)
      const isEmpty = node.kind === 'map' ? node.entries.length === 0 : node.items.length === 0
      const inside = isEmpty ? this.#take(node.end) : []
      const line = `${head} ${onOneLine(node, order)}`
      const peeked = this.#comments[0]
      const isBare = peeked === undefined || peeked.offset > node.end
      if (isEmpty || (isBare && indent + line.length <= WIDTH)) {
        const comment = this.#behind(node.end, next)
        return { above: [...above, ...inside], ahead: [], lines: [withComment(pad(indent) + line, comment)] }
      }
      const block = this.#collection(node, order, indent + 2, node.end - 1, column)
      const comment = this.#behind(node.end, next)
      return { above, ...opened(head, indent, block, comment, isItem) }
    }
    const block = this.#collection(node, order, indent + 2, next, column)
    return { above: [], ...opened(head, indent, block, onHead, isItem) }
  }

  #collection(node: MapNode | ListNode, order: KeyOrder, indent: number, next: number, column: number): Block {
    const isFlow = !isOpen(node, this.#text)
    return node.kind === 'map'
      ? this.#map(node, order, indent, next, isFlow)
      : this.#list(node, order, indent, next, column)
  }

  #scalarLines(node: ScalarNode, order: KeyOrder, indent: number, head: string, next: number): readonly string[] {
    const { first, rest } = blockValue(node, WIDTH - indent - head.length - 1)
    // The comment of a block text stands behind its sign, any other one behind the value.
    const isBlock = node.style === 'literal' || node.style === 'folded'
    const comment = isBlock ? this.#behind(node.start, node.end) : this.#behind(node.end, next)
    const keepsGap = node.style === 'plain' && first === node.value && order.takesFreeText()
    const line = withComment(`${pad(indent)}${head} ${first}`, comment, keepsGap ? comment?.gap : undefined)
    return [line, ...indented(rest, indent + 2)]
  }

  /** Comments and single blank lines above a member that begins at the offset. */
  #before(offset: number): readonly string[] {
    const lines = this.#left(offset)
    // A map in a list and its first key begin at the same place: the blank line above is one.
    if (this.#spaced.has(offset) || !this.#followsBlank(offset)) return lines
    this.#spaced.add(offset)
    return [...lines, '']
  }

  /** The comments before an offset that are indented at least to the column; the first that is not ends them. */
  #left(offset: number, column = 0): readonly string[] {
    const lines: string[] = []
    for (let one = this.#comments[0]; one !== undefined; one = this.#comments[0]) {
      if (one.offset >= offset || one.column < column) break
      if (this.#followsBlank(one.offset)) lines.push('')
      lines.push(one.text)
      this.#comments.shift()
    }
    return lines
  }

  #take(offset: number): readonly string[] {
    return this.#left(offset).filter((line) => line !== '')
  }

  /** The comment on the same line behind the offset, if it stands before the limit. */
  #behind(offset: number, limit: number): Comment | undefined {
    const one = this.#comments[0]
    if (one === undefined || one.offset >= limit || one.offset < offset) return undefined
    if (this.#text.slice(offset, one.offset).includes('\n')) return undefined
    this.#comments.shift()
    return one
  }

  #column(offset: number): number {
    return offset - (this.#text.lastIndexOf('\n', offset - 1) + 1)
  }

  /** Whether a blank line stands right above what begins a line at the offset. */
  #followsBlank(offset: number): boolean {
    const start = this.#text.lastIndexOf('\n', offset - 1) + 1
    if (!/^[ ?-]*$/.test(this.#text.slice(start, offset)) || start === 0) return false
    const above = this.#text.slice(this.#text.lastIndexOf('\n', start - 2) + 1, start - 1)
    return start >= 1 && above.trim() === ''
  }
}

/** Whether a map or list is written as lines, not in brackets. */
function isOpen(node: Node, text: string): boolean {
  if (node.kind === 'scalar') return false
  return node.kind === 'map' ? text[node.start] !== '{' : text[node.start] !== '['
}

function assembled(members: readonly Member[], after: readonly string[], indent: number): Block {
  const [first] = members
  const lines = members.flatMap(({ before, lines: own }, index) => [
    ...(index === 0 ? [] : indented(before, indent)),
    ...own,
  ])
  return { ahead: first?.before ?? [], lines: [...lines, ...indented(after, indent)] }
}

/** A block below its key, or behind its dash, where its first line takes the place of the indentation. */
function opened(head: string, indent: number, block: Block, comment: Comment | undefined, isItem: boolean) {
  if (!isItem) return { ahead: block.ahead, lines: [withComment(pad(indent) + head, comment), ...block.lines] }
  const [first = '', ...rest] = block.lines
  const after = comment === undefined ? [] : [pad(indent + 2) + comment.text]
  return { ahead: block.ahead, lines: [`${pad(indent)}- ${first.trimStart()}`, ...rest, ...after] }
}

function onOneLine(node: Node, order: KeyOrder): string {
  if (node.kind === 'scalar') return oneLine(node.value, node.source)
  if (node.kind === 'list') return `[${node.items.map((item) => onOneLine(item, order.items())).join(', ')}]`
  const entries = order
    .inOrder(node.entries)
    .map(({ name, key, value }) => `${oneLine(key.value, key.source)}: ${onOneLine(value, order.below(name))}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

function withComment(line: string, comment: Comment | undefined, gap?: number): string {
  if (comment === undefined) return line
  return `${line}${pad(gap ?? Math.max(2, COMMENT_COLUMN - line.length))}${comment.text}`
}

function trimmed(lines: readonly string[]): readonly string[] {
  const start = lines.findIndex((line) => line !== '')
  return start === -1 ? [] : lines.slice(start)
}

function indented(lines: readonly string[], indent: number): readonly string[] {
  return lines.map((line) => (line === '' ? '' : pad(indent) + line))
}

function pad(width: number): string {
  return ' '.repeat(width)
}
