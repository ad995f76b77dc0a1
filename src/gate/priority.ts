import type { Rate } from '../core/compiled-journey.ts'
import type { Policy } from '../core/workspace.ts'
import type { Asked, Objection } from './check.ts'
import { binds, type Cap, capsOf, usage } from './checks/cap.ts'
import { gapBetween } from './checks/gap.ts'
import { openTime, spreadOpening } from './checks/hours.ts'
import { outranking } from './checks/outranked.ts'
import { nextMessage, type NextMessage, type Rival } from './rival.ts'

/** Time for the one that goes first to ask the gate and to be handed over, before the other asks again. */
const SETTLING_MS = 60_000
/** A run that has not asked this long after its time is not about to: its worker is down, or it waits for something else. */
const STALLED_MS = 10 * 60_000

interface Slot {
  readonly rival: Rival
  readonly next: NextMessage
  readonly policy: Policy
  /** When its message will go as far as can be told: after its hold, inside its window. */
  readonly at: number
}

/**
 * Gives way to journeys that the policy ranks higher: when one of them has a marketing message for the same person coming up that
 * this one, sent now, would push back by its gap or rob of its place under a cap, this one waits until just after it.
 *
 * Waiting is bounded. It never goes on where it would end in giving up, neither by itself nor by the gap after the other message; then
 * whoever comes first is served first. Two journeys that each rank the other higher (under two policies) do not wait for each other.
 */
export function outranked(asked: Asked, legal: readonly Rate[]): Objection | undefined {
  const { request, live, now, giveUpAt, read } = asked
  // They may have been read under an older workspace than the one that decides.
  const higher = outranking(live.policy, request.journey.id)
  const rivals = (request.rivals ?? []).filter(({ journey }) => higher.includes(journey.id))
  if (rivals.length === 0) return undefined
  const slots = rivals.flatMap((rival) => slotOf(rival, asked) ?? []).toSorted((a, b) => a.at - b.at)
  const channel = request.action.channel
  const robbed = slots.find((slot, i) => {
    const pushed = slot.at < now + gapBetween(slot.policy, slot.rival.journey, channel, slot.next.action.channel)
    return pushed || takesItsPlace(asked, slot, slots.slice(0, i), legal)
  })
  if (robbed === undefined) return undefined
  const until = robbed.at + SETTLING_MS
  const ownGap = gapBetween(live.policy, request.journey, robbed.next.action.channel, channel)
  read['outranked_by'] = robbed.rival.journey.id
  read['outranked_run'] = robbed.rival.run.enrollment
  read['outranked_step'] = robbed.next.step.id
  read['outranked_due_at'] = robbed.at
  if (until > giveUpAt || robbed.at + ownGap > giveUpAt) {
    read['outranked_waits'] = false
    return undefined
  }
  return { kind: 'hold', until, reason: 'outranked' }
}

function slotOf(rival: Rival, { request, live, facts, now }: Asked): Slot | undefined {
  const policy = live.workspace.policies[rival.journey.policy]
  const purpose = live.workspace.purposes[rival.journey.purpose]
  if (policy === undefined || purpose?.class !== 'marketing') return undefined
  if (outranking(policy, rival.journey.id).includes(request.journey.id)) return undefined
  const next = nextMessage(rival, now)
  if (next === undefined || (next.at === now && next.dueAt < now - STALLED_MS && !wasHeld(rival, next, now)))
    return undefined
  const giveUpMs = Math.min(policy.giveUpAfterMs, rival.journey.limits.giveUpAfterMs ?? Number.POSITIVE_INFINITY)
  const rivalGivesUp = next.dueAt + giveUpMs
  const time = openTime(next.action.channel, policy, facts, next.at)
  if (time.opensAt === undefined || time.opensAt > rivalGivesUp) return undefined
  const message = {
    enrollment: rival.run.enrollment,
    step: next.step.id,
    branch: 'action',
    policy,
    giveUpAt: rivalGivesUp,
  } as const
  const at = time.opensAt === next.at ? next.at : spreadOpening(message, time.opensAt, time.closesAt)
  return { rival, next, policy, at }
}

/** Whether its hold ended so short a while ago that it may not have asked yet. */
function wasHeld({ run }: Rival, next: NextMessage, now: number): boolean {
  return run.holds.some(({ step, until }) => step === next.step.id && until >= now - STALLED_MS)
}

/** Whether some limit has a place for the other message, after those before it, only if this one does not take it. */
function takesItsPlace(asked: Asked, slot: Slot, before: readonly Slot[], legal: readonly Rate[]): boolean {
  const { request, facts, now } = asked
  const { journey } = slot.rival
  const own = { channel: request.action.channel, purpose: request.journey.purpose }
  return capsOf(slot.policy, journey, slot.next.action.channel, legal).some((cap: Cap) => {
    if (!binds(cap, own) || now <= slot.at - cap.windowMs) return false
    const others = before.filter(({ rival, next, at }) => {
      const message = { channel: next.action.channel, purpose: rival.journey.purpose }
      return binds(cap, message) && at > slot.at - cap.windowMs
    })
    const taken = usage(cap, facts.contacts, slot.at).used + others.length
    return taken < cap.count && taken + 1 >= cap.count
  })
}
