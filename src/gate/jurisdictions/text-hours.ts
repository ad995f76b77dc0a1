import { COUNTRY_TEXT_HOURS } from './countries.ts'
import type { TextHoursRow } from './text-hours-row.ts'
import { US_TEXT_HOURS } from './us.ts'

/** Every row there is, whether in force or not. */
export const TEXT_HOURS: readonly TextHoursRow[] = [...US_TEXT_HOURS, ...COUNTRY_TEXT_HOURS]

/** Countries other than the United States that have rows of their own. */
export const COUNTRIES_WITH_HOURS: readonly string[] = [
  ...new Set(COUNTRY_TEXT_HOURS.map(({ jurisdiction }) => jurisdiction)),
]

/** The rows in force at an instant (epoch milliseconds) in any of the jurisdictions. */
export function textHoursIn(jurisdictions: readonly string[], at: number): readonly TextHoursRow[] {
  return TEXT_HOURS.filter(
    (row) =>
      row.notInForce === undefined &&
      jurisdictions.includes(row.jurisdiction) &&
      Date.parse(row.effectiveFrom) <= at &&
      (row.effectiveTo === undefined || at < Date.parse(row.effectiveTo)),
  )
}
