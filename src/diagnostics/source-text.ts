import type { Position, Range } from './diagnostic.ts'

/** A file's text with its line starts: turns offsets into positions and back into lines. */
export class SourceText {
  readonly file: string
  readonly text: string
  readonly #lineStarts: readonly number[]

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
    const starts = [0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#lineStarts = starts
  }

  position(offset: number): Position {
    const at = Math.max(0, Math.min(offset, this.text.length))
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= at) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: at - (this.#lineStarts[low] ?? 0) + 1, offset: at }
  }

  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(end) }
  }

  /** The text of a 1-based line, without its line break; empty beyond the last one. */
  line(line: number): string {
    const start = this.#lineStarts[line - 1]
    if (start === undefined) return ''
    const next = this.#lineStarts[line]
    return this.text.slice(start, next === undefined ? this.text.length : next - 1).replace(/\r$/, '')
  }

  /** The offset of a 1-based line and column, for problems that other compilers report that way. */
  offset(line: number, column: number): number {
    const start = this.#lineStarts[Math.max(0, line - 1)] ?? this.text.length
    return Math.min(this.text.length, start + Math.max(0, column - 1))
  }
}
