import type { Rate } from '../../core/compiled-journey.ts'
import type { DayWindow } from '../../core/workspace.ts'
import type { HolidayCalendar } from './holidays.ts'

/**
 * When a marketing text may reach a person at a place. Data, not advice: each row names its source and its last review, and is in
 * force from `effectiveFrom` (inclusive) to `effectiveTo` (exclusive), UTC dates.
 *
 * All rows of a place hold together, so where sources disagree each has its row and the stricter one decides. A row's meaning is never
 * changed: it ends with `effectiveTo`, and another one follows.
 */
export interface TextHoursRow {
  /** `US` for the federal floor, `US-TX` for a state, an ISO 3166 code for another country. */
  readonly jurisdiction: string
  /** Local hours in which a text may arrive. Days that no window names are closed. */
  readonly windows: readonly DayWindow[]
  /** Hours on holidays, within those of the weekday. Absent: as on the weekday. No windows: closed. */
  readonly holidays?: { readonly calendar: HolidayCalendar; readonly windows: readonly DayWindow[] }
  /** Hours on the day before a holiday, within those of the weekday. */
  readonly eves?: { readonly calendar: HolidayCalendar; readonly windows: readonly DayWindow[] }
  /** Texts in a rolling time. The laws count per subject; here all marketing texts count as one subject. */
  readonly cap?: Rate
  /** law: it binds texts; carrier: they block at other times; custom: a rule for calls, a code of conduct or good practice. */
  readonly basis: 'law' | 'carrier' | 'custom'
  readonly source: string
  /** What a reviewer must know: exemptions that are not used here, doubts. */
  readonly note?: string
  /** primary: the law's text or counsel's reading of it; secondary: charts and vendors only, which differ; open: not settled. */
  readonly confidence: 'primary' | 'secondary' | 'open'
  readonly reviewer: string
  readonly reviewed: string
  readonly effectiveFrom: string
  readonly effectiveTo?: string
  /** Known, but not applied: why. Absent: it is. */
  readonly notInForce?: string
}

export const REVIEWER = 'Segue maintainers'

export const MON_TO_FRI: readonly number[] = [1, 2, 3, 4, 5]
export const MON_TO_SAT: readonly number[] = [1, 2, 3, 4, 5, 6]

/** Whole or half hours of the local day, on the named days or on all. */
export const hours = (from: number, to: number, days?: readonly number[]): DayWindow => ({
  fromMinute: from * 60,
  toMinute: to * 60,
  ...(days === undefined ? {} : { days }),
})
