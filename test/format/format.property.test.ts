import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { formatSource } from '../../src/compiler/format/format.ts'
import { FILE_KINDS, type FileKind } from '../../src/compiler/shape/schemas.ts'
import { parseSource } from '../../src/compiler/source/parse.ts'
import { SourceText } from '../../src/diagnostics/source-text.ts'
import { wildDocuments, writtenDocuments, type Written } from './documents.ts'

function holds(kind: FileKind, { text, comments }: Written): void {
  const source = new SourceText('sample.yaml', text)
  const once = formatSource(kind, source)
  // Nothing that parses may be refused: "unsafe" is the net below the formatter, not a part of it.
  if (once.kind !== 'formatted') {
    expect(once.kind).toBe('unreadable')
    expect(parseSource(source).diagnostics.length).toBeGreaterThan(0)
    return
  }
  const twice = formatSource(kind, new SourceText('sample.yaml', once.text))
  expect(twice).toEqual(once)
  expect(parse(once.text, { version: '1.2' })).toEqual(parse(text, { version: '1.2' }))
  const kept = [...once.text.matchAll(/#[ ]?note \d+/g)].map(([one]) => one)
  expect(kept.toSorted()).toEqual(comments.toSorted())
}

describe('formatting any document', () => {
  it.each(FILE_KINDS)('of kind %s is idempotent, keeps every comment and the same data', (kind) => {
    fc.assert(
      fc.property(writtenDocuments(kind), (written) => holds(kind, written)),
      { numRuns: 100 },
    )
  })

  it('of no schema at all is idempotent, keeps every comment and the same data', () => {
    fc.assert(
      fc.property(wildDocuments, (written) => holds('journey', written)),
      { numRuns: 600 },
    )
  })

  it('writes documents that parse, so that these properties mean something', () => {
    const written = fc.sample(writtenDocuments('journey'), { numRuns: 200, seed: 5 })
    const readable = written.filter(({ text }) => parseSource(new SourceText('a.yaml', text)).root !== undefined)
    expect(readable.length).toBeGreaterThan(150)
    expect(readable.filter(({ comments }) => comments.length > 2).length).toBeGreaterThan(100)
  })
})
