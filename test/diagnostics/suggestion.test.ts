import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignmentDistance, suggest } from '../../src/diagnostics/suggestion.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 8 })

describe('the distance of two words', () => {
  it.each([
    ['', '', 0],
    ['emial', 'email', 1],
    ['tempalte', 'template', 1],
    ['sms', 'smss', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('of %j and %j is %i: a swap of neighbours counts once', (a, b, distance) => {
    expect(alignmentDistance(a, b)).toBe(distance)
  })

  it('is zero only for equal words, and the same both ways', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(alignmentDistance(a, b) === 0).toBe(a === b)
        expect(alignmentDistance(a, b)).toBe(alignmentDistance(b, a))
      }),
    )
  })

  it('is never more than the longer word has letters', () => {
    fc.assert(fc.property(word, word, (a, b) => alignmentDistance(a, b) <= Math.max(a.length, b.length)))
  })
})

describe('a suggestion', () => {
  it('is the nearest candidate', () => {
    expect(suggest('porpuse', ['purpose', 'policy', 'porpoise-club'])).toBe('purpose')
  })

  it('looks past capitals', () => {
    expect(suggest('Email', ['email', 'sms'])).toBe('email')
  })

  it('is not made when nothing is near', () => {
    expect(suggest('milestones', ['email', 'limits', 'offers'])).toBeUndefined()
  })

  it('is not made for a text that nobody typed by a slip, however long', () => {
    expect(suggest('x'.repeat(100_000), ['y'.repeat(100_000)])).toBeUndefined()
  })
})
