import type { DecisionRequest, Live } from './check.ts'
import type { Facts } from './facts.ts'

export interface MissingSetting {
  readonly kind: 'missing'
  readonly what: string
}

/** What the live workspace says about the message. Something missing is an operator's mistake and holds, so that nobody is lost. */
export function settingOf({ journey, action, workspace }: DecisionRequest, facts: Facts): Live | MissingSetting {
  const policy = workspace?.policies[journey.policy]
  const purpose = workspace?.purposes[journey.purpose]
  const sender = workspace?.senders[policy?.senders[action.channel] ?? '']
  if (workspace === undefined || policy === undefined) return { kind: 'missing', what: `policy ${journey.policy}` }
  if (purpose === undefined) return { kind: 'missing', what: `purpose ${journey.purpose}` }
  if (sender?.channel !== action.channel) return { kind: 'missing', what: `${action.channel} sender` }
  const pool = action.offer === undefined ? undefined : journey.offers[action.offer]?.codes
  const takesCode = pool !== undefined && facts.code === null && !facts.heldOut
  if (takesCode && workspace.pools[pool] === undefined) return { kind: 'missing', what: `code pool ${pool}` }
  const giveUpMs = Math.min(policy.giveUpAfterMs, journey.limits.giveUpAfterMs ?? Number.POSITIVE_INFINITY)
  return { kind: 'live', workspace, policy, sender, class: purpose.class, giveUpMs }
}
