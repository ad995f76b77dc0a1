const MINUTE = 60_000
const DAY = 86_400_000
const YEAR = 366 * DAY

/** A stretch of time in which a zone's offset from UTC does not change. */
interface Stretch {
  readonly from: number
  readonly until: number
  /** Local minus UTC, milliseconds. */
  readonly offset: number
}

const formatters = new Map<string, Intl.DateTimeFormat>()
const stretches = new Map<string, readonly Stretch[]>()
/** Zones times years; far more than any deployment meets. */
const MAX_TABLES = 4_000

/** The zone's canonical name, or undefined if it is not an IANA zone. Offsets such as `+02:00` are no zones: they know no DST. */
export function canonicalZone(name: string): string | undefined {
  if (name.length > 64 || !/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) return undefined
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/**
 * The zone's offset at an instant and the instant at which that offset ends. Asking Intl takes microseconds, so each zone's year is
 * worked out once and then looked up.
 */
export function stretchAt(zone: string, at: number): Stretch {
  const year = Math.floor(at / YEAR)
  const key = `${zone}|${year}`
  let table = stretches.get(key)
  if (table === undefined) {
    table = tableOf(zone, year * YEAR, (year + 1) * YEAR)
    if (stretches.size >= MAX_TABLES) stretches.clear()
    stretches.set(key, table)
  }
  const found = table.find((stretch) => stretch.from <= at && at < stretch.until)
  if (found === undefined) throw new Error('an instant outside its own year')
  return found
}

/** Looks every four days for a change and then for its exact minute. No zone changes twice within four days. */
function tableOf(zone: string, from: number, until: number): readonly Stretch[] {
  const table: Stretch[] = []
  let start = from
  let offset = offsetOf(zone, from)
  for (let probe = from; probe < until;) {
    const next = Math.min(probe + 4 * DAY, until)
    const later = offsetOf(zone, next)
    if (later !== offset) {
      const change = changeBetween(zone, probe, next, offset)
      table.push({ from: start, until: change, offset })
      start = change
      offset = later
    }
    probe = next
  }
  // A change at the very end belongs to the next table, whose first stretch begins there.
  if (start < until) table.push({ from: start, until, offset })
  return table
}

function changeBetween(zone: string, before: number, after: number, offset: number): number {
  let low = before / MINUTE
  let high = after / MINUTE
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetOf(zone, middle * MINUTE) === offset) low = middle
    else high = middle
  }
  return high * MINUTE
}

function offsetOf(zone: string, at: number): number {
  let formatter = formatters.get(zone)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
    formatters.set(zone, formatter)
  }
  const parts = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const local = Date.UTC(
    parts.get('year') ?? Number.NaN,
    (parts.get('month') ?? Number.NaN) - 1,
    parts.get('day'),
    parts.get('hour'),
    parts.get('minute'),
  )
  return local - Math.floor(at / MINUTE) * MINUTE
}
