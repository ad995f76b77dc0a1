import { hashFraction } from '../core/assignment.ts'
import type { Branch, Channel, CompiledJourney, Rate } from '../core/compiled-journey.ts'
import type { CompiledWorkspace, Policy } from '../core/workspace.ts'
import type { Facts } from './facts.ts'
import { rulesFor } from './hours.ts'
import { locate } from './location.ts'
import type { HoldReason, RefusalReason } from './verdict.ts'
import { closesAt, nextOpening } from './window.ts'

/** Messages held by quiet hours leave within this long of the opening, spread by run, so that they do not leave all at once. */
const OPENING_SPREAD_MS = 30 * 60_000

/** The longest window of a law's cap. */
const LEGAL_WINDOW_MS = 86_400_000

export interface MarketingMessage {
  readonly enrollment: string
  readonly step: string
  readonly branch: Branch
  readonly channel: Channel
  readonly journey: CompiledJourney
  readonly policy: Policy
  /** Epoch milliseconds after which the message is refused. */
  readonly giveUpAt: number
}

export type Limited =
  | { readonly kind: 'within'; readonly windowClosesAt?: number }
  | { readonly kind: 'hold'; readonly until: number; readonly reason: HoldReason }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason }

/** Window, then minimum gap, then caps: the stricter of policy, journey and law. What was looked at is noted in `read`. */
export function limit(message: MarketingMessage, facts: Facts, now: number, read: Record<string, unknown>): Limited {
  const { policy, journey, giveUpAt } = message
  // Waiting for what will be refused then helps nobody; whoever reads the decision should know now.
  const hold = (until: number, reason: HoldReason): Limited =>
    until > giveUpAt ? { kind: 'refuse', reason: 'gave_up' } : { kind: 'hold', until, reason }

  const window = windowOf(message, facts, now)
  read['place'] = window.place
  if (window.opensAt !== now) {
    read['opens_at'] = window.opensAt ?? null
    if (window.opensAt === undefined) return { kind: 'refuse', reason: 'gave_up' }
    return hold(spreadOpening(message, window.opensAt, window.closesAt), 'quiet_hours')
  }

  const gap = Math.max(policy.minGapMs, journey.limits.minGapMs ?? 0)
  const latest = facts.contacts[0]?.at
  read['min_gap_ms'] = gap
  read['last_contact_at'] = latest ?? null
  if (gap > 0 && latest !== undefined && latest + gap > now) return hold(latest + gap, 'min_gap')

  const caps = capsOf(message, window.caps).map((cap) => ({ cap, ...usage(cap, facts, now) }))
  read['caps'] = caps.map(({ cap, used }) => ({ ...cap, used }))
  const full = caps.filter(({ cap, used }) => used >= cap.count)
  if (full.length > 0) {
    if (policy.whenCapped === 'refuse') return { kind: 'refuse', reason: 'cap' }
    return hold(Math.max(...full.map(({ freeAt }) => freeAt)), 'cap')
  }
  return window.closesAt === undefined ? { kind: 'within' } : { kind: 'within', windowClosesAt: window.closesAt }
}

/** An instant of the first half hour of the opening, fixed by the run; never past the window's end or the giving up. */
function spreadOpening(message: MarketingMessage, opensAt: number, endsAt: number | undefined): number {
  const room = Math.min(OPENING_SPREAD_MS, (endsAt ?? Number.POSITIVE_INFINITY) - opensAt, message.giveUpAt - opensAt)
  const share = hashFraction(`opening:${message.step}:${message.branch}`, message.enrollment)
  return opensAt + Math.max(0, Math.floor(share * room))
}

type Cap = Policy['caps'][number]

/** Every limit that must hold: the policy's, the journey's own, and those of the law. */
function capsOf({ policy, journey, channel }: MarketingMessage, legal: readonly Rate[]): readonly Cap[] {
  const own = journey.limits.cap
  const all: readonly Cap[] = [
    ...policy.caps,
    ...(own === undefined ? [] : [own]),
    ...legal.map((rate): Cap => ({ ...rate, channel: 'sms' })),
  ]
  return all.filter((cap) => cap.channel === undefined || cap.channel === channel)
}

/** How much of a rolling limit is used, and when the next place in it becomes free. */
function usage(cap: Cap, facts: Facts, now: number): { used: number; freeAt: number } {
  const counted = facts.contacts.filter(
    ({ channel, at }) => at > now - cap.windowMs && (cap.channel === undefined || cap.channel === channel),
  )
  const leaves = counted[cap.count - 1]
  return { used: counted.length, freeAt: leaves === undefined ? Number.POSITIVE_INFINITY : leaves.at + cap.windowMs }
}

interface Window {
  /** The first instant from now at which policy and law let the message leave; undefined if none comes. */
  readonly opensAt: number | undefined
  /** When that time ends; undefined if nothing ends it. */
  readonly closesAt: number | undefined
  readonly caps: readonly Rate[]
  readonly place: Readonly<Record<string, unknown>>
}

function windowOf({ channel, policy }: MarketingMessage, facts: Facts, now: number): Window {
  const location = locate(facts.traits, facts.phone ?? undefined)
  const { hours, caps, laws } = rulesFor(channel, location, policy.sendWindow[channel], now)
  const anywhere = location.evidence.includes('none')
  const place = {
    evidence: location.evidence,
    zones: anywhere ? 'every zone of the United States' : location.zones,
    laws: anywhere && laws.length > 0 ? 'every state of the United States' : laws,
  }
  if (hours === undefined) return { opensAt: now, closesAt: undefined, caps, place }
  const opensAt = nextOpening(hours, location.zones, now)
  const ends = opensAt === undefined ? undefined : closesAt(hours, location.zones, opensAt)
  return { opensAt, closesAt: ends, caps, place }
}

/** How far back contacts matter for a decision, in milliseconds. */
export function lookBackMs(journey: CompiledJourney, workspace: CompiledWorkspace | undefined): number {
  const policy = workspace?.policies[journey.policy]
  return Math.max(
    LEGAL_WINDOW_MS,
    journey.limits.minGapMs ?? 0,
    journey.limits.cap?.windowMs ?? 0,
    policy?.minGapMs ?? 0,
    ...(policy?.caps ?? []).map((cap) => cap.windowMs),
  )
}
