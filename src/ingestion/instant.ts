/** RFC 3339 with a zone: an instant without one would mean a different instant on every server. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:?\d{2})$/

/** 2001-09-09 in milliseconds: a smaller number is seconds by mistake, or nonsense. */
const SMALLEST_EPOCH_MS = 1_000_000_000_000
const LARGEST_EPOCH_MS = 8_640_000_000_000

/** Epoch milliseconds of an RFC 3339 text or of a number of milliseconds; undefined if it is neither. */
export function readInstant(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= SMALLEST_EPOCH_MS && value <= LARGEST_EPOCH_MS ? value : undefined
  }
  if (typeof value !== 'string' || !RFC_3339.test(value)) return undefined
  const instant = Date.parse(value.replace(/^(.{10})[t ]/, '$1T').replace(/[zZ]$/, 'Z'))
  return Number.isNaN(instant) || instant < 0 ? undefined : instant
}
