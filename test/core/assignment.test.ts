import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignArm, hashFraction, isHeldOut } from '../../src/core/assignment.ts'

const contacts = Array.from({ length: 20_000 }, (_, index) => `contact-${index}`)

/** The same number, from node's own hashing and integer arithmetic. */
function referenceFraction(salt: string, id: string): number {
  return createHash('sha256').update(`${salt}.${id}`).digest().readUIntBE(0, 6) / 2 ** 48
}

/** Pearson's chi-square of counts against equal shares. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function countBy<T>(values: readonly T[], kinds: readonly T[]): number[] {
  return kinds.map((kind) => values.filter((value) => value === kind).length)
}

describe('the hash fraction', () => {
  it('is the first 48 bits of sha256(salt + "." + id)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (salt, id) => {
        expect(hashFraction(salt, id)).toBe(referenceFraction(salt, id))
      }),
    )
  })

  it('lies in [0, 1)', () => {
    const fractions = contacts.map((id) => hashFraction('salt', id))
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...fractions)).toBeLessThan(1)
  })

  it('is uniform over ids: chi-square of 100 cells is below the 0.999 quantile', () => {
    const cells = contacts.map((id) => Math.floor(hashFraction('uniform', id) * 100))
    // 148.23 is the 0.999 quantile of chi-square with 99 degrees of freedom.
    expect(
      chiSquare(
        countBy(
          cells,
          Array.from({ length: 100 }, (_, cell) => cell),
        ),
      ),
    ).toBeLessThan(148.23)
  })
})

describe('an arm', () => {
  const arms = ['plain', 'question', 'personal']

  it('is equally likely as the others: chi-square of 3 arms is below the 0.999 quantile', () => {
    const counts = countBy(
      contacts.map((id) => assignArm('cart-subject', arms, id)),
      arms,
    )
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(contacts.length)
    // 13.82 is the 0.999 quantile of chi-square with 2 degrees of freedom.
    expect(chiSquare(counts)).toBeLessThan(13.82)
  })

  it('stays with its contact', () => {
    for (const id of contacts.slice(0, 100)) expect(assignArm('x', arms, id)).toBe(assignArm('x', [...arms], id))
  })

  it('is that of the reference hash', () => {
    for (const id of contacts.slice(0, 500)) {
      expect(assignArm('cart-subject', arms, id)).toBe(arms[Math.floor(referenceFraction('cart-subject', id) * 3)])
    }
  })

  it('is independent of the arm in another experiment: chi-square of the 4 pairs is below the 0.999 quantile', () => {
    const pairs = contacts.map((id) => assignArm('one', ['a', 'b'], id) + assignArm('two', ['a', 'b'], id))
    // 16.27 is the 0.999 quantile of chi-square with 3 degrees of freedom.
    expect(chiSquare(countBy(pairs, ['aa', 'ab', 'ba', 'bb']))).toBeLessThan(16.27)
  })

  it('of an experiment without arms is a bug and throws', () => {
    expect(() => assignArm('empty', [], 'contact-1')).toThrow('experiment empty has no arms')
  })
})

describe('a holdout', () => {
  it.each([0.01, 0.1, 0.5])('of %d holds out that share, within four standard deviations', (share) => {
    const count = contacts.filter((id) => isHeldOut('cart-recovery', share, id)).length
    const deviation = Math.sqrt(contacts.length * share * (1 - share))
    expect(Math.abs(count - contacts.length * share)).toBeLessThan(4 * deviation)
  })

  it('of 0 holds out nobody and of 1 everybody', () => {
    expect(contacts.some((id) => isHeldOut('cart-recovery', 0, id))).toBe(false)
    expect(contacts.every((id) => isHeldOut('cart-recovery', 1, id))).toBe(true)
  })

  it('that grows keeps everyone whom it held out before', () => {
    for (const id of contacts) if (isHeldOut('welcome', 0.1, id)) expect(isHeldOut('welcome', 0.2, id)).toBe(true)
  })

  it('is salted apart from an experiment of the same name', () => {
    expect(isHeldOut('same', referenceFraction('holdout:same', 'contact-1') + 1e-9, 'contact-1')).toBe(true)
    expect(isHeldOut('same', referenceFraction('holdout:same', 'contact-1'), 'contact-1')).toBe(false)
  })
})
