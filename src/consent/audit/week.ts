/** A time from `from` (inclusive) to `to` (exclusive), epoch milliseconds. */
export interface Period {
  readonly from: number
  readonly to: number
}

const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** 1970-01-05, the first Monday of the epoch. */
const FIRST_MONDAY = 4 * DAY_MS

/** The ISO week (Monday to Monday, UTC) that an instant is in. */
export function weekOf(at: number): Period {
  const from = FIRST_MONDAY + Math.floor((at - FIRST_MONDAY) / WEEK_MS) * WEEK_MS
  return { from, to: from + WEEK_MS }
}

/**
 * The weeks that are over and not audited yet, the oldest first: whatever was missed while nothing ran is made up for. Begins after the
 * last audited week, or with the week of the first send. Without any send it is the last week alone.
 */
export function weeksToAudit(
  known: { readonly auditedUntil: number | null; readonly firstSendAt: number | null },
  now: number,
): readonly Period[] {
  const current = weekOf(now)
  const start = known.auditedUntil ?? Math.min(known.firstSendAt ?? Number.POSITIVE_INFINITY, current.from - WEEK_MS)
  const weeks: Period[] = []
  for (let week = weekOf(start); week.to <= current.from; week = weekOf(week.to)) weeks.push(week)
  return weeks
}
