import type { Asked } from '../check.ts'
import type { FactPart } from '../facts.ts'

/** When a text last told this person, or this address, how to opt out. One that may not have arrived counts only if nobody knows. */
export const optOutFacts: FactPart = {
  name: 'optOutSaidAt',
  needed: ({ asksOptOutWording }) => asksOptOutWording,
  sql: `(select max(s.handed_off_at) from send s
    where (s.contact_id = e.contact_id or s.address_hash = any({ownHashes}::text[]))
      and s.opt_out_wording and s.state in ('attempting', 'accepted', 'delivered', 'complained', 'unknown')
      and not (s.enrollment_id = e.id and s.step = {step} and s.branch = {branch}))`,
  otherwise: 'null',
}

/**
 * Whether the text must say how to opt out: the first to somebody does, and then each time that the last which did is older than the
 * policy says. Objects to nothing; what it read is noted for the record.
 */
export function optOutDue({ request, live: { policy }, facts, now, read }: Asked): boolean {
  const every = policy.optOutEveryMs
  if (request.action.channel !== 'sms' || every === undefined) return true
  const saidAt = facts.optOutSaidAt ?? null
  read['opt_out_said_at'] = saidAt
  return saidAt === null || now - saidAt > every
}
