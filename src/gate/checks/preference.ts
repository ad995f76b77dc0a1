import { type Asked, type Check, holdUntil, type Objection } from '../check.ts'
import type { FactPart } from '../facts.ts'
import { CONTACTING } from './contacts.ts'

/** What the person asked for in the preference centre; null if nothing. Pause and cap hold for marketing of every journey and channel. */
export const preferenceFacts: FactPart = {
  name: 'preference',
  // The last few messages however old they are: a personal cap may look back further than any policy does.
  sql: `(select json_build_object('pausedUntil', p.paused_until_at, 'capCount', p.cap_count, 'capWindowMs', p.cap_window_ms,
      'latest', case when p.cap_count is null then '[]' else (
        select coalesce(json_agg(s.at order by s.at desc), '[]') from (
          select coalesce(s.handed_off_at, s.reserved_at) as at from send s
          where (s.contact_id = e.contact_id or s.address_hash = any({ownHashes}::text[]))
            and s.class = 'marketing' and ${CONTACTING}
            and not (s.enrollment_id = e.id and s.step = {step} and s.branch = {branch})
          order by 1 desc limit p.cap_count) s) end)
    from contact_preference p where p.contact_id = e.contact_id)`,
}

/**
 * A pause that the person asked for. A message that would have to wait beyond its giving up is refused at once: nobody who asked for
 * thirty quiet days finds thirty days of messages at the end of them.
 */
export const pausedByPerson: Check = (asked) => {
  const until = asked.facts.preference?.pausedUntil ?? null
  if (asked.live.class !== 'marketing' || until === null || until <= asked.now) return undefined
  asked.read['paused_until'] = until
  return holdUntil(until, 'paused_by_person', asked)
}

/** The person's own cap: whoever asked for one message a week gets one, whatever policy and journeys would allow. */
export function cappedByPerson(asked: Asked): Objection | undefined {
  const { facts, live, now, read } = asked
  const { capCount: count = null, capWindowMs: windowMs = null, latest = [] } = facts.preference ?? {}
  if (count === null || windowMs === null) return undefined
  const used = latest.filter((at) => at > now - windowMs).length
  read['personal_cap'] = { count, windowMs, used }
  if (used < count) return undefined
  if (live.policy.whenCapped === 'refuse') return { kind: 'refuse', reason: 'cap' }
  return holdUntil((latest[count - 1] ?? now) + windowMs, 'cap', asked)
}
