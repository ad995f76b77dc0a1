import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { realDuration, virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import { DAY, HOUR } from './builders.ts'

const epoch = Date.UTC(2026, 0, 5)
const instant = fc.integer({ min: epoch - 365 * DAY, max: epoch + 365 * DAY })
const scale = fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 100_000 }))
const origin = fc.record({ virtual: instant, real: instant, scale })
const duration = fc.integer({ min: 1, max: 400 * DAY })

describe('the virtual clock', () => {
  it('is real time in production', () => {
    fc.assert(
      fc.property(instant, instant, (start, now) => {
        expect(virtualNow({ virtual: start, real: start, scale: 1 }, now)).toBe(now)
      }),
    )
  })

  it('runs from its origin, scaled', () => {
    const hourInASecond: ClockOrigin = { virtual: epoch, real: 5_000, scale: 3_600 }
    expect(virtualNow(hourInASecond, 5_000)).toBe(epoch)
    expect(virtualNow(hourInASecond, 6_000)).toBe(epoch + HOUR)
    expect(virtualNow(hourInASecond, 4_000)).toBe(epoch - HOUR)
  })

  it('is shifted and not scaled when only its origin differs', () => {
    expect(virtualNow({ virtual: epoch, real: 0, scale: 1 }, 42)).toBe(epoch + 42)
  })

  it('tells whole milliseconds, for a scale that is not whole as well, and never goes back', () => {
    const slow = fc.double({ min: 0.01, max: 1_000, noNaN: true })
    fc.assert(
      fc.property(fc.record({ virtual: instant, real: instant, scale: slow }), instant, duration, (at, now, later) => {
        expect(Number.isInteger(virtualNow(at, now))).toBe(true)
        expect(virtualNow(at, now + later)).toBeGreaterThanOrEqual(virtualNow(at, now))
      }),
    )
  })
})

describe('a real wait for a virtual duration', () => {
  it('is a whole number of milliseconds, never 0 and never negative', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAY, max: 400 * DAY }), scale, (ms, s) => {
        const wait = realDuration(ms, s)
        expect(Number.isInteger(wait)).toBe(true)
        expect(wait).toBeGreaterThanOrEqual(1)
      }),
    )
  })

  it('never ends early: the virtual duration has passed when it is over', () => {
    fc.assert(
      fc.property(origin, instant, duration, (at, now, ms) => {
        const after = virtualNow(at, now + realDuration(ms, at.scale))
        expect(after).toBeGreaterThanOrEqual(virtualNow(at, now) + ms)
      }),
    )
  })

  it('is late by less than one real millisecond', () => {
    fc.assert(
      fc.property(duration, scale, (ms, s) => {
        expect(realDuration(ms, s) - 1).toBeLessThan(Math.max(1, ms / s))
      }),
    )
  })

  it('is the duration itself in production', () => {
    expect(realDuration(48 * HOUR, 1)).toBe(48 * HOUR)
    expect(realDuration(1, 1)).toBe(1)
  })
})
