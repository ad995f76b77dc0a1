import type { CompiledJourney } from '../../core/compiled-journey.ts'
import type { Policy } from '../../core/workspace.ts'
import type { Check } from '../check.ts'
import type { FactPart } from '../facts.ts'

/** Orders under the names of our samples and of Segment's ecommerce spec; a journey's own goal counts besides. */
const ORDERS: readonly string[] = ['order.placed', 'Order Completed']

/** Events that show that somebody is there, or null when the policy has no sunset rule: then nothing is read. */
export function signsOfLife(journey: CompiledJourney, policy: Policy | undefined): readonly string[] | null {
  if (policy?.sunsetAfterMs === undefined) return null
  return journey.goal === undefined ? ORDERS : [...ORDERS, journey.goal.event]
}

export const engagementFacts: FactPart = {
  name: 'engagedAt',
  needed: ({ signsOfLife: events }) => events !== null,
  // Each `max` skips null, so that no kind of sign has to be there. Clicks by machines are none.
  sql: `greatest(
    (select max(n.at) from consent n where n.contact_id = e.contact_id and n.state = 'granted'),
    (select max(r.converted_at) from enrollment r where r.contact_id = e.contact_id),
    (select max(v.at) from event v where v.contact_id = e.contact_id and v.name = any({signsOfLife}::text[])),
    (select max(i.received_at) from inbound_message i where i.contact_id = e.contact_id),
    (select max(k.at) from send s join link l on l.send_id = s.id join click k on k.token = l.token
      where s.contact_id = e.contact_id and not k.machine),
    (select max(f.at) from send s join feedback f on f.send_id = s.id
      where s.contact_id = e.contact_id and f.event = 'clicked' and not f.machine))`,
  otherwise: 'null',
}

/** Marketing to somebody who gives no sign of life harms the sender's name with every mailbox provider, and pleases nobody. */
export const sunset: Check = ({ live: { policy, class: kind }, facts, now, read }) => {
  if (kind !== 'marketing' || policy.sunsetAfterMs === undefined) return undefined
  read['engaged_at'] = facts.engagedAt
  read['sunset_after_ms'] = policy.sunsetAfterMs
  const since = facts.engagedAt ?? Number.NEGATIVE_INFINITY
  return now - since > policy.sunsetAfterMs ? { kind: 'refuse', reason: 'sunset' } : undefined
}
