import { isDeepStrictEqual } from 'node:util'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { SourceText } from '../../diagnostics/source-text.ts'
import type { FileKind } from '../shape/schemas.ts'
import { toData } from '../source/node.ts'
import { parseSource } from '../source/parse.ts'
import { commentsOf } from './comments.ts'
import { KeyOrder } from './key-order.ts'
import { Layout } from './layout.ts'

export type Formatting =
  | { readonly kind: 'formatted'; readonly text: string }
  /** The file cannot be read as what its author means; it is left as it is. */
  | { readonly kind: 'unreadable'; readonly diagnostics: readonly Diagnostic[] }
  /** The canonical form would not say the same. A bug of the formatter, never of the author; the file is left as it is. */
  | { readonly kind: 'unsafe' }

/**
 * The canonical form of a file: key order of its schema, two blanks of indentation, one way to quote, comments in place.
 * Pure and idempotent. What comes out has the same data and every comment, which is checked each time before it is returned.
 */
export function formatSource(kind: FileKind, source: SourceText): Formatting {
  const text = source.text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const normal = new SourceText(source.file, text)
  const parsed = parseSource(normal)
  if (parsed.root === undefined) return { kind: 'unreadable', diagnostics: parseSource(source).diagnostics }
  const formatted = new Layout(text).file(parsed.root, KeyOrder.of(kind))
  const again = parseSource(new SourceText(source.file, formatted)).root
  const isSame =
    again !== undefined &&
    isDeepStrictEqual(toData(again), toData(parsed.root)) &&
    isDeepStrictEqual(commentTexts(formatted), commentTexts(text))
  return isSame ? { kind: 'formatted', text: formatted } : { kind: 'unsafe' }
}

/** Sorted: with its key, a comment may have moved. */
function commentTexts(text: string): readonly string[] {
  return commentsOf(text)
    .map((comment) => comment.text)
    .toSorted()
}
