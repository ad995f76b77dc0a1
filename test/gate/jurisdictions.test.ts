import { describe, expect, test } from 'vitest'
import { type HolidayCalendar, isHoliday } from '../../src/gate/jurisdictions/holidays.ts'
import { TEXT_HOURS, textHoursIn } from '../../src/gate/jurisdictions/text-hours.ts'
import { US_STATES } from '../../src/gate/jurisdictions/us-states.ts'

describe('the rows on hours', () => {
  test('every row names its place, source, reviewer, review, basis, confidence and the date from which it holds', () => {
    for (const row of TEXT_HOURS) {
      const [country, state] = row.jurisdiction.split('-')
      expect(country).toMatch(/^[A-Z]{2}$/)
      if (state !== undefined) expect(US_STATES[state]).toBeDefined()
      expect(row.windows.length).toBeGreaterThan(0)
      expect(row.source.length).toBeGreaterThan(8)
      expect(row.reviewer).not.toBe('')
      for (const date of [row.reviewed, row.effectiveFrom]) expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/)
      for (const { fromMinute, toMinute } of row.windows) {
        expect(fromMinute).toBeGreaterThanOrEqual(8 * 60)
        expect(toMinute).toBeLessThanOrEqual(22 * 60)
        if (country === 'US') expect(toMinute).toBeLessThanOrEqual(21 * 60)
      }
      if (row.confidence === 'open') expect(row.notInForce).toBeDefined()
    }
  })

  test('every place of the reference table has a row', () => {
    const states = 'FL OK MD WA OR CT TX MS LA AL RI KY MA NV MI MN NM WY NJ VA PA'.split(' ')
    const known = new Set(TEXT_HOURS.map(({ jurisdiction }) => jurisdiction))
    for (const state of states) expect([...known]).toContain(`US-${state}`)
    for (const country of ['US', 'FR', 'DE', 'ES', 'IT', 'PL', 'GB', 'CA']) expect([...known]).toContain(country)
    expect(TEXT_HOURS.filter(({ jurisdiction }) => jurisdiction === 'US-NJ')).toHaveLength(2)
  })

  test('a row acts from its date, midnight UTC, and not before; one that is not in force never does', () => {
    const rows = (places: string[], at: string) => textHoursIn(places, Date.parse(at)).map((row) => row.jurisdiction)
    expect(rows(['US', 'US-TX'], '2025-08-31T23:59:59Z')).toEqual(['US'])
    expect(rows(['US', 'US-TX'], '2025-09-01T00:00:00Z')).toEqual(['US', 'US-TX'])
    expect(rows(['US-OR'], '2025-12-31T23:59:59Z')).toEqual([])
    expect(rows(['US-OR'], '2026-01-01T00:00:00Z')).toEqual(['US-OR'])
    expect(rows(['US-PA'], '2026-11-25T00:00:00Z')).toEqual(['US-PA'])
  })
})

test.each([
  ['2026-01-01', true],
  ['2026-01-19', true],
  ['2026-02-16', true],
  ['2026-05-25', true],
  ['2026-06-19', true],
  ['2026-07-03', true],
  ['2026-07-04', true],
  ['2026-09-07', true],
  ['2026-10-12', true],
  ['2026-11-11', true],
  ['2026-11-26', true],
  ['2026-12-25', true],
  ['2027-12-24', true],
  ['2028-01-01', true],
  ['2027-12-31', true],
  ['2026-05-18', false],
  ['2026-11-19', false],
  ['2026-11-27', false],
  ['2026-12-24', false],
])('%s is a federal holiday or its observance: %s', (day, expected) => {
  expect(isHoliday('US', Date.parse(`${day}T00:00:00Z`) / 86_400_000)).toBe(expected)
})

test.each<[HolidayCalendar, string, boolean]>([
  ['US-AL', '2026-04-27', true],
  ['US-AL', '2026-06-01', true],
  ['US-LA', '2026-02-17', true],
  ['US-LA', '2026-04-03', true],
  ['US-LA', '2026-11-27', true],
  ['US-MS', '2026-04-27', true],
  ['US-PA', '2026-11-03', true],
  ['US-PA', '2026-06-15', true],
  ['US-RI', '2026-08-10', true],
  ['US-RI', '2026-08-11', false],
  ['US-UT', '2026-07-24', true],
  ['FR', '2026-05-14', true],
  ['FR', '2026-05-25', true],
  ['FR', '2026-04-03', false],
  ['DE', '2027-03-26', true],
  ['ES', '2026-10-12', true],
  ['IT', '2028-04-17', true],
  ['PL', '2026-06-04', true],
  ['PL', '2024-05-30', true],
])('in %s %s is a holiday: %s', (calendar, day, expected) => {
  expect(isHoliday(calendar, Date.parse(`${day}T00:00:00Z`) / 86_400_000)).toBe(expected)
})
