import type { FactPart } from '../facts.ts'

/**
 * Whether a send is a contact with the person, or may be one. What is known not to have arrived disturbs nobody and takes no
 * slot; an unknown outcome does. A reservation with a reason is on hold, perhaps for ever: it is decided afresh before it goes.
 */
export const CONTACTING = `(s.state in ('attempting', 'accepted', 'delivered', 'complained', 'unknown')
          or (s.state = 'reserved' and s.reason is null))`

/** What gaps and caps count. */
export const contactFacts: FactPart = {
  name: 'contacts',
  sql: `(select coalesce(json_agg(json_build_object('channel', s.channel, 'purpose', s.purpose, 'at', s.at) order by s.at desc), '[]') from (
      select s.channel, s.purpose, coalesce(s.handed_off_at, s.reserved_at) as at from send s
      where (s.contact_id = e.contact_id or s.address_hash = any({ownHashes}::text[]))
        and s.class = 'marketing' and ${CONTACTING}
        and coalesce(s.handed_off_at, s.reserved_at) > {since}
        and not (s.enrollment_id = e.id and s.step = {step} and s.branch = {branch})) s)`,
}
