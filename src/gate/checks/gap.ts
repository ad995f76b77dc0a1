import type { Channel, CompiledJourney } from '../../core/compiled-journey.ts'
import type { Policy } from '../../core/workspace.ts'
import { type Check, holdUntil } from '../check.ts'

/**
 * How long marketing on `asked` waits after marketing on `last`, milliseconds. The journey can only make it longer.
 */
export function gapBetween(policy: Policy, journey: CompiledJourney, last: Channel, asked: Channel): number {
  const gap = last === asked ? policy.minGapMs : (policy.channelGapMs ?? policy.minGapMs)
  return Math.max(gap, journey.limits.minGapMs ?? 0)
}

/** The minimum gap to whatever marketing reached, or may have reached, this person last. */
export const gap: Check = (asked) => {
  const { request, live, facts, now, read } = asked
  const channel = request.action.channel
  const between = (last: Channel): number => gapBetween(live.policy, request.journey, last, channel)
  read['min_gap_ms'] = between(channel)
  if (live.policy.channelGapMs !== undefined) read['channel_gap_ms'] = between(channel === 'email' ? 'sms' : 'email')
  read['last_contact_at'] = facts.contacts[0]?.at ?? null
  // The later contact may be on the channel with the shorter gap, so each of them is asked.
  const ends = Math.max(...facts.contacts.map(({ channel: last, at }) => (between(last) > 0 ? at + between(last) : 0)))
  return ends > now ? holdUntil(ends, 'min_gap', asked) : undefined
}
