import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SourceText } from '../../src/diagnostics/source-text.ts'

it('every offset has a line and a column that lead back to it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', 'é', '😀') }), fc.nat(40), (text, at) => {
      const source = new SourceText('file.yaml', text)
      const { line, column, offset } = source.position(at)
      expect(offset).toBe(Math.min(at, text.length))
      expect(source.offset(line, column)).toBe(offset)
    }),
  )
})

it('the lines of a text are its lines, whatever ends them', () => {
  const source = new SourceText('file.yaml', 'a\r\nb\n\nc')
  expect([1, 2, 3, 4, 5].map((line) => source.line(line))).toEqual(['a', 'b', '', 'c', ''])
})

it('a place behind the end is the end', () => {
  const source = new SourceText('file.yaml', 'ab\n')
  expect(source.position(99)).toEqual({ line: 2, column: 1, offset: 3 })
  expect(source.offset(99, 5)).toBe(3)
})
