import { DEAD_REASONS, type SuppressionReason } from '../../consent/suppression.ts'
import type { Check, Live } from '../check.ts'
import type { FactPart } from '../facts.ts'

export const suppressionFacts: FactPart = {
  name: 'suppressions',
  sql: `(select coalesce(json_agg(distinct u.reason), '[]') from suppression u
    where u.address_hash = any({hashes}::text[]) and u.channel = {channel} and u.lifted_at is null)`,
}

/** Blocks of the address. Nothing passes a STOP, whatever the purpose. */
export const notSuppressed: Check = ({ live, facts, read }) => {
  read['suppressions'] = facts.suppressions
  return facts.suppressions.some((reason) => isNo(reason, live)) ? { kind: 'refuse', reason: 'suppressed' } : undefined
}

/** Whether a block forbids this message. Unsubscribing ends marketing; what a person needs, such as a receipt, still comes. */
function isNo(reason: string, live: Live): boolean {
  if (reason === ('unsubscribe' satisfies SuppressionReason)) return live.class === 'marketing'
  return !DEAD_REASONS.includes(reason)
}
