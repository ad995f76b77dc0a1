import type { DayWindow } from '../../core/workspace.ts'
import type { HolidayCalendar } from './holidays.ts'
import { hours, MON_TO_FRI, MON_TO_SAT, REVIEWER, type TextHoursRow } from './text-hours-row.ts'

const REVIEWED = '2026-11-25'

const row = (
  jurisdiction: string,
  basis: 'law' | 'carrier' | 'custom',
  windows: readonly DayWindow[],
  source: string,
  effectiveFrom: string,
  extra: Partial<Pick<TextHoursRow, 'note' | 'holidays' | 'eves'>> = {},
): TextHoursRow => ({
  jurisdiction,
  basis,
  windows,
  ...extra,
  source,
  confidence: 'secondary',
  reviewer: REVIEWER,
  reviewed: REVIEWED,
  effectiveFrom,
})

const closedOn = (calendar: HolidayCalendar): Pick<TextHoursRow, 'holidays'> => ({
  holidays: { calendar, windows: [] },
})

/**
 * Texts outside of the United States. Almost nowhere does a statute name hours for texts: these are what carriers let through, rules made
 * for calls, and codes of conduct. All are kept as if they were law, because no message is worth the doubt. A country that is not here
 * has the policy's window, or without one 9 to 20 and on Sundays 12 to 20.
 */
export const COUNTRY_TEXT_HOURS: readonly TextHoursRow[] = [
  row(
    'FR',
    'carrier',
    [hours(8, 22, MON_TO_SAT)],
    'Brevo, SMS API reference: marketing texts are not processed from 22 to 8, on Sundays and on public holidays',
    '2021-01-01',
    closedOn('FR'),
  ),
  row(
    'FR',
    'custom',
    [hours(10, 20, MON_TO_SAT)],
    'Telerivet, France SMS compliance (CNIL and CPCE L34-5): none from 20 to 10, on Sundays and public holidays',
    '2023-01-01',
    {
      ...closedOn('FR'),
      note: 'The narrowest of several readings; operators have been seen to accept 8:30 to 20 and 8 to 22.',
    },
  ),
  row(
    'DE',
    'custom',
    [hours(8, 20, MON_TO_SAT)],
    'Sent, Germany SMS guide: 8 to 20, no Sundays and public holidays',
    '2021-01-01',
    { ...closedOn('DE'), note: 'UWG 7 asks for consent and names no hours.' },
  ),
  row(
    'ES',
    'custom',
    [hours(9, 21, MON_TO_FRI)],
    'Real Decreto Legislativo 1/2007, art. 96.2: commercial calls 9 to 21, not on weekends and holidays',
    '2014-06-13',
    { ...closedOn('ES'), note: 'Written for calls; kept for texts.' },
  ),
  row(
    'IT',
    'custom',
    [hours(9, 20, MON_TO_FRI), hours(10, 19, [6])],
    'Codice di condotta telemarketing e teleselling, Garante, Gazzetta Ufficiale of 27 March 2024',
    '2024-09-28',
    {
      ...closedOn('IT'),
      eves: { calendar: 'IT', windows: [hours(10, 19)] },
      note: 'Written for calls; kept for texts.',
    },
  ),
  row(
    'PL',
    'custom',
    [hours(8, 20, MON_TO_FRI)],
    'Sent, Poland SMS guide: 8 to 20, not on weekends and national holidays',
    '2021-01-01',
    closedOn('PL'),
  ),
  row(
    'GB',
    'custom',
    [hours(9, 20)],
    'DMA Code 1.4: no texts at antisocial times; Listrak, SMS compliance in the United Kingdom: 9 to 20',
    '2021-01-01',
    { note: 'PECR names no hours.' },
  ),
  row(
    'CA',
    'custom',
    [hours(9, 21.5, MON_TO_FRI), hours(10, 18, [6, 7])],
    'CRTC Unsolicited Telecommunications Rules, Part III: telemarketing calls',
    '2008-09-30',
    { note: 'Written for calls and faxes; texts are under CASL, which names no hours. Provinces may be stricter.' },
  ),
]
