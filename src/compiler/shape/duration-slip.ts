import { formatDuration } from '../document/scalar-grammar.ts'

/** Nobody waits for this many hours; such a number comes from a program that counts in smaller units. */
const SURELY_COUNTED = 300

const UNITS: Readonly<Record<string, string>> = {
  s: 's',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  m: 'm',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  h: 'h',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  d: 'd',
  day: 'd',
  days: 'd',
  w: 'w',
  week: 'w',
  weeks: 'w',
}

export function isBareNumber(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)
}

/** What a bare number may mean: 3 is minutes or hours; 86400 was most likely counted in seconds, 86400000 in milliseconds. */
export function readings(number: string): string {
  const count = Number(number)
  if (!Number.isInteger(count) || Math.abs(count) < SURELY_COUNTED)
    return `${number}m for minutes or ${number}h for hours`
  if (Math.abs(count) < SURELY_COUNTED * 1000)
    return `${formatDuration(count * 1000)} if these are seconds, ${formatDuration(count * 60_000)} if minutes`
  return `${formatDuration(count)} if these are milliseconds, ${formatDuration(count * 1000)} if seconds`
}

/** Reads other spellings of a duration (`1 hour`, `90 minutes`, `1H`, `PT1H`): one spelling is kept, so that nobody misreads two. */
export function guessDuration(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined
  const iso = /^P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,5})S)?)?$/i.exec(value)
  if (iso !== null) {
    const parts = ['w', 'd', 'h', 'm', 's'].flatMap((unit, i) =>
      iso[i + 1] === undefined ? [] : [`${iso[i + 1]}${unit}`],
    )
    return parts.length === 0 ? undefined : parts.join('')
  }
  const parts = [
    ...value
      .trim()
      .toLowerCase()
      .matchAll(/(\d{1,5})\s*([a-z]+)[\s,]*(?:and\s+)?/g),
  ]
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== value.trim().toLowerCase()) return undefined
  const units = parts.map(([, count = '', unit = '']) =>
    Object.hasOwn(UNITS, unit) ? `${count}${UNITS[unit]}` : undefined,
  )
  return units.includes(undefined) ? undefined : units.join('')
}
