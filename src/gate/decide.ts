import type { Asked, DecisionRequest, FactsRead, Live, Objection } from './check.ts'
import { type Check, firstObjection } from './check.ts'
import { addressable } from './checks/address.ts'
import { condition } from './checks/condition.ts'
import { consent } from './checks/consent.ts'
import { ended } from './checks/ended.ts'
import { offerExpired } from './checks/offer.ts'
import { optOutDue } from './checks/opt-out-wording.ts'
import { pause, switchedOff } from './checks/pause.ts'
import { pausedByPerson } from './checks/preference.ts'
import { notSuppressed } from './checks/suppression.ts'
import { sunset } from './checks/sunset.ts'
import { timely } from './checks/timely.ts'
import { noMarketing } from './checks/transactional.ts'
import type { Facts } from './facts.ts'
import { limit } from './limits.ts'
import { settingOf } from './setting.ts'

export type { DecisionRequest, FactsRead } from './check.ts'

export type Answer =
  | {
      readonly kind: 'send'
      readonly class: Live['class']
      readonly policy: Live['policy']
      readonly sender: Live['sender']
      readonly windowClosesAt?: number
      /** Whether a text must say how to opt out. */
      readonly optOutDue: boolean
    }
  | { readonly kind: 'ghost' }
  | Objection

export type Decision = Answer & { readonly read: FactsRead }

/** Asked of every message, in this order, before the limits of marketing. */
const FIRST: readonly Check[] = [
  ended,
  condition,
  consent,
  notSuppressed,
  addressable,
  noMarketing,
  sunset,
  timely,
  pausedByPerson,
]

/** Asked of every message after the limits. */
const LAST: readonly Check[] = [offerExpired]

/**
 * The whole policy of contacting somebody, as a pure function of what was read. The first check with an objection answers; the
 * order is part of the product (docs/reasons.md):
 *
 * pause, enrollment, conditions, consent, suppression, address, marketing in a transactional message, sunset, due and give-up,
 * the person's own pause, window, gap, cap, priorities, offer, holdout.
 *
 * Transactional purposes pass sunset, window, gap, cap and priorities. Nothing passes consent and suppression.
 */
export function decide(request: DecisionRequest, facts: Facts, now: number): Decision {
  const read: Record<string, unknown> = {}
  const live = settingOf(request, facts)
  if (live.kind === 'missing' || switchedOff(live, facts).length > 0)
    return { ...pause(request, live, facts, now, read), read }

  const asked: Asked = { request, live, facts, now, giveUpAt: request.dueAt + live.giveUpMs, read }
  const first = firstObjection(FIRST, asked)
  if (first !== undefined) return { ...first, read }
  const limited = live.class === 'marketing' ? limit(asked) : ({ kind: 'within' } as const)
  if (limited.kind !== 'within') return { ...limited, read }
  const last = firstObjection(LAST, asked)
  if (last !== undefined) return { ...last, read }

  read['held_out'] = facts.heldOut
  if (facts.heldOut) return { kind: 'ghost', read }
  const { windowClosesAt } = limited
  return {
    kind: 'send',
    class: live.class,
    policy: live.policy,
    sender: live.sender,
    ...(windowClosesAt === undefined ? {} : { windowClosesAt }),
    optOutDue: optOutDue(asked),
    read,
  }
}
