/** An instant, apart from numbers, so that nothing compares one with a count by accident. */
export class Instant {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

/** A length of time in milliseconds. */
export class Duration {
  readonly ms: number
  constructor(ms: number) {
    this.ms = ms
  }
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d))?$/

/**
 * Epoch milliseconds of an RFC 3339 date-time, or of midnight UTC of a plain date. Undefined for everything else:
 * a time without an offset names no instant, and the 31st of February is not March.
 */
export function parseInstant(text: string): number | undefined {
  const match = RFC_3339.exec(text)
  if (match === null) return undefined
  const [, year, month, day] = match
  const daysInMonth = (Date.UTC(Number(year), Number(month)) - Date.UTC(Number(year), Number(month) - 1)) / 86_400_000
  const ms = Date.parse(text.toUpperCase())
  return Number.isNaN(ms) || Number(day) > daysInMonth ? undefined : ms
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

/** Milliseconds of a CEL duration such as `48h` or `1h30m`, or undefined. */
export function parseDuration(text: string): number | undefined {
  if (!/^-?(\d{1,9}(h|ms|m|s))+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(h|ms|m|s)/g)) total += Number(count) * (UNIT_MS[unit ?? ''] ?? 0)
  return text.startsWith('-') ? -total : total
}
