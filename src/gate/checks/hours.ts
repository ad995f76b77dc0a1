import { hashFraction } from '../../core/assignment.ts'
import type { Branch, Channel, Rate } from '../../core/compiled-journey.ts'
import type { DayWindow, Policy } from '../../core/workspace.ts'
import { type Asked, holdUntil, type Objection } from '../check.ts'
import type { Facts } from '../facts.ts'
import { rulesFor } from '../hours.ts'
import { locate } from '../location.ts'
import { closesAt, nextOpening } from '../window.ts'

/** Messages held by quiet hours leave within this long of the opening unless the policy says otherwise. */
const OPENING_SPREAD_MS = 30 * 60_000

/**
 * The hours of marketing texts under a policy that names none: 9 to 20, on Sundays 12 to 20, by the clocks of every place where the
 * person may be. A policy may say otherwise; the law's hours hold in any case. Email has none, because it rings no bell.
 */
export const DEFAULT_TEXT_WINDOWS: readonly DayWindow[] = [
  { fromMinute: 9 * 60, toMinute: 20 * 60, days: [1, 2, 3, 4, 5, 6] },
  { fromMinute: 12 * 60, toMinute: 20 * 60, days: [7] },
]

export interface OpenTime {
  /** The first instant from the one asked about at which policy and law let the message leave; undefined if none comes. */
  readonly opensAt: number | undefined
  /** When that time ends; undefined if nothing ends it. */
  readonly closesAt: number | undefined
  readonly caps: readonly Rate[]
  readonly place: Readonly<Record<string, unknown>>
}

/** The allowed time of a channel for a person, from `at` on. */
export function openTime(channel: Channel, policy: Policy, facts: Facts, at: number): OpenTime {
  const location = locate(facts.traits, facts.phone ?? undefined)
  const window = policy.sendWindow[channel]
  const windows = window === undefined ? (channel === 'sms' ? DEFAULT_TEXT_WINDOWS : undefined) : [window]
  const { hours, caps, laws } = rulesFor(channel, location, windows, at)
  const anywhere = location.evidence[0] === 'none'
  const place = {
    evidence: location.evidence,
    ...(location.travelling ? { travelling: true } : {}),
    zones: anywhere ? 'every zone of the United States' : location.zones,
    laws: anywhere && laws.length > 0 ? 'every state of the United States' : laws,
  }
  if (hours === undefined) return { opensAt: at, closesAt: undefined, caps, place }
  const opensAt = nextOpening(hours, location.zones, at)
  const ends = opensAt === undefined ? undefined : closesAt(hours, location.zones, opensAt)
  return { opensAt, closesAt: ends, caps, place }
}

/** Holds a message outside of its hours to the opening, and a little more. */
export function closed(asked: Asked, time: OpenTime): Objection | undefined {
  const { request, live, now, giveUpAt, read } = asked
  read['place'] = time.place
  if (time.opensAt === now) return undefined
  read['opens_at'] = time.opensAt ?? null
  if (time.opensAt === undefined) return { kind: 'refuse', reason: 'gave_up' }
  const message = {
    enrollment: request.enrollment,
    step: request.step.id,
    branch: request.branch,
    policy: live.policy,
    giveUpAt,
  }
  return holdUntil(spreadOpening(message, time.opensAt, time.closesAt), 'quiet_hours', asked)
}

export interface HeldMessage {
  readonly enrollment: string
  readonly step: string
  readonly branch: Branch
  readonly policy: Policy
  readonly giveUpAt: number
}

/**
 * An instant soon after the opening, fixed by run and step, so that what was held over night does not leave in one second; never past
 * the window's end or the giving up.
 */
export function spreadOpening(message: HeldMessage, opensAt: number, endsAt: number | undefined): number {
  const spread = message.policy.openingSpreadMs ?? OPENING_SPREAD_MS
  const room = Math.min(spread, (endsAt ?? Number.POSITIVE_INFINITY) - opensAt, message.giveUpAt - opensAt)
  const share = hashFraction(`opening:${message.step}:${message.branch}`, message.enrollment)
  return opensAt + Math.max(0, Math.floor(share * room))
}
