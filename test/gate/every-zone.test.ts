import { describe, expect, test } from 'vitest'
import type { DayWindow } from '../../src/core/workspace.ts'
import { DEFAULT_TEXT_WINDOWS, openTime } from '../../src/gate/checks/hours.ts'
import type { Facts } from '../../src/gate/facts.ts'
import { locate } from '../../src/gate/location.ts'
import { closesAt, isOpen, nextOpening, openHours, type OpenHours } from '../../src/gate/window.ts'
import { aWorkspace } from './scene.ts'

/*
 * G4 at its hardest: every zone of the tz database, every hour of two years. The oracle knows nothing of the code under test: it reads
 * wall clocks off Intl, and finds for itself where a zone's clock jumps.
 */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const FROM = Date.UTC(2026, 0, 1)
const HOURS = 2 * 365 * 24
const UNTIL = FROM + HOURS * HOUR

/** Zones that the runtime knows, and old names under which people still send them. */
const ALIASES = [
  'US/Eastern',
  'US/Central',
  'US/Mountain',
  'US/Pacific',
  'US/Alaska',
  'US/Hawaii',
  'US/Arizona',
  'US/East-Indiana',
  'America/Indianapolis',
  'America/Louisville',
  'America/Buenos_Aires',
  'Asia/Calcutta',
  'Asia/Katmandu',
  'Asia/Saigon',
  'Asia/Rangoon',
  'Europe/Kiev',
  'Europe/Belfast',
  'Australia/ACT',
  'Pacific/Samoa',
  'Atlantic/Faeroe',
  'Africa/Asmera',
  'EST5EDT',
  'PST8PDT',
  'GB',
  'NZ-CHAT',
  'Etc/GMT+12',
  'Etc/GMT-14',
  'UTC',
]
const ZONES: readonly string[] = [...new Set([...Intl.supportedValuesOf('timeZone'), ...ALIASES])]

interface Clock {
  /** Local wall time as if it were UTC, epoch milliseconds, at a whole minute. */
  readonly wall: (at: number) => number
  /** The first minutes after the clock jumped. */
  readonly jumps: readonly number[]
}

const clocks = new Map<string, Clock>()

function clockOf(timeZone: string): Clock {
  let clock = clocks.get(timeZone)
  if (clock === undefined) clocks.set(timeZone, (clock = readClock(timeZone)))
  return clock
}

function readClock(timeZone: string): Clock {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const wall = (at: number): number => {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = (format.format(at).match(/\d+/g) ?? []).map(Number)
    return Date.UTC(year, month - 1, day, hour, minute)
  }
  const jumps: number[] = []
  const DAY = 24 * HOUR
  for (let at = FROM - DAY; at < UNTIL + 3 * DAY; at += DAY) {
    if (wall(at + DAY) - wall(at) === DAY) continue
    let [low, high] = [at, at + DAY]
    while (high - low > MINUTE) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE
      if (wall(middle) - wall(low) === middle - low) low = middle
      else high = middle
    }
    jumps.push(high)
  }
  return { wall, jumps }
}

/** Wall time for every hour without asking Intl for each: between two jumps it runs evenly. Each stretch is checked at its end. */
function wallHours(clock: Clock): Float64Array {
  const walls = new Float64Array(HOURS)
  let jump = clock.jumps.findIndex((at) => at > FROM)
  let offset = clock.wall(FROM) - FROM
  for (let hour = 0; hour < HOURS; hour++) {
    const at = FROM + hour * HOUR
    const next = jump < 0 ? undefined : clock.jumps[jump]
    if (next !== undefined && at >= next) {
      offset = clock.wall(at) - at
      jump = jump + 1 < clock.jumps.length ? jump + 1 : -1
    }
    walls[hour] = at + offset
  }
  for (let hour = 0; hour < HOURS; hour += 997) expect(walls[hour]).toBe(clock.wall(FROM + hour * HOUR))
  return walls
}

/** Whether a wall time is inside one of the windows: the plain reading of what the author wrote. */
function allows(windows: readonly DayWindow[], wall: number): boolean {
  const day = Math.floor(wall / (24 * HOUR))
  const weekday = ((((day + 3) % 7) + 7) % 7) + 1
  const minute = Math.floor((wall - day * 24 * HOUR) / MINUTE)
  const before = ((weekday + 5) % 7) + 1
  return windows.some(({ fromMinute, toMinute, days }) => {
    const on = (one: number) => days === undefined || days.includes(one)
    if (toMinute > fromMinute) return on(weekday) && fromMinute <= minute && minute < toMinute
    return (on(weekday) && minute >= fromMinute) || (on(before) && minute < toMinute)
  })
}

const WINDOWS: readonly { readonly name: string; readonly windows: readonly DayWindow[] }[] = [
  { name: 'the hours of texts without a policy', windows: DEFAULT_TEXT_WINDOWS },
  { name: 'weekdays 9:00 to 18:00', windows: [{ fromMinute: 540, toMinute: 1_080, days: [1, 2, 3, 4, 5] }] },
  {
    name: '21:30 to 2:30, over midnight and over the hour at which clocks change',
    windows: [{ fromMinute: 1_290, toMinute: 150 }],
  },
  { name: 'Friday nights', windows: [{ fromMinute: 1_320, toMinute: 360, days: [5] }] },
]

test('the zones are those of the tz database', () => {
  expect(ZONES.length).toBeGreaterThan(430)
})

describe.each(WINDOWS)('$name', ({ name, windows }) => {
  const hours: OpenHours = openHours(windows)
  const whole = windows === DEFAULT_TEXT_WINDOWS

  test(`in every zone, at every hour of two years, ${name} are open when the wall clock says so and never otherwise`, () => {
    let [instants, wrong] = [0, 0]
    for (const zone of ZONES) {
      const clock = clockOf(zone)
      // Every hour for the window that holds by default; for the others every hour around the changes, and every seventh besides.
      const walls = wallHours(clock)
      for (let hour = 0; hour < HOURS; hour += whole ? 1 : 7) {
        const wall = walls[hour] ?? Number.NaN
        instants++
        if (isOpen(hours, [zone], FROM + hour * HOUR) !== allows(windows, wall)) wrong++
      }
      for (const jump of clock.jumps) {
        for (let around = -30; around <= 30; around++) {
          for (const minute of [0, 29, 30, 31, 59]) {
            const at = jump + around * HOUR + minute * MINUTE
            instants++
            if (isOpen(hours, [zone], at) !== allows(windows, clock.wall(at))) wrong++
            if (isOpen(hours, [zone], at + MINUTE - 1) !== allows(windows, clock.wall(at))) wrong++
          }
        }
      }
    }
    expect({ wrong, enough: instants > ZONES.length * (whole ? 17_520 : 2_500) }).toEqual({ wrong: 0, enough: true })
  }, 300_000)

  test('the next opening is open, nothing is open before it, and it closes at the first closed minute', () => {
    let wrong = 0
    for (const zone of ZONES) {
      const clock = clockOf(zone)
      const starts = [
        ...clock.jumps.flatMap((jump) => [jump - 20 * HOUR, jump - MINUTE, jump, jump + 59 * MINUTE]),
        ...Array.from({ length: 12 }, (_, month) => FROM + month * 61 * 24 * HOUR + month * 5 * HOUR + 30 * MINUTE),
      ]
      for (const from of starts) {
        const opens = nextOpening(hours, [zone], from)
        const closes = opens === undefined ? undefined : closesAt(hours, [zone], opens)
        if (opens === undefined || closes === undefined) {
          wrong++
          continue
        }
        if (!allows(windows, clock.wall(opens))) wrong++
        if (opens > from && allows(windows, clock.wall(opens - 1))) wrong++
        if (allows(windows, clock.wall(closes)) || !allows(windows, clock.wall(closes - 1))) wrong++
        for (let at = from; at < opens; at += 31 * MINUTE) if (allows(windows, clock.wall(at))) wrong++
        for (let at = opens; at < closes; at += 31 * MINUTE) if (!allows(windows, clock.wall(at))) wrong++
      }
    }
    expect(wrong).toBe(0)
  }, 300_000)
})

/** The outer bounds of the law by place, written down here a second time: first and last hour, and whether Sundays are open. */
const BOUNDS: Readonly<Record<string, { readonly from: number; readonly to: number; readonly sunday: boolean }>> = {
  US: { from: 8, to: 21, sunday: true },
  FR: { from: 10, to: 20, sunday: false },
  DE: { from: 8, to: 20, sunday: false },
  ES: { from: 9, to: 21, sunday: false },
  IT: { from: 9, to: 20, sunday: false },
  PL: { from: 8, to: 20, sunday: false },
  GB: { from: 9, to: 20, sunday: true },
  CA: { from: 9, to: 21.5, sunday: true },
}

/** A person of whom only this is known. */
function someone(traits: Readonly<Record<string, unknown>>): Facts {
  return {
    journey: 'j',
    version: 'v',
    contactId: 'c',
    state: 'active',
    outcome: null,
    heldOut: false,
    traits,
    trigger: {},
    email: null,
    phone: null,
    switches: [],
    consent: [],
    suppressions: [],
    contacts: [],
    steps: {},
    send: null,
    arm: null,
    code: null,
    engagedAt: null,
    rivals: [],
  }
}

describe('a text to a person of whom only the zone is known', () => {
  const workspace = aWorkspace()
  const byDefault = workspace.policies['us-retail']
  if (byDefault === undefined) throw new Error('no policy')
  const wideOpen = { ...byDefault, sendWindow: { sms: { fromMinute: 0, toMinute: 1_440 } } }

  test.each([
    ['timezone', byDefault],
    ['device_timezone', wideOpen],
  ] as const)(
    'by %s: whenever the gate lets it leave, it is a fit hour there',
    (trait, policy) => {
      let [open, outside] = [0, 0]
      for (const zone of ZONES) {
        const facts = someone({ [trait]: zone })
        const place = locate(facts.traits, undefined)
        const known = place.evidence[0] !== 'none'
        // UTC and the like say nothing about a person, who then may be anywhere in the United States.
        const walls = (known ? [zone] : place.zones).map((one) => wallHours(clockOf(one)))
        const bounds = place.jurisdictions.flatMap((one) => BOUNDS[one] ?? [])
        // Five is prime to 24: every hour of the day comes up, on every weekday.
        for (let hour = 0; hour < HOURS; hour += known ? 5 : 35) {
          const at = FROM + hour * HOUR
          if (openTime('sms', policy, facts, at).opensAt !== at) continue
          open++
          for (const hours of walls) {
            const wall = hours[hour] ?? Number.NaN
            const day = Math.floor(wall / (24 * HOUR))
            const local = (wall - day * 24 * HOUR) / HOUR
            if (policy === byDefault && !allows(DEFAULT_TEXT_WINDOWS, wall)) outside++
            for (const { from, to, sunday } of bounds) {
              if (local < from || local >= to || (!sunday && (((day + 3) % 7) + 7) % 7 === 6)) outside++
            }
          }
        }
      }
      expect({ outside, enough: open > ZONES.length * 500 }).toEqual({ outside: 0, enough: true })
    },
    120_000,
  )
})
