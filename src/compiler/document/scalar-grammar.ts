import type { Rate, Reentry } from '../../core/compiled-journey.ts'
import type { DayWindow } from '../../core/workspace.ts'

/**
 * The scalar forms of the language: one spelling each, so that nobody misreads two. The schemas hold the same forms as
 * patterns; by the time these functions run, a text has matched its pattern, and one that has not is a bug.
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds of `1h30m`, `-3d`. A day is exactly 24 hours; calendar days are another key. */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/g)) total += Number(count) * (UNIT_MS[unit ?? ''] ?? 0)
  return total === 0 ? 0 : sign * total
}

/** The shortest text for whole seconds: `1h30m`. Weeks are written as days, as people say them. */
export function formatDuration(ms: number): string {
  let rest = Math.round(Math.abs(ms) / 1000)
  let text = ''
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / seconds)
    // 48h and 36h read better than 2d and 1d12h in a timeline that is written in hours.
    if (unit === 'd' && (rest % 86_400 !== 0 || count < 4)) continue
    if (count > 0) text += `${count}${unit}`
    rest -= count * seconds
  }
  return `${ms < 0 ? '-' : ''}${text === '' ? '0s' : text}`
}

/** `3 per 7d`: rolling, not by calendar week. */
export function parseRate(text: string): Rate {
  const [count = '', window = ''] = text.split(' per ')
  return { count: Number(count), windowMs: parseDuration(window) }
}

/** `10%` as 0.1. */
export function parseShare(text: string): number {
  return Number(text.slice(0, -1)) / 100
}

/** `30m-60m`. */
export function parseSpread(text: string): { readonly minMs: number; readonly maxMs: number } {
  const [min = '', max = ''] = text.split('-')
  return { minMs: parseDuration(min), maxMs: parseDuration(max) }
}

/** `never` or `after 7d`. */
export function parseReentry(text: string): Reentry {
  return text === 'never' ? { kind: 'never' } : { kind: 'after', ms: parseDuration(text.slice('after '.length)) }
}

/** `every_message` as undefined, `every 30d` as the age in milliseconds at which the last wording no longer counts. */
export function parseOptOutWording(text: string): number | undefined {
  return text === 'every_message' ? undefined : parseDuration(text.slice('every '.length))
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** `09:00-20:00`, `mon-fri 09:00-18:00`, `21:00-09:00` (over midnight), `sat-mon 10:00-12:00` (over Sunday). */
export function parseDayWindow(text: string): DayWindow {
  const [hours = '', days] = text.split(' ').toReversed()
  const [from = '', to = ''] = hours.split('-')
  const window = { fromMinute: minuteOf(from), toMinute: minuteOf(to) }
  if (days === undefined) return window
  const [first = '', last = first] = days.split('-')
  const start = DAYS.indexOf(first)
  const length = ((DAYS.indexOf(last) - start + 7) % 7) + 1
  return { ...window, days: Array.from({ length }, (_, i) => ((start + i) % 7) + 1).toSorted((a, b) => a - b) }
}

function minuteOf(clock: string): number {
  const [hour = '', minute = ''] = clock.split(':')
  return Number(hour) * 60 + Number(minute)
}
