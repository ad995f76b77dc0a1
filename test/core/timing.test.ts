import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueAt, isInstant } from '../../src/core/timing.ts'
import { aStep, DAY, HOUR, MINUTE } from './builders.ts'

describe('a due instant', () => {
  it('is anchor plus offset', () => {
    expect(dueAt(aStep('a', { offsetMs: 3 * HOUR }), 'run-1', 5 * HOUR)).toBe(8 * HOUR)
    expect(dueAt(aStep('a', { offsetMs: -3 * DAY }), 'run-1', 5 * DAY)).toBe(2 * DAY)
  })

  it('lies within its spread, both ends included, in whole milliseconds', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: HOUR }), fc.nat({ max: 5 }), (run, minMs, width) => {
        const due = dueAt(aStep('a', { spread: { minMs, maxMs: minMs + width } }), run, 0)
        expect(Number.isInteger(due)).toBe(true)
        expect(due).toBeGreaterThanOrEqual(minMs)
        expect(due).toBeLessThanOrEqual(minMs + width)
      }),
    )
  })

  it('reaches every millisecond of its spread', () => {
    const step = aStep('a', { spread: { minMs: 1, maxMs: 4 } })
    const dues = new Set(Array.from({ length: 200 }, (_, run) => dueAt(step, `run-${run}`, 0) ?? NaN))
    expect([...dues].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4])
  })

  it('is fixed for run and step, and differs between runs and between steps', () => {
    const spread = { minMs: 30 * MINUTE, maxMs: 60 * MINUTE }
    const due = (step: string, run: string): number => dueAt(aStep(step, { spread }), run, 0) ?? NaN
    expect(due('a', 'run-1')).toBe(due('a', 'run-1'))
    expect(due('a', 'run-1')).not.toBe(due('a', 'run-2'))
    expect(due('a', 'run-1')).not.toBe(due('b', 'run-1'))
  })
})

describe('an instant', () => {
  it.each([0, 1, -1, 0.5, 8.64e15, -8.64e15])('may be %d', (value) => {
    expect(isInstant(value)).toBe(true)
  })

  it('always has a later millisecond', () => {
    expect(8.64e15 + 1).toBeGreaterThan(8.64e15)
  })

  it.each([Number.NaN, Infinity, -Infinity, 8.64e15 + 1, Number.MAX_VALUE, null, undefined, '0', {}, 0n])(
    'may not be %s',
    (value) => {
      expect(isInstant(value)).toBe(false)
    },
  )
})
