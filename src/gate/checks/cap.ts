import type { Channel, CompiledJourney, Rate } from '../../core/compiled-journey.ts'
import type { Policy } from '../../core/workspace.ts'
import { type Asked, holdUntil, type Objection } from '../check.ts'
import type { MarketingContact } from '../facts.ts'

/** A rolling limit, over everything or over a channel's or a purpose's messages. */
export type Cap = Policy['caps'][number]

/** Every limit that must hold for a message: the policy's, the journey's own, and those of the law. */
export function capsOf(
  policy: Policy,
  journey: CompiledJourney,
  channel: Channel,
  legal: readonly Rate[],
): readonly Cap[] {
  const own = journey.limits.cap
  const all: readonly Cap[] = [
    ...policy.caps,
    ...(own === undefined ? [] : [own]),
    ...legal.map((rate): Cap => ({ ...rate, channel: 'sms' })),
  ]
  return all.filter((cap) => binds(cap, { channel, purpose: journey.purpose }))
}

/** Whether a message of this kind takes a place in the limit. */
export function binds(cap: Cap, message: { readonly channel: Channel; readonly purpose: string }): boolean {
  return (
    (cap.channel === undefined || cap.channel === message.channel) &&
    (cap.purpose === undefined || cap.purpose === message.purpose)
  )
}

/** How much of a limit is used at an instant, and when the next place in it becomes free. `contacts`: the latest first. */
export function usage(
  cap: Cap,
  contacts: readonly MarketingContact[],
  at: number,
): { readonly used: number; readonly freeAt: number } {
  const counted = contacts.filter((contact) => contact.at > at - cap.windowMs && binds(cap, contact))
  const leaves = counted[cap.count - 1]
  return { used: counted.length, freeAt: leaves === undefined ? Number.POSITIVE_INFINITY : leaves.at + cap.windowMs }
}

/** Rolling caps: of policy, journey and law. */
export function capped(asked: Asked, legal: readonly Rate[]): Objection | undefined {
  const { request, live, facts, now, read } = asked
  const caps = capsOf(live.policy, request.journey, request.action.channel, legal).map((cap) => ({
    cap,
    ...usage(cap, facts.contacts, now),
  }))
  read['caps'] = caps.map(({ cap, used }) => ({ ...cap, used }))
  const full = caps.filter(({ cap, used }) => used >= cap.count)
  if (full.length === 0) return undefined
  if (live.policy.whenCapped === 'refuse') return { kind: 'refuse', reason: 'cap' }
  return holdUntil(Math.max(...full.map(({ freeAt }) => freeAt)), 'cap', asked)
}
