import type { KillSwitch } from '../administration/kill-switch.ts'
import type { Statements } from '../core/database.ts'

/** Runs resumed a second, so that neither the engine nor a carrier meets them all at once. */
const PER_SECOND = 50
const SHORTEST_MS = 10_000

/**
 * Tells the runs whose message a switch holds that it is off: they ask the gate again soon, each at an instant of its own, instead of
 * at the end of a hold that may be hours away. What another switch still stops is held again. Returns how many were told.
 */
export async function resumePaused(
  statements: Statements,
  { scope, name }: Pick<KillSwitch, 'scope' | 'name'>,
  at: number,
): Promise<number> {
  const journey = scope === 'journey' ? name : null
  const [row] = await statements.query<{ held: number }>(`select count(*)::int as held from (${HELD}) held`, [
    at,
    journey,
  ])
  const held = row?.held ?? 0
  if (held === 0) return 0
  const withinMs = Math.max(SHORTEST_MS, (held / PER_SECOND) * 1_000)
  const event = JSON.stringify({ kind: 'resume', at, withinMs })
  await statements.query(
    `insert into outbox (enrollment_id, kind, payload, created_at) select id, 'signal', $3::jsonb, $1 from (${HELD}) held`,
    [at, journey, event],
  )
  return held
}

/** Active runs whose latest word from the gate about some step is a pause that goes on. */
const HELD = `select e.id from enrollment e
   where e.state = 'active' and ($2::text is null or e.journey = $2)
     and exists (
       select 1 from decision d
        where d.enrollment_id = e.id and d.verdict = 'hold' and d.reason = 'paused' and d.until_at > $1
          and not exists (select 1 from decision later
                           where later.enrollment_id = d.enrollment_id and later.step = d.step and later.id > d.id))`
