const MINUTE = 60_000
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE],
  ['second', 1_000],
] as const

const formats = new Map<string, Intl.DateTimeFormat>()

/** `Wed 15 Jul 2026 12:00:00 America/New_York`: made part by part, so that no update of a locale changes it. */
export function instantIn(zone: string, at: number): string {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const { weekday, day, month, year, hour, minute, second } = parts
  return `${weekday ?? ''} ${day ?? ''} ${month ?? ''} ${year ?? ''} ${hour ?? ''}:${minute ?? ''}:${second ?? ''} ${zone}`
}

/** `7 days`, `1 hour 30 minutes`. */
export function spanOf(ms: number): string {
  const parts: string[] = []
  let rest = Math.max(0, Math.round(ms))
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(counted(count, unit))
  }
  return parts.length === 0 ? 'no time' : parts.slice(0, 2).join(' ')
}

export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

export function listed(things: readonly string[]): string {
  const [last, ...others] = things.toReversed()
  if (last === undefined) return 'none'
  return others.length === 0 ? last : `${others.toReversed().join(', ')} and ${last}`
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}
