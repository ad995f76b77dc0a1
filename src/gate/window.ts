import type { DayWindow } from '../core/workspace.ts'
import { type HolidayCalendar, isHoliday, weekdayOf } from './jurisdictions/holidays.ts'
import { stretchAt } from './zone-clock.ts'

/** Minutes of a local day, `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The open hours of a local week, spans sorted and apart. */
export interface OpenHours {
  /** Monday first, seven of them. */
  readonly days: readonly (readonly Span[])[]
  /** Narrower hours on some days, within those of the weekday. Absent: holidays are days like others. */
  readonly holidays?: readonly HolidayHours[]
}

/** What is open on a calendar's holidays, or `daysBefore` them. */
export interface HolidayHours {
  readonly calendar: HolidayCalendar
  readonly daysBefore: 0 | 1
  readonly spans: readonly Span[]
}

const MINUTE = 60_000
const DAY_MINUTES = 1_440
const DAY = DAY_MINUTES * MINUTE
/** Further than any hold: what does not open within it never opens. */
const HORIZON_DAYS = 15

/** Windows that hold on the holidays of a calendar, or on the days before them. */
export interface HolidayWindows {
  readonly calendar: HolidayCalendar
  readonly daysBefore?: 0 | 1
  readonly windows: readonly DayWindow[]
}

/** The hours that any of the windows opens. A window over midnight belongs to the day on which it begins. */
export function openHours(windows: readonly DayWindow[], holidays: readonly HolidayWindows[] = []): OpenHours {
  const days = Array.from({ length: 7 }, () => new Array<Span>())
  for (const { fromMinute, toMinute, days: named } of windows) {
    for (const day of named ?? [1, 2, 3, 4, 5, 6, 7]) {
      const until = toMinute > fromMinute ? toMinute : toMinute + DAY_MINUTES
      days[day - 1]?.push({ from: fromMinute, to: Math.min(until, DAY_MINUTES) })
      if (until > DAY_MINUTES) days[day % 7]?.push({ from: 0, to: until - DAY_MINUTES })
    }
  }
  const narrowed = holidays.map(({ calendar, daysBefore = 0, windows: open }) => ({
    calendar,
    daysBefore,
    spans: joined(open.map(({ fromMinute, toMinute }) => ({ from: fromMinute, to: toMinute }))),
  }))
  return { days: days.map(joined), ...(narrowed.length === 0 ? {} : { holidays: narrowed }) }
}

/** The hours that are open under both. */
export function bothOpen(a: OpenHours, b: OpenHours): OpenHours {
  const holidays = [...(a.holidays ?? []), ...(b.holidays ?? [])]
  return {
    days: a.days.map((spans, day) => overlap(spans, b.days[day] ?? [])),
    ...(holidays.length === 0 ? {} : { holidays }),
  }
}

/** Whether the instant is inside the hours by the clocks of every zone. */
export function isOpen(hours: OpenHours, zones: readonly string[], at: number): boolean {
  return zones.every((zone) => opensIn(hours, zone, at) === at)
}

/**
 * The first instant, `at` or later, that is open by the clocks of every zone at once; undefined if none comes within two weeks.
 * Epoch milliseconds.
 */
export function nextOpening(hours: OpenHours, zones: readonly string[], at: number): number | undefined {
  const end = at + HORIZON_DAYS * DAY
  // Each zone's next opening is a lower bound of the common one, so going to the latest of them skips nothing.
  for (let from = at; from < end;) {
    let latest = from
    for (const zone of zones) {
      const opens = opensIn(hours, zone, latest)
      if (opens === undefined) return undefined
      latest = opens
    }
    if (latest === from) return from
    from = latest
  }
  return undefined
}

/** The first instant after `at`, which is open, at which some zone's hours end; undefined if none ends within two weeks. */
export function closesAt(hours: OpenHours, zones: readonly string[], at: number): number | undefined {
  const ends = zones.flatMap((zone) => closesIn(hours, zone, at) ?? [])
  return ends.length === 0 ? undefined : Math.min(...ends)
}

function opensIn(hours: OpenHours, zone: string, at: number): number | undefined {
  const end = at + HORIZON_DAYS * DAY
  for (let from = at; from < end;) {
    const { offset, until } = stretchAt(zone, from)
    // Within a stretch local time runs evenly, so days and minutes can be counted; at its end they are read afresh.
    for (let local = from + offset; local - offset < until && local - offset < end;) {
      const day = Math.floor(local / DAY)
      const minutes = (local - day * DAY) / MINUTE
      const span = spansOn(hours, day).find(({ to }) => minutes < to)
      if (span !== undefined) {
        const opens = Math.max(local, day * DAY + span.from * MINUTE) - offset
        if (opens < until) return opens
        break
      }
      local = (day + 1) * DAY
    }
    from = until
  }
  return undefined
}

function closesIn(hours: OpenHours, zone: string, at: number): number | undefined {
  const end = at + HORIZON_DAYS * DAY
  for (let from = at; from < end;) {
    const { offset, until } = stretchAt(zone, from)
    const local = from + offset
    const day = Math.floor(local / DAY)
    const minutes = (local - day * DAY) / MINUTE
    const span = spansOn(hours, day).find((one) => one.from <= minutes && minutes < one.to)
    if (span === undefined) return from
    from = Math.min(until, day * DAY + span.to * MINUTE - offset)
  }
  return undefined
}

function spansOn(hours: OpenHours, day: number): readonly Span[] {
  const spans = hours.days[weekdayOf(day) - 1] ?? []
  if (hours.holidays === undefined) return spans
  return hours.holidays
    .filter(({ calendar, daysBefore }) => isHoliday(calendar, day + daysBefore))
    .reduce((open, holiday) => overlap(open, holiday.spans), spans)
}

function overlap(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  return a.flatMap((one) =>
    b.flatMap((other) => {
      const from = Math.max(one.from, other.from)
      const to = Math.min(one.to, other.to)
      return from < to ? [{ from, to }] : []
    }),
  )
}

function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = []
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last !== undefined && span.from <= last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
    else result.push(span)
  }
  return result
}
