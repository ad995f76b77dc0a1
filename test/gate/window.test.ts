import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DayWindow } from '../../src/core/workspace.ts'
import { bothOpen, closesAt, isOpen, nextOpening, openHours, type OpenHours } from '../../src/gate/window.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NEW_YORK = 'America/New_York'
const hours = (from: number, to: number, days?: readonly number[]): DayWindow => ({
  fromMinute: from * 60,
  toMinute: to * 60,
  ...(days === undefined ? {} : { days }),
})
const at = (iso: string): number => Date.parse(iso)
const next = (open: OpenHours, zone: string, iso: string): string => {
  const opening = nextOpening(open, [zone], at(iso))
  return opening === undefined ? 'never' : new Date(opening).toISOString().replace('.000Z', 'Z')
}

/** The same question asked the slow way, straight from Intl: the wall clock of each zone, one minute at a time. */
function isOpenByTheClock(windows: readonly DayWindow[], zones: readonly string[], instant: number): boolean {
  return zones.every((timeZone) => {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: 'numeric',
      minute: 'numeric',
    }).formatToParts(instant)
    const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
    const weekday = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(part('weekday')) + 1
    const minute = Number(part('hour')) * 60 + Number(part('minute'))
    return windows.some(({ fromMinute, toMinute, days }) => {
      const on = (day: number) => days === undefined || days.includes(day)
      if (toMinute > fromMinute) return on(weekday) && fromMinute <= minute && minute < toMinute
      return (on(weekday) && minute >= fromMinute) || (on(((weekday + 5) % 7) + 1) && minute < toMinute)
    })
  })
}

describe('the next opening', () => {
  const daytime = openHours([hours(9, 20)])

  test('is now while the window is open, and its ends are exclusive', () => {
    expect(next(daytime, NEW_YORK, '2026-07-15T13:00:00Z')).toBe('2026-07-15T13:00:00Z')
    expect(next(daytime, NEW_YORK, '2026-07-15T12:59:59Z')).toBe('2026-07-15T13:00:00Z')
    expect(isOpen(daytime, [NEW_YORK], at('2026-07-15T23:59:59.999Z'))).toBe(true)
    expect(next(daytime, NEW_YORK, '2026-07-16T00:00:00Z')).toBe('2026-07-16T13:00:00Z')
  })

  test('moves with daylight saving time on both days on which it changes', () => {
    expect(next(daytime, NEW_YORK, '2026-03-08T02:00:00Z')).toBe('2026-03-08T13:00:00Z')
    expect(next(daytime, NEW_YORK, '2026-03-07T02:00:00Z')).toBe('2026-03-07T14:00:00Z')
    expect(next(daytime, NEW_YORK, '2026-11-01T02:00:00Z')).toBe('2026-11-01T14:00:00Z')
    expect(next(daytime, NEW_YORK, '2026-10-31T02:00:00Z')).toBe('2026-10-31T13:00:00Z')
  })

  test('in the hour that does not exist is the first minute after it', () => {
    const small = openHours([{ fromMinute: 2 * 60 + 10, toMinute: 2 * 60 + 40 }])
    expect(next(small, NEW_YORK, '2026-03-08T05:00:00Z')).toBe('2026-03-09T06:10:00Z')
    const across = openHours([{ fromMinute: 2 * 60 + 30, toMinute: 4 * 60 }])
    expect(next(across, NEW_YORK, '2026-03-08T05:00:00Z')).toBe('2026-03-08T07:00:00Z')
  })

  test('in the hour that comes twice is open both times', () => {
    const small = openHours([{ fromMinute: 60 + 10, toMinute: 60 + 40 }])
    expect(next(small, NEW_YORK, '2026-11-01T05:00:00Z')).toBe('2026-11-01T05:10:00Z')
    expect(next(small, NEW_YORK, '2026-11-01T05:40:00Z')).toBe('2026-11-01T06:10:00Z')
    expect(next(small, NEW_YORK, '2026-11-01T06:40:00Z')).toBe('2026-11-02T06:10:00Z')
  })

  test('stays where it is in zones without daylight saving time', () => {
    for (const day of ['2026-01-15', '2026-03-08', '2026-07-15', '2026-11-01']) {
      expect(next(daytime, 'America/Phoenix', `${day}T10:00:00Z`)).toBe(`${day}T16:00:00Z`)
      expect(next(daytime, 'Pacific/Honolulu', `${day}T10:00:00Z`)).toBe(`${day}T19:00:00Z`)
    }
  })

  test('over midnight belongs to the day on which the window begins', () => {
    const night = openHours([hours(21, 9, [5])])
    expect(next(night, 'UTC', '2026-07-15T12:00:00Z')).toBe('2026-07-17T21:00:00Z')
    expect(next(night, 'UTC', '2026-07-18T08:59:59Z')).toBe('2026-07-18T08:59:59Z')
    expect(next(night, 'UTC', '2026-07-18T09:00:00Z')).toBe('2026-07-24T21:00:00Z')
    const sunday = openHours([hours(21, 9, [7])])
    expect(next(sunday, 'UTC', '2026-07-13T08:00:00Z')).toBe('2026-07-13T08:00:00Z')
  })

  test('of zones whose hours never meet is never', () => {
    expect(
      nextOpening(openHours([hours(9, 11)]), [NEW_YORK, 'Pacific/Honolulu'], at('2026-07-15T00:00:00Z')),
    ).toBeUndefined()
    expect(nextOpening(openHours([]), [NEW_YORK], at('2026-07-15T00:00:00Z'))).toBeUndefined()
  })

  test('on a holiday is within the hours of the holiday', () => {
    const rhodeIsland = openHours([hours(9, 18, [1, 2, 3, 4, 5])], [{ calendar: 'US', windows: [hours(10, 17)] }])
    const closed = openHours([hours(8, 20)], [{ calendar: 'US', windows: [] }])
    expect(next(rhodeIsland, NEW_YORK, '2026-12-25T05:00:00Z')).toBe('2026-12-25T15:00:00Z')
    expect(next(closed, NEW_YORK, '2026-12-25T05:00:00Z')).toBe('2026-12-26T13:00:00Z')
    // 4 July 2026 is a Saturday, so it is kept on Friday as well.
    expect(next(closed, NEW_YORK, '2026-07-03T05:00:00Z')).toBe('2026-07-05T12:00:00Z')
    expect(next(bothOpen(rhodeIsland, closed), NEW_YORK, '2026-12-25T05:00:00Z')).toBe('2026-12-28T14:00:00Z')
  })
})

describe('for any windows, zones and instants', () => {
  const zone = fc.constantFrom(
    NEW_YORK,
    'America/Chicago',
    'America/Denver',
    'America/Phoenix',
    'America/Los_Angeles',
    'America/Anchorage',
    'Pacific/Honolulu',
    'America/St_Johns',
    'Europe/London',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  )
  // Around both changes of daylight saving time in either hemisphere, and anywhere else.
  const instant = fc.oneof(
    fc
      .integer({ min: 0, max: 3 * DAY })
      .chain((offset) =>
        fc
          .constantFrom('2026-03-07', '2026-10-31', '2026-03-28', '2026-10-24', '2026-04-04', '2026-10-03')
          .map((day) => at(`${day}T00:00:00Z`) + offset),
      ),
    fc.integer({ min: at('2024-01-01T00:00:00Z'), max: at('2030-12-31T00:00:00Z') }),
  )
  const window: fc.Arbitrary<DayWindow> = fc
    .record({
      fromMinute: fc.integer({ min: 0, max: 47 }).map((half) => half * 30),
      length: fc.integer({ min: 1, max: 40 }).map((half) => half * 30),
      days: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), { nil: undefined }),
    })
    .map(({ fromMinute, length, days }) => {
      const toMinute = fromMinute + length <= 1_440 ? fromMinute + length : fromMinute + length - 1_440
      return { fromMinute, toMinute, ...(days === undefined ? {} : { days }) }
    })
  const zones = fc.uniqueArray(zone, { minLength: 1, maxLength: 3 })

  test('the opening is open by every clock, and no minute before it is', () => {
    fc.assert(
      fc.property(window, zones, instant, (one, places, from) => {
        const opening = nextOpening(openHours([one]), places, from)
        if (opening === undefined) return
        expect(opening).toBeGreaterThanOrEqual(from)
        expect(isOpenByTheClock([one], places, opening)).toBe(true)
        const step = Math.max(7 * MINUTE, Math.floor((opening - from) / 60))
        for (let before = opening - 1; before >= from; before -= step) {
          expect(isOpenByTheClock([one], places, before)).toBe(false)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('it closes at the first minute that is not open any more by some clock', () => {
    fc.assert(
      fc.property(window, zones, instant, (one, places, from) => {
        const open = openHours([one])
        const opening = nextOpening(open, places, from)
        if (opening === undefined) return
        const end = closesAt(open, places, opening)
        if (end === undefined) return
        expect(isOpenByTheClock([one], places, end)).toBe(false)
        expect(isOpenByTheClock([one], places, end - 1)).toBe(true)
        const step = Math.max(7 * MINUTE, Math.floor((end - opening) / 40))
        for (let inside = opening; inside < end; inside += step) {
          expect(isOpenByTheClock([one], places, inside)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('hours of two windows are those that both have', () => {
    fc.assert(
      fc.property(window, window, zone, instant, (one, other, place, when) => {
        const both = bothOpen(openHours([one]), openHours([other]))
        expect(isOpen(both, [place], when)).toBe(
          isOpenByTheClock([one], [place], when) && isOpenByTheClock([other], [place], when),
        )
      }),
      { numRuns: 300 },
    )
  })
})
