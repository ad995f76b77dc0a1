import type { Policy } from '../../core/workspace.ts'
import type { FactPart } from '../facts.ts'

export const rivalFacts: FactPart = {
  name: 'rivals',
  needed: ({ outranking }) => outranking.length > 0,
  // A run that only awaits a receipt wants nothing more, and a held-out one takes no slot. What is reserved is as good as on its way.
  sql: `(select coalesce(json_agg(json_build_object('enrollment', r.id, 'version', r.version, 'enteredAt', r.entered_at,
      'sends', (select coalesce(json_agg(json_build_object('step', s.step, 'branch', s.branch, 'state',
          case when s.state = 'reserved' and s.reason is null then 'attempting' else s.state end,
          'at', coalesce(s.handed_off_at, s.reserved_at)) order by s.reserved_at), '[]') from send s where s.enrollment_id = r.id),
      'holds', (select coalesce(json_agg(json_build_object('step', h.step, 'branch', h.branch, 'reason', h.reason, 'until', h.until_at)), '[]')
          from (select distinct on (d.step, d.branch) d.step, d.branch, d.verdict, d.reason, d.until_at from decision d
            where d.enrollment_id = r.id order by d.step, d.branch, d.id desc) h where h.verdict = 'hold')) order by r.id), '[]')
    from enrollment r where r.contact_id = e.contact_id and r.state = 'active' and not r.held_out and r.ends_at is null
      and r.id <> e.id and r.journey = any({outranking}::text[]))`,
  otherwise: `'[]'::json`,
}

/** The journeys that go before a journey under a policy. One that is not named comes after all that are. */
export function outranking(policy: Policy | undefined, journey: string): readonly string[] {
  const order = policy?.priorities ?? []
  const place = order.indexOf(journey)
  return place < 0 ? order : order.slice(0, place)
}
