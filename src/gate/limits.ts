import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { type Asked, firstObjection, type Objection } from './check.ts'
import { capped } from './checks/cap.ts'
import { conversation, needsPerson } from './checks/conversation.ts'
import { gap } from './checks/gap.ts'
import { closed, openTime } from './checks/hours.ts'
import { cappedByPerson } from './checks/preference.ts'
import { outranked } from './priority.ts'

/** The longest window of a law's cap. */
const LEGAL_WINDOW_MS = 86_400_000

export type Limited = { readonly kind: 'within'; readonly windowClosesAt?: number } | Objection

/**
 * What limits marketing only: window, minimum gap, caps, other journeys' precedence; the stricter of policy, journey and law. What was
 * looked at is noted in `asked.read`.
 */
export function limit(asked: Asked): Limited {
  const { request, live, facts, now } = asked
  const time = openTime(request.action.channel, live.policy, facts, now)
  const objection = firstObjection(
    [
      needsPerson,
      conversation,
      (one) => closed(one, time),
      gap,
      (one) => capped(one, time.caps),
      cappedByPerson,
      (one) => outranked(one, time.caps),
    ],
    asked,
  )
  if (objection !== undefined) return objection
  return time.closesAt === undefined ? { kind: 'within' } : { kind: 'within', windowClosesAt: time.closesAt }
}

/** How far back contacts matter for a decision, in milliseconds. */
export function lookBackMs(journey: CompiledJourney, workspace: CompiledWorkspace | undefined): number {
  const policy = workspace?.policies[journey.policy]
  return Math.max(
    LEGAL_WINDOW_MS,
    journey.limits.minGapMs ?? 0,
    journey.limits.cap?.windowMs ?? 0,
    policy?.minGapMs ?? 0,
    policy?.channelGapMs ?? 0,
    ...(policy?.caps ?? []).map((cap) => cap.windowMs),
  )
}
