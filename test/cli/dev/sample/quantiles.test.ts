import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QUANTILE_SHARES, quantilesOf, valueAt } from '../../../../src/cli/dev/sample/quantiles.ts'
import { seededRandom } from '../../../../src/cli/dev/sample/random.ts'

test('the quantiles of 0 to 100 are the shares themselves', () => {
  expect(quantilesOf(Array.from({ length: 101 }, (_, i) => i))).toEqual([5, 10, 25, 50, 75, 90, 95])
})

test('a drawn value is a quantile at its share, and between two of them in between', () => {
  const quantiles = [1, 2, 3, 4, 5, 6, 7]
  for (const [i, share] of QUANTILE_SHARES.entries()) expect(valueAt(quantiles, share)).toBeCloseTo(i + 1, 10)
  expect(valueAt(quantiles, 0.375)).toBeCloseTo(3.5, 10)
  expect(valueAt(quantiles, 0)).toBe(1)
  expect(valueAt(quantiles, 1)).toBe(7)
})

test('a larger share never gives a smaller value', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(values, share, share, (some, a, b) => {
      const quantiles = quantilesOf(some)
      return valueAt(quantiles, Math.min(a, b)) <= valueAt(quantiles, Math.max(a, b)) + 1e-6
    }),
  )
})

test('one seed draws the same numbers again, within their bounds', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 100 }), (seed, to) => {
      const [one, other] = [seededRandom(seed), seededRandom(seed)]
      const drawn = Array.from({ length: 20 }, () => one.whole(0, to))
      return drawn.every((value) => value >= 0 && value <= to && value === other.whole(0, to))
    }),
  )
})

test('a weight of zero is never drawn', () => {
  const random = seededRandom(7)
  expect(Array.from({ length: 200 }, () => random.weighted([0, 1, 0, 2, 0]))).not.toContain(0)
})
