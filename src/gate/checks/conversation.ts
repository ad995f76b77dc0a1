import type { Check } from '../check.ts'
import type { FactPart } from '../facts.ts'
import { pauseMs } from './pause.ts'

/** Of this contact, and of whoever has written from one of their addresses. */
export const conversationFacts: FactPart = {
  name: 'conversation',
  sql: `(select json_build_object(
      'repliedAt', max(i.received_at) filter (where i.free_text and i.channel = 'sms'),
      'doubtAt', min(i.received_at) filter (where i.state = 'open'))
    from inbound_message i where i.contact_id = e.contact_id or i.address_hash = any({ownHashes}::text[]))`,
}

/** Perhaps a "no": marketing waits until somebody has read it, on every channel, and is given up rather than sent in doubt. */
export const needsPerson: Check = ({ request, facts, giveUpAt, now, read }) => {
  const doubtAt = facts.conversation?.doubtAt ?? null
  if (doubtAt === null) return undefined
  read['doubt_since'] = doubtAt
  if (now >= giveUpAt) return { kind: 'refuse', reason: 'gave_up' }
  return { kind: 'hold', until: Math.min(giveUpAt, now + pauseMs(now - request.dueAt)), reason: 'needs_person' }
}

/** Somebody is talking to us by text: no marketing text falls into that conversation. */
export const conversation: Check = (asked) => {
  const { request, live, facts, giveUpAt, now, read } = asked
  const repliedAt = facts.conversation?.repliedAt ?? null
  const pause = live.policy.replies?.pauseMs
  if (request.action.channel !== 'sms' || pause === undefined || repliedAt === null) return undefined
  const until = repliedAt + pause
  if (until <= now) return undefined
  read['replied_at'] = repliedAt
  return until > giveUpAt ? { kind: 'refuse', reason: 'gave_up' } : { kind: 'hold', until, reason: 'conversation' }
}
