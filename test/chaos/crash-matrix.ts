import { setTimeout as sleep } from 'node:timers/promises'
import { layFoundation } from '../../src/compose.ts'
import { reconcile } from '../../src/delivery/reconcile.ts'
import { workflowId } from '../../workers/protocol.ts'
import { killAll, startChild } from './children.ts'
import { clockOf, settingsOf } from './child-settings.ts'
import { arrivalsOf, compare, type Comparison, sendsOf } from './comparison.ts'
import { createCrowd } from './crowd.ts'
import { matrixTable } from './matrix-table.ts'
import { type Death, DOOMED_WORKER, isOfWorker, type Plan, Reaper } from './reaper.ts'
import { setStage, type Stage } from './stage.ts'
import { weather } from './weather.ts'

export interface ChaosOptions extends Plan {
  /** No fewer hand-offs than this in the emulator's log. */
  readonly sends: number
  readonly zombieAt: readonly string[]
  readonly postgresRestarts: number
  readonly temporalRestarts: number
  readonly resets: number
  /** Workers under sentence at once. */
  readonly lanes: number
  readonly productionEveryMs: number
  readonly seed: number
  /** Real milliseconds after which no more people come, whatever is left. */
  readonly patienceMs: number
}

export interface ChaosReport {
  readonly sends: number
  readonly kills: number
  readonly comparison: Comparison
  readonly figures: Readonly<Record<string, number>>
  readonly deaths: readonly Death[]
  /** Places that were seen and at which nobody died. */
  readonly spared: readonly string[]
  readonly table: string
}

const PER_ROUND = 20
/** People who are under way at once: enough for every place to be hit, few enough for the machine. */
const OPEN_RUNS = 240

/** The whole matrix, from an empty store to the comparison. Ends everything that it started, also when it fails. */
export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<ChaosReport> {
  const startedAt = Date.now()
  const stage = await setStage()
  const over = new AbortController()
  try {
    const reaper = new Reaper(stage, options)
    const crowd = createCrowd(stage, randomFrom(options.seed))
    const running = [
      reaper.production(over.signal, options.productionEveryMs),
      reaper.api(over.signal),
      weather(stage, over.signal),
      ...Array.from({ length: options.lanes }, () => reaper.workers(over.signal)),
    ]
    const failed = Promise.all(running).then(() => new Promise<never>(() => undefined))
    const zombies = Promise.all(options.zombieAt.map((place) => reaper.zombie(place)))
    const told = { runs: 0, handOffs: 0 }
    const lull = new AbortController()
    const calamities = strike(stage, options, say, { hasBegun: () => told.handOffs > 0, signal: lull.signal })
    let sayAgainAt = 0
    const act = async (): Promise<void> => {
      while (Date.now() < startedAt + options.patienceMs) {
        Object.assign(told, await counts(stage))
        if (told.handOffs >= options.sends && reaper.isDone()) break
        if (told.runs < OPEN_RUNS) await crowd.enter(PER_ROUND)
        else await sleep(250)
        if (Date.now() > sayAgainAt) {
          say(`${told.handOffs} hand-offs, ${reaper.deaths.length} kills; ${reaper.left()}`)
          sayAgainAt = Date.now() + 15_000
        }
      }
      lull.abort()
      const resets = await calamities
      say(`nobody else comes: ${told.handOffs} hand-offs, ${reaper.deaths.length} kills, ${resets} runs reset`)
      await crowd.quiet()
      over.abort()
    }
    await Promise.race([act(), failed])
    await Promise.all(running)
    const woken = (await zombies).filter((end) => end === 'woken').length
    const calm = startChild({ file: DOOMED_WORKER, environment: stage.environment })
    await calm.ready
    await rest(stage, say)
    const found = await findTruth(stage, { absentAfterMs: 1, interruptedAfterMs: 1 })
    const expected = crowd.size * 2 + crowd.orders
    const comparison = await compare(stage, expected)
    const [sends, arrivals] = [await sendsOf(stage), await arrivalsOf(stage)]
    const dead = new Set(reaper.deaths.map(({ place }) => place))
    return {
      sends: arrivals.length,
      kills: reaper.deaths.length,
      comparison,
      deaths: reaper.deaths,
      spared: reaper.places().filter((place) => !dead.has(place)),
      figures: {
        places: dead.size,
        kills_in_send_path: reaper.deaths.filter(({ place }) => isOfWorker(place)).length,
        people: crowd.size,
        stops: crowd.stops,
        noes: comparison.noes,
        in_flight_at_no: comparison.inFlightAtNo,
        longest_in_flight_ms: comparison.longestInFlightMs,
        unknown_found: found,
        unknown_never_arrived: sends.filter(({ state }) => state === 'unknown').length,
        refused: sends.filter(({ state }) => state === 'refused').length,
        resets: await calamities,
        zombies: woken,
        postgres_restarts: options.postgresRestarts,
        temporal_restarts: options.temporalRestarts,
        wall_s: Math.round((Date.now() - startedAt) / 1_000),
      },
      table: matrixTable(reaper.deaths, sends, arrivals),
    }
  } finally {
    over.abort()
    killAll()
    await stage.stop()
  }
}

/** mulberry32: the same people do the same things in every run with one seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What befalls the servers, one after the other, until all of it has; returns how many runs were reset. */
async function strike(
  stage: Stage,
  options: ChaosOptions,
  say: (line: string) => void,
  { hasBegun, signal }: { readonly hasBegun: () => boolean; readonly signal: AbortSignal },
): Promise<number> {
  let [resets, postgres, temporal] = [0, 0, 0]
  while (!signal.aborted && !hasBegun()) await sleep(500)
  for (let tries = 0; !signal.aborted; tries++) {
    if (resets >= options.resets && postgres >= options.postgresRestarts && temporal >= options.temporalRestarts) break
    await sleep(10_000, undefined, { signal }).catch(() => undefined)
    if (postgres++ < options.postgresRestarts) {
      say('PostgreSQL is killed and starts again')
      await stage.restartPostgres()
    }
    if (resets < options.resets) resets += await resetRuns(stage, Math.ceil(options.resets / 3), tries)
    if (temporal++ < options.temporalRestarts) {
      say('the Temporal server restarts')
      await stage.restartTemporal()
    }
  }
  return resets
}

/** Runs that have handed something over, under way or over, start again from their first task: the engine repeats all that they did. */
async function resetRuns(stage: Stage, count: number, round: number): Promise<number> {
  const rows = await patiently(() =>
    stage.database.query<{ id: string; journey: string }>(
      `select e.id, e.journey from enrollment e join send s on s.enrollment_id = e.id and s.handed_off_at is not null
        group by e.id order by (e.state = 'active') desc, e.id limit $1 offset $2`,
      [count, round * count],
    ),
  )
  let done = 0
  for (const { id, journey } of rows) {
    const workflowExecution = { workflowId: workflowId(journey, id) }
    try {
      const { history } = await stage.client.workflowService.getWorkflowExecutionHistory({
        namespace: 'default',
        execution: workflowExecution,
      })
      const first = history?.events?.find(
        (event) =>
          event.workflowTaskCompletedEventAttributes !== null &&
          event.workflowTaskCompletedEventAttributes !== undefined,
      )
      if (first?.eventId === null || first?.eventId === undefined) continue
      await stage.client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution,
        workflowTaskFinishEventId: first.eventId,
        requestId: `reset-${id}-${round}`,
        reason: 'crash matrix',
      })
      done += 1
    } catch {
      // A run that has just ended otherwise, or a server that is starting: another one is taken next time.
    }
  }
  return done
}

async function counts(stage: Stage): Promise<{ runs: number; handOffs: number }> {
  const [row] = await patiently(() =>
    stage.database.query<{ runs: number; handoffs: number }>(
      `select (select count(*) from enrollment where state = 'active') as runs,
              (select count(*) from send where state in ('accepted', 'delivered', 'undelivered', 'bounced', 'complained')) as handoffs`,
    ),
  )
  return { runs: row?.runs ?? 0, handOffs: row?.handoffs ?? 0 }
}

/** The store of the matrix is down now and then. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left--) {
    try {
      return await ask()
    } catch (error) {
      if (left === 0) throw error
      await sleep(100)
    }
  }
}

/** Until every run has ended, nothing is left to tell the engine, and no workflow runs; or until that is not going to happen. */
async function rest(stage: Stage, say: (line: string) => void): Promise<void> {
  const until = Date.now() + 180_000
  for (;;) {
    const [row] = await stage.database.query<{ runs: number; told: number; changed: number }>(
      `select (select count(*) from enrollment where state = 'active') as runs,
              (select count(*) from outbox where done_at is null) as told,
              (select coalesce(max(updated_at), 0) from send where state <> 'unknown') as changed`,
    )
    const workflows = await runningWorkflows(stage)
    // The schedule does this, too; but the run of it that a killed worker took along is repeated after five minutes only.
    await findTruth(stage, {})
    const calm = stage.now() - (row?.changed ?? 0) > 5_000 * stage.origin.scale
    if (row !== undefined && row.runs + row.told + workflows === 0 && calm) return
    if (Date.now() > until) {
      say(`it does not come to rest: ${JSON.stringify({ ...row, workflows })}`)
      return
    }
    await sleep(500)
  }
}

async function runningWorkflows(stage: Stage): Promise<number> {
  const { count } = await stage.client.workflow.count("ExecutionStatus = 'Running' and WorkflowType != 'reconcile'")
  return count
}

/** Reconciling, when nobody who could still be sending is alive: what is unknown then is looked up at once. */
async function findTruth(stage: Stage, ages: { absentAfterMs?: number; interruptedAfterMs?: number }): Promise<number> {
  const foundation = layFoundation(settingsOf(stage.environment), stage.database, clockOf(stage.environment))
  const deps = {
    database: stage.database,
    time: { monotonicMs: () => performance.now(), realNow: () => Date.now() },
    providers: (name: string) => foundation.providers.get(name),
    journey: foundation.version,
    keys: foundation.settings.addressKeys,
    ...ages,
  }
  let found = 0
  for (let pass = 0; pass < 20; pass++) {
    const { settled } = await reconcile(deps, stage.now())
    found += settled
    if (pass > 0 && settled === 0) break
  }
  return found
}
