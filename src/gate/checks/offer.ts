import type { Check } from '../check.ts'
import type { FactPart } from '../facts.ts'

export const codeFacts: FactPart = {
  name: 'code',
  needed: ({ offer }) => offer !== null,
  sql: `(select json_build_object('code', o.code, 'validUntil', o.valid_until) from offer_code o
    where o.enrollment_id = e.id and o.offer = {offer})`,
  otherwise: 'null',
}

/** A ghost takes no code, so nothing can have expired for it. */
export const offerExpired: Check = ({ request: { action }, facts, now, read }) => {
  if (action.offer === undefined || facts.code === null || facts.heldOut) return undefined
  read['offer_valid_until'] = facts.code.validUntil
  return facts.code.validUntil <= now ? { kind: 'refuse', reason: 'offer_expired' } : undefined
}
