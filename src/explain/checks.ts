import { HOLD_REASONS, REFUSAL_REASONS, type HoldReason, type RefusalReason } from '../gate/verdict.ts'

/** The gate's checks in the order of docs/reasons.md, with what it means that one had no objection. */
export const CHECKS = {
  pause: 'nothing was switched off, and the live workspace had all that the message needs',
  run: 'the run was under way, its goal not reached',
  conditions: "the step's conditions held",
  consent: 'the person had consented to this purpose on this channel',
  suppression: 'no block of the address forbade it',
  address: 'the person had an address that can work',
  marketing: 'it carried nothing that its purpose may not',
  sunset: 'the person had given a sign of life recently enough',
  time: 'it was due, and not too late',
  wish: 'the person had not asked for a break',
  doubt: 'nothing that the person wrote was waiting to be understood',
  conversation: 'no conversation was going on',
  window: 'it was within the allowed hours of every place where the person may be',
  gap: 'the last marketing message was long enough ago',
  cap: 'every cap had room',
  precedence: 'no journey of more importance was about to write',
  offer: 'its offer was valid, and a code was there',
  holdout: 'the run was not held out',
  writing: 'it could be written',
  carrier: 'the carrier took it',
} as const
export type CheckName = keyof typeof CHECKS
const ORDER = Object.keys(CHECKS) as readonly CheckName[]

/** Asked of marketing alone, and noted in no fact when they have nothing to say. */
const MARKETING: ReadonlySet<CheckName> = new Set([
  'wish',
  'doubt',
  'conversation',
  'window',
  'gap',
  'cap',
  'precedence',
])

type Facts = Readonly<Record<string, unknown>>

/** Which check answers with a reason. A message is given up by whichever check would have made it wait too long. */
export function checkOf(reason: HoldReason | RefusalReason | 'allowed' | 'held_out', facts: Facts): CheckName {
  switch (reason) {
    case 'paused':
      return 'pause'
    case 'goal_reached':
    case 'exited':
      return 'run'
    case 'condition':
    case 'condition_unknown':
      return 'conditions'
    case 'no_consent':
      return 'consent'
    case 'suppressed':
      return 'suppression'
    case 'no_address':
      return 'address'
    case 'marketing_in_transactional':
      return 'marketing'
    case 'sunset':
      return 'sunset'
    case 'not_due':
      return 'time'
    case 'gave_up':
      return gaveUpAt(facts)
    case 'paused_by_person':
      return 'wish'
    case 'needs_person':
      return 'doubt'
    case 'conversation':
      return 'conversation'
    case 'quiet_hours':
      return 'window'
    case 'min_gap':
      return 'gap'
    case 'cap':
      return 'cap'
    case 'outranked':
      return 'precedence'
    case 'offer_expired':
    case 'codes_exhausted':
      return 'offer'
    case 'held_out':
    case 'allowed':
      return 'holdout'
    case 'content':
      return 'writing'
    case 'throttled':
      return 'carrier'
    default:
      return reason satisfies never
  }
}

/** The furthest check that left a fact. */
function gaveUpAt(facts: Facts): CheckName {
  if ('outranked_by' in facts) return 'precedence'
  if ('caps' in facts) return 'cap'
  if ('min_gap_ms' in facts) return 'gap'
  if ('place' in facts) return 'window'
  if ('replied_at' in facts) return 'conversation'
  if ('doubt_since' in facts) return 'doubt'
  return 'paused_until' in facts ? 'wish' : 'time'
}

/** The checks that had been asked before, as far as the facts say that they were. */
export function passedBefore(answered: CheckName, facts: Facts): readonly CheckName[] {
  // After the gate: what it had asked stands in the decision before.
  if (answered === 'writing' || answered === 'carrier') return []
  const isLimited = 'place' in facts || MARKETING.has(answered)
  return ORDER.slice(0, ORDER.indexOf(answered)).filter((check) => {
    if (check === 'conditions') return 'if' in facts || 'unless' in facts
    if (check === 'sunset') return 'sunset_after_ms' in facts
    return isLimited || !MARKETING.has(check)
  })
}

/** A reason of the gate as it is now; a reason that was stored by another release may be none. */
export function isReason(word: string): word is HoldReason | RefusalReason {
  return [...HOLD_REASONS, ...REFUSAL_REASONS].some((reason) => reason === word)
}
