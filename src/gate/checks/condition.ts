import { evaluate } from '../../conditions/evaluate.ts'
import type { Check, FactsRead } from '../check.ts'
import { contactOf, type FactPart } from '../facts.ts'

export const stepFacts: FactPart = {
  name: 'steps',
  needed: ({ withSteps }) => withSteps,
  sql: `(select coalesce(json_object_agg(x.step, x.facts), '{}') from (
      select s.step, json_strip_nulls(json_build_object(
        'sentAt', min(case when s.state not in ('reserved', 'rejected', 'refused', 'shadow')
          then coalesce(s.handed_off_at, s.reserved_at) end),
        'deliveredAt', least(
          min(case when s.state = 'delivered' then s.updated_at end),
          (select min(f.at) from feedback f join send t on t.id = f.send_id
            where t.enrollment_id = e.id and t.step = s.step and f.event = 'delivered')),
        'undeliveredAt', min(case when s.state in ('undelivered', 'bounced') then s.updated_at end),
        'clickedAt', least(
          (select min(k.at) from click k join link l on l.token = k.token join send t on t.id = l.send_id
            where t.enrollment_id = e.id and t.step = s.step and not k.machine),
          (select min(f.at) from feedback f join send t on t.id = f.send_id
            where t.enrollment_id = e.id and t.step = s.step and f.event = 'clicked' and not f.machine)),
        'openedAt', (select min(f.at) from feedback f join send t on t.id = f.send_id
          where t.enrollment_id = e.id and t.step = s.step and f.event = 'opened' and not f.machine))) as facts
      from send s where s.enrollment_id = e.id group by s.step) x)`,
  otherwise: `'{}'::json`,
}

/** The step's `if` and `unless`, read once, at the gate. An unknown fact never sends. */
export const condition: Check = ({ request: { step }, facts, now, read }) => {
  const conditions: FactsRead[] = []
  const known = { contact: contactOf(facts), trigger: facts.trigger, steps: facts.steps, now }
  for (const [word, expression, wanted] of [
    ['if', step.if, 'true'],
    ['unless', step.unless, 'false'],
  ] as const) {
    if (expression === undefined) continue
    const result = evaluate(expression, known)
    read[word] = expression.source
    conditions.push(recordable(result.read))
    read['condition'] = Object.assign({}, ...conditions)
    if (result.kind === 'unknown') {
      read['unknown'] = result.missing
      return { kind: 'refuse', reason: 'condition_unknown' }
    }
    if (result.kind !== wanted) return { kind: 'refuse', reason: 'condition' }
  }
  return undefined
}

/** Traits that name a person or an address: a decision may rest on them but never records them. */
const PERSONAL = /(?:name|mail|phone|mobile|address|street|birth)/i

function recordable(read: FactsRead): FactsRead {
  return Object.fromEntries(
    Object.entries(read).map(([path, value]) => [path, isPersonal(path, value) ? '(not recorded)' : value]),
  )
}

/** By its name, by what it looks like, or because it holds whatever the event came with. */
function isPersonal(path: string, value: unknown): boolean {
  if (value === null) return false
  return PERSONAL.test(path) || typeof value === 'object' || (typeof value === 'string' && /@|^\s*\+\d/.test(value))
}
