import type { KillSwitch } from '../administration/kill-switch.ts'
import type { Database } from '../core/database.ts'

/** Runs resumed a second, so that neither the engine nor a carrier meets them all at once. */
const PER_SECOND = 50
const SHORTEST_MS = 10_000
/** Runs looked at in one statement: a million that are held must not be one transaction. */
const BATCH = 5_000

/**
 * Tells the runs whose message a switch holds that it is off: they ask the gate again soon, each at an instant of its own, instead of
 * at the end of a hold that may be hours away. What another switch still stops is held again. Returns how many were told.
 *
 * Call it after the commit that turned the switch off: whoever is held after that was decided under the switch, and as long as the
 * commit is to come every gate goes on holding. Repeating it only hurries the same runs again. A gate that was in the middle of its
 * decision when the switch went off may be missed: its run asks at the end of its hold, at most six hours later.
 */
export async function resumePaused(
  database: Database,
  { scope, name }: Pick<KillSwitch, 'scope' | 'name'>,
  at: number,
): Promise<number> {
  const journey = scope === 'journey' ? name : null
  const [row] = await database.query<{ held: number }>(
    `select count(*)::int as held from enrollment e where ${CONCERNED} and exists (${PAUSED})`,
    [at, journey],
  )
  const withinMs = Math.max(SHORTEST_MS, ((row?.held ?? 0) / PER_SECOND) * 1_000)
  const event = JSON.stringify({ kind: 'resume', at, withinMs })
  let told = 0
  for (let after = FIRST; ;) {
    const page: Page | undefined = await tellPage(database, [at, journey, after, event, BATCH, told])
    told += page?.told ?? 0
    if (page?.last === undefined || page.last === null) return told
    after = page.last
  }
}

interface Page {
  readonly told: number
  /** The last run that was looked at; null behind the end. */
  readonly last: string | null
}

/**
 * Dated one after the other, as slowly as the runs go on: the relay takes the oldest first, and what happens meanwhile is not kept
 * waiting behind all of them.
 */
async function tellPage(database: Database, parameters: readonly unknown[]): Promise<Page | undefined> {
  const [page] = await database.query<Page>(
    `with page as (
       select e.id from enrollment e where ${CONCERNED} and e.id > $3::uuid order by e.id limit $5
     ), told as (
       insert into outbox (enrollment_id, kind, payload, created_at)
       select e.id, 'signal', $4::jsonb, $1::bigint + ($6::int + row_number() over (order by e.id)) * ${1_000 / PER_SECOND}
         from page e cross join lateral (${PAUSED} limit 1) paused
       returning 1
     )
     select (select count(*)::int from told) as told, (select id from page order by id desc limit 1) as last`,
    parameters,
  )
  return page
}

const FIRST = '00000000-0000-0000-0000-000000000000'

const CONCERNED = `e.state = 'active' and ($2::text is null or e.journey = $2)`

/** The latest word from the gate about some step of the run is a pause that goes on. */
const PAUSED = `select 1 from decision d
   where d.enrollment_id = e.id and d.verdict = 'hold' and d.reason = 'paused' and d.until_at > $1
     and not exists (select 1 from decision later
                      where later.enrollment_id = d.enrollment_id and later.step = d.step and later.id > d.id)`
