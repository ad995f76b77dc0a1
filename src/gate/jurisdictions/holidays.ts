/** A day of every year, by its rule. Weekdays: 1 Monday to 7 Sunday. */
type Rule =
  | { readonly kind: 'date'; readonly month: number; readonly day: number }
  /** The nth such weekday of a month; -1: the last. `later` days after it. */
  | {
      readonly kind: 'weekday'
      readonly month: number
      readonly weekday: number
      readonly nth: number
      readonly later: number
    }
  /** Days after (or, negative, before) Easter Sunday of the Western churches. */
  | { readonly kind: 'easter'; readonly days: number }

interface Calendar {
  readonly rules: readonly Rule[]
  /** A holiday on a Saturday is kept on Friday as well, one on a Sunday on Monday. */
  readonly observed: boolean
  readonly source: string
}

const MS_PER_DAY = 86_400_000
const MON = 1
const THU = 4

const on = (month: number, ...days: readonly number[]): readonly Rule[] =>
  days.map((day) => ({ kind: 'date', month, day }))
const nth = (place: number, weekday: number, month: number, later = 0): Rule => ({
  kind: 'weekday',
  month,
  weekday,
  nth: place,
  later,
})
const easter = (...days: readonly number[]): readonly Rule[] => days.map((one) => ({ kind: 'easter', days: one }))

const FEDERAL: readonly Rule[] = [
  ...on(1, 1),
  nth(3, MON, 1), // Birthday of Martin Luther King, Jr.
  nth(3, MON, 2), // Washington's Birthday
  nth(-1, MON, 5), // Memorial Day
  ...on(6, 19), // Juneteenth
  ...on(7, 4),
  nth(1, MON, 9), // Labor Day
  nth(2, MON, 10), // Columbus Day
  ...on(11, 11), // Veterans Day
  nth(4, THU, 11), // Thanksgiving
  ...on(12, 25),
]
const ELECTION_DAY = nth(1, MON, 11, 1)

const ofState = (source: string, ...own: readonly Rule[]): Calendar => ({
  rules: [...FEDERAL, ...own],
  observed: true,
  source,
})

/**
 * Days on which a rule about holidays closes or narrows. A state's calendar is the federal one with its own days besides: which of the
 * federal days a state also keeps is where charts disagree, and a day too many costs a day's wait only. Reviewed 2026-11-25.
 */
const CALENDARS = {
  US: { rules: FEDERAL, observed: true, source: '5 USC 6103' },
  'US-AL': ofState(
    'Ala. Code 1-3-8; Mardi Gras is kept in two counties only',
    ...easter(-47),
    nth(4, MON, 4), // Confederate Memorial Day
    nth(1, MON, 6), // Jefferson Davis' Birthday
  ),
  'US-LA': ofState(
    'La. R.S. 1:55, with the statutory days that were struck out in 2022; what a governor proclaims is not here',
    ...on(1, 8, 19),
    ...easter(-47, -2), // Mardi Gras, Good Friday
    ...on(6, 3),
    ...on(8, 30),
    ...on(11, 1),
    ELECTION_DAY,
    nth(4, THU, 11, 1), // Acadian Day, the day after Thanksgiving
  ),
  'US-MS': ofState('Miss. Code 3-3-7', nth(-1, MON, 4)),
  'US-PA': ofState('44 P.S. 11', ...easter(-2), ...on(6, 14), ELECTION_DAY),
  'US-RI': ofState('R.I. Gen. Laws 25-1-1', ...on(5, 4), nth(2, MON, 8), ELECTION_DAY),
  'US-UT': ofState('Utah Code 63G-1-301', ...on(7, 24)),
  FR: {
    rules: [
      ...on(1, 1),
      ...easter(1, 39, 50),
      ...on(5, 1, 8),
      ...on(7, 14),
      ...on(8, 15),
      ...on(11, 1, 11),
      ...on(12, 25),
    ],
    observed: false,
    source: 'Code du travail L3133-1',
  },
  DE: {
    rules: [
      ...on(1, 1, 6),
      ...easter(-2, 1, 39, 50, 60),
      ...on(5, 1),
      ...on(8, 15),
      ...on(10, 3, 31),
      ...on(11, 1),
      ...on(12, 25, 26),
    ],
    observed: false,
    source: 'Holiday laws of the Länder; days that most of them keep are kept everywhere here',
  },
  ES: {
    rules: [
      ...on(1, 1, 6),
      ...easter(-3, -2),
      ...on(5, 1),
      ...on(8, 15),
      ...on(10, 12),
      ...on(11, 1),
      ...on(12, 6, 8, 25),
    ],
    observed: false,
    source: 'Real Decreto 2001/1983, art. 45; regional days are not here',
  },
  IT: {
    rules: [
      ...on(1, 1, 6),
      ...easter(1),
      ...on(4, 25),
      ...on(5, 1),
      ...on(6, 2),
      ...on(8, 15),
      ...on(10, 4),
      ...on(11, 1),
      ...on(12, 8, 25, 26),
    ],
    observed: false,
    source: 'Legge 260/1949 as amended',
  },
  PL: {
    rules: [
      ...on(1, 1, 6),
      ...easter(0, 1, 49, 60),
      ...on(5, 1, 3),
      ...on(8, 15),
      ...on(11, 1, 11),
      ...on(12, 24, 25, 26),
    ],
    observed: false,
    source: 'Ustawa o dniach wolnych od pracy (1951) as amended',
  },
} as const satisfies Readonly<Record<string, Calendar>>

export type HolidayCalendar = keyof typeof CALENDARS

const days = new Map<string, ReadonlySet<number>>()
/** Calendars times years; far more than any deployment meets. */
const MAX_YEARS = 2_000

/** Whether a local calendar day (days since 1 January 1970) is a holiday of the calendar, or a day on which one is observed. */
export function isHoliday(calendar: HolidayCalendar, day: number): boolean {
  const year = new Date(day * MS_PER_DAY).getUTCFullYear()
  const key = `${calendar}|${year}`
  let known = days.get(key)
  if (known === undefined) {
    // A holiday of the next year may be observed in this one.
    known = new Set([year, year + 1].flatMap((one) => daysOf(CALENDARS[calendar], one)))
    if (days.size >= MAX_YEARS) days.clear()
    days.set(key, known)
  }
  return known.has(day)
}

/** 1 Monday to 7 Sunday; 1 January 1970 was a Thursday. */
export function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

function daysOf({ rules, observed }: Calendar, year: number): readonly number[] {
  return rules.flatMap((rule) => {
    const day = dayOf(rule, year)
    const weekday = weekdayOf(day)
    if (!observed || weekday < 6) return [day]
    return [day, weekday === 6 ? day - 1 : day + 1]
  })
}

function dayOf(rule: Rule, year: number): number {
  switch (rule.kind) {
    case 'date':
      return dayNumber(year, rule.month, rule.day)
    case 'easter':
      return easterOf(year) + rule.days
    case 'weekday': {
      if (rule.nth < 0) {
        const last = dayNumber(year, rule.month + 1, 1) - 1
        return last - ((weekdayOf(last) - rule.weekday + 7) % 7) + rule.later
      }
      const first = dayNumber(year, rule.month, 1)
      return first + ((rule.weekday - weekdayOf(first) + 7) % 7) + (rule.nth - 1) * 7 + rule.later
    }
    default:
      return rule satisfies never
  }
}

function dayNumber(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / MS_PER_DAY
}

/** Easter Sunday of the Gregorian calendar, by the anonymous algorithm of 1876 (Meeus, Astronomical Algorithms, chapter 8). */
function easterOf(year: number): number {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const inCentury = year % 100
  const skipped = Math.floor(century / 4)
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3)
  const epact = (19 * golden + century - skipped - correction + 15) % 30
  const toSunday = (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - epact - (inCentury % 4)) % 7
  const late = Math.floor((golden + 11 * epact + 22 * toSunday) / 451)
  const sum = epact + toSunday - 7 * late + 114
  return dayNumber(year, Math.floor(sum / 31), (sum % 31) + 1)
}
