import type { DayWindow } from '../../core/workspace.ts'
import type { Rate } from '../../core/compiled-journey.ts'

/**
 * When a marketing text may reach a person in the United States, by state. Data, not advice: each row names its source and its
 * last review, and is in force from `effectiveFrom` (inclusive) to `effectiveTo` (exclusive), UTC dates.
 *
 * Where sources disagree the stricter reading is here. All rows of a state hold together, and the federal row holds everywhere.
 */
export interface JurisdictionRow {
  /** USPS code, or `US` for the federal floor. */
  readonly state: string
  /** Local hours in which a text may arrive. Days that no window names are closed. */
  readonly windows: readonly DayWindow[]
  /** Hours on legal holidays, within those of the weekday. Absent: as on the weekday. Empty: closed. */
  readonly holidays?: readonly DayWindow[]
  /** Texts in a rolling time. The laws count per subject; here all marketing texts count as one subject. */
  readonly cap?: Rate
  readonly source: string
  /** primary: the law's text or counsel's reading of it; secondary: trade charts only, which differ among themselves; open: not settled. */
  readonly confidence: 'primary' | 'secondary' | 'open'
  readonly reviewed: string
  readonly effectiveFrom: string
  readonly effectiveTo?: string
}

const REVIEWED = '2026-11-23'
const MON_TO_SAT = [1, 2, 3, 4, 5, 6]
const THREE_A_DAY: Rate = { count: 3, windowMs: 86_400_000 }

const hours = (from: number, to: number, days?: readonly number[]): DayWindow => ({
  fromMinute: from * 60,
  toMinute: to * 60,
  ...(days === undefined ? {} : { days }),
})

const chart = (state: string, windows: readonly DayWindow[], holidays?: readonly DayWindow[]): JurisdictionRow => ({
  state,
  windows,
  ...(holidays === undefined ? {} : { holidays }),
  source: 'trade charts of state calling hours; they differ, the strictest is taken',
  confidence: 'secondary',
  reviewed: REVIEWED,
  effectiveFrom: '2021-01-01',
})

const law = (
  state: string,
  windows: readonly DayWindow[],
  source: string,
  effectiveFrom: string,
  cap?: Rate,
): JurisdictionRow => ({
  state,
  windows,
  ...(cap === undefined ? {} : { cap }),
  source,
  confidence: 'primary',
  reviewed: REVIEWED,
  effectiveFrom,
})

export const US_TEXT_HOURS: readonly JurisdictionRow[] = [
  law('US', [hours(8, 21)], '47 CFR 64.1200(c)(1)', '1992-12-20'),
  law('CT', [hours(9, 20)], 'Conn. Gen. Stat. 42-288a, as amended by Public Act 23-98', '2023-10-01'),
  law('FL', [hours(8, 20)], 'Fla. Stat. 501.616(6)', '2021-07-01', THREE_A_DAY),
  law('MD', [hours(8, 20)], 'Stop the Spam Calls Act of 2023, Md. Com. Law 14-4501', '2024-01-01', THREE_A_DAY),
  law('NJ', [hours(8, 21)], 'N.J.S.A. 56:8-128(d)', '2003-01-01'),
  law('OK', [hours(8, 20)], 'Telephone Solicitation Act of 2022, 15 O.S. 775C.4', '2022-11-01', THREE_A_DAY),
  law('OR', [hours(8, 20)], 'HB 3865 (2025)', '2026-01-01', THREE_A_DAY),
  law('TX', [hours(9, 21, MON_TO_SAT), hours(12, 21, [7])], 'SB 140 (2025); Tex. Bus. & Com. Code 302', '2025-09-01'),
  law('VA', [hours(8, 21)], 'SB 1339 (2025)', '2026-01-01'),
  law('WA', [hours(8, 20)], 'RCW 80.36.390', '2022-06-09'),
  chart('AL', [hours(8, 20, MON_TO_SAT)], []),
  chart('KY', [hours(10, 21)]),
  chart('LA', [hours(8, 20, MON_TO_SAT)], []),
  chart('MA', [hours(9, 20)]),
  chart('MI', [hours(9, 21)]),
  chart('MN', [hours(9, 21)]),
  chart('MS', [hours(8, 20, MON_TO_SAT)]),
  chart('NJ', [hours(8, 20)]),
  chart('NM', [hours(9, 21)]),
  chart('NV', [hours(9, 20)]),
  chart('RI', [hours(9, 18, [1, 2, 3, 4, 5]), hours(10, 17, [6])], [hours(10, 17)]),
  chart('WY', [hours(8, 20)]),
  {
    state: 'PA',
    windows: [hours(8, 21)],
    holidays: [],
    source: '73 P.S. 2245.2: no calls on legal holidays',
    confidence: 'secondary',
    reviewed: REVIEWED,
    effectiveFrom: '2002-01-01',
  },
  {
    state: 'PA',
    windows: [hours(9, 19, MON_TO_SAT)],
    source: 'SB 992 (2026): said to be in force, not confirmed; kept until counsel says otherwise',
    confidence: 'open',
    reviewed: REVIEWED,
    effectiveFrom: '2026-10-18',
  },
]

/** The rows in force at an instant (epoch milliseconds) for any of the states, the federal one included. */
export function textHoursIn(states: readonly string[], at: number): readonly JurisdictionRow[] {
  return US_TEXT_HOURS.filter(
    (row) =>
      (row.state === 'US' || states.includes(row.state)) &&
      Date.parse(row.effectiveFrom) <= at &&
      (row.effectiveTo === undefined || at < Date.parse(row.effectiveTo)),
  )
}
