import type { Channel, Rate } from '../core/compiled-journey.ts'
import type { DayWindow } from '../core/workspace.ts'
import type { TextHoursRow } from './jurisdictions/text-hours-row.ts'
import { textHoursIn } from './jurisdictions/text-hours.ts'
import type { Location } from './location.ts'
import { bothOpen, openHours, type OpenHours } from './window.ts'

/** What binds marketing to a contact at a place: hours, further caps, and which rows of law say so. */
export interface Rules {
  /** Undefined: neither the policy nor a law has hours for the channel. */
  readonly hours: OpenHours | undefined
  readonly caps: readonly Rate[]
  /** Jurisdictions whose rows were applied: `US`, `US-TX`, `FR`. */
  readonly laws: readonly string[]
}

const DAY = 86_400_000
const MAX_RULES = 20_000
const cache = new Map<string, Rules>()

/**
 * The policy's window and the law's, in one. Only texts have legal hours. A contact who may be in several states or countries has
 * the hours of all of them at once, by the clocks of every candidate zone.
 */
export function rulesFor(
  channel: Channel,
  location: Location,
  windows: readonly DayWindow[] | undefined,
  at: number,
): Rules {
  const day = Math.floor(at / DAY)
  const key = `${channel}|${location.jurisdictions.join()}|${JSON.stringify(windows)}|${day}`
  let rules = cache.get(key)
  if (rules === undefined) {
    rules = combined(channel, location, windows, day * DAY)
    if (cache.size >= MAX_RULES) cache.clear()
    cache.set(key, rules)
  }
  return rules
}

function combined(
  channel: Channel,
  { jurisdictions }: Location,
  windows: readonly DayWindow[] | undefined,
  at: number,
): Rules {
  const rows = channel === 'sms' ? textHoursIn(jurisdictions, at) : []
  const all = [...(windows === undefined ? [] : [openHours(windows)]), ...rows.map(openHoursOf)]
  return {
    hours: all.length === 0 ? undefined : all.reduce(bothOpen),
    caps: rows.flatMap((row) => (row.cap === undefined ? [] : [row.cap])),
    laws: [...new Set(rows.map((row) => row.jurisdiction))].toSorted(),
  }
}

function openHoursOf({ windows, holidays, eves }: TextHoursRow): OpenHours {
  return openHours(windows, [
    ...(holidays === undefined ? [] : [holidays]),
    ...(eves === undefined ? [] : [{ ...eves, daysBefore: 1 as const }]),
  ])
}
