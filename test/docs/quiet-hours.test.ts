import { expect, it } from 'vitest'
import type { DayWindow } from '../../src/core/workspace.ts'
import { TEXT_HOURS } from '../../src/gate/jurisdictions/text-hours.ts'
import type { TextHoursRow } from '../../src/gate/jurisdictions/text-hours-row.ts'
import { readPage, section } from './pages.ts'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const clock = (minutes: number): string =>
  minutes % 60 === 0 ? String(minutes / 60) : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`

function span({ fromMinute, toMinute, days }: DayWindow): string {
  const named = (days ?? []).map((day) => DAYS[day - 1])
  const prefix = named.length === 0 ? '' : `${named.length === 1 ? named[0] : `${named[0]}–${named.at(-1)}`} `
  return `${prefix}${clock(fromMinute)}–${clock(toMinute)}`
}

const spans = (windows: readonly DayWindow[]): string =>
  windows.length === 0 ? 'closed' : windows.map(span).join(', ')

/** A row of the page's table, as it must stand there. */
function asLine(row: TextHoursRow): string {
  const hours = [
    spans(row.windows),
    ...(row.holidays === undefined ? [] : [`holidays ${spans(row.holidays.windows)}`]),
    ...(row.eves === undefined ? [] : [`the day before a holiday ${spans(row.eves.windows)}`]),
    ...(row.cap === undefined ? [] : [`${row.cap.count} in ${row.cap.windowMs / 3_600_000} h`]),
  ].join('; ')
  const from = row.notInForce === undefined ? row.effectiveFrom : 'not applied'
  const notes = [
    row.source,
    ...(row.note === undefined ? [] : [row.note]),
    ...(row.notInForce === undefined ? [] : [row.notInForce]),
  ]
  return `| \`${row.jurisdiction}\` | ${hours} | ${row.basis} | ${row.confidence} | ${from} | ${notes.join(' — ')} |`
}

const page = await readPage('docs/quiet-hours.md')

it('docs/quiet-hours.md shows every row of the data, as it is applied', () => {
  const lines = section(page, '## The rows')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  expect(lines).toEqual(TEXT_HOURS.map(asLine))
})
