import type { Rate } from '../../core/compiled-journey.ts'
import type { DayWindow } from '../../core/workspace.ts'
import type { HolidayCalendar } from './holidays.ts'
import { hours, MON_TO_FRI, MON_TO_SAT, REVIEWER, type TextHoursRow } from './text-hours-row.ts'

const REVIEWED = '2026-11-25'
const THREE_A_DAY: Rate = { count: 3, windowMs: 86_400_000 }

type Extra = Partial<Pick<TextHoursRow, 'cap' | 'note' | 'holidays' | 'effectiveTo' | 'notInForce'>>

const closedOn = (calendar: HolidayCalendar): Extra => ({ holidays: { calendar, windows: [] } })

const law = (
  jurisdiction: string,
  windows: readonly DayWindow[],
  source: string,
  effectiveFrom: string,
  extra: Extra = {},
): TextHoursRow => ({
  jurisdiction,
  windows,
  ...extra,
  basis: 'law',
  source,
  confidence: 'primary',
  reviewer: REVIEWER,
  reviewed: REVIEWED,
  effectiveFrom,
})

const CHARTS = 'trade charts of state calling hours; they differ, the strictest is taken'

const chart = (
  jurisdiction: string,
  windows: readonly DayWindow[],
  extra: Extra = {},
  source = CHARTS,
): TextHoursRow => ({
  ...law(jurisdiction, windows, source, '2021-01-01', extra),
  confidence: 'secondary',
})

/** Texts in the United States, by state. The federal row holds everywhere, and with it every row of every state the person may be in. */
export const US_TEXT_HOURS: readonly TextHoursRow[] = [
  law('US', [hours(8, 21)], '47 CFR 64.1200(c)(1)', '1992-12-20', {
    note: 'A petition of March 2025 asks to exempt texts with consent and to let the area code suffice; not ruled upon.',
  }),
  law('US-CT', [hours(9, 20)], 'Conn. Gen. Stat. 42-288a, as amended by Public Act 23-98', '2023-10-01'),
  law('US-FL', [hours(8, 20)], 'Fla. Stat. 501.616(6)', '2021-07-01', {
    cap: THREE_A_DAY,
    note: 'Three a day on the same subject. A Florida area code presumes Florida.',
  }),
  law('US-MD', [hours(8, 20)], 'Stop the Spam Calls Act of 2023, Md. Com. Law 14-4501', '2024-01-01', {
    cap: THREE_A_DAY,
  }),
  law('US-NJ', [hours(8, 21)], 'N.J.S.A. 56:8-128(d)', '2003-01-01', {
    note: 'Many charts say 8 to 20: they have a row of their own.',
  }),
  law('US-OK', [hours(8, 20)], 'Telephone Solicitation Act of 2022, 15 O.S. 775C.4', '2022-11-01', {
    cap: THREE_A_DAY,
  }),
  law('US-OR', [hours(8, 20)], 'HB 3865 (2025)', '2026-01-01', {
    cap: THREE_A_DAY,
    note: 'A business relationship within 18 months exempts; the exemption is not used.',
  }),
  law(
    'US-TX',
    [hours(9, 21, MON_TO_SAT), hours(12, 21, [7])],
    'SB 140 (2025); Tex. Bus. & Com. Code 302',
    '2025-09-01',
    { note: 'Consented texts are exempt from registration under chapter 302; chapters 304 and 305 remain.' },
  ),
  law('US-VA', [hours(8, 21)], 'SB 1339 (2025)', '2026-01-01', {
    note: 'Prior consent exempts; the exemption is not used. A texted STOP is kept for ten years.',
  }),
  law('US-WA', [hours(8, 20)], 'RCW 80.36.390', '2022-06-09'),
  chart('US-AL', [hours(8, 20, MON_TO_SAT)], closedOn('US-AL')),
  chart('US-KY', [hours(10, 21)]),
  chart('US-LA', [hours(8, 20, MON_TO_SAT)], {
    ...closedOn('US-LA'),
    note: 'La. PSC General Order R-29617 V(A). In a state of emergency all solicitation stops: use a kill switch.',
  }),
  chart('US-MA', [hours(9, 20)]),
  chart('US-MI', [hours(9, 21)]),
  chart('US-MN', [hours(9, 21)]),
  chart('US-MS', [hours(8, 20, MON_TO_SAT)], closedOn('US-MS')),
  chart('US-NJ', [hours(8, 20)]),
  chart('US-NM', [hours(9, 21)]),
  chart('US-NV', [hours(9, 20)]),
  chart('US-RI', [hours(9, 18, MON_TO_FRI), hours(10, 17, [6])], {
    holidays: { calendar: 'US-RI', windows: [hours(10, 17)] },
  }),
  chart(
    'US-UT',
    [hours(8, 21, MON_TO_SAT)],
    { ...closedOn('US-UT'), note: 'Prior express consent exempts; the exemption is not used.' },
    'Utah Code 13-25a-103, by trade charts of restricted days',
  ),
  chart('US-WY', [hours(8, 20)]),
  {
    ...chart('US-PA', [hours(8, 21)], closedOn('US-PA'), '73 P.S. 2245.2: no calls on legal holidays'),
    effectiveFrom: '2002-01-01',
  },
  {
    ...chart('US-PA', [hours(9, 19, MON_TO_SAT)], {
      note: 'Passed the Senate. One vendor says that it has been in force since 18 October 2026; counsel has to say.',
      notInForce: 'No primary source says that it was enacted.',
    }),
    source: 'SB 992 (2026)',
    confidence: 'open',
    effectiveFrom: '2026-10-18',
  },
]
