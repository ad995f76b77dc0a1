import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, type Client } from '@temporalio/client'
import { createClient } from '../../workers/engine.ts'
import { startTestTemporal } from '../temporal.ts'
import { type Benchmark, type Finding, inLanes, median, round } from './benchmark.ts'
import { BARE_JOURNEY_QUEUE, BARE_WORKFLOW, type BareInput } from './baseline/protocol.ts'
import { cpuPerItem, type CpuTime, cpuTime } from './cpu.ts'
import { startProcess } from './process.ts'
import { startSegue, type SegueSide } from './segue-side.ts'

const PAIRS = Number(process.env['BENCH_PAIRS'] ?? 5)
const JOURNEYS = Number(process.env['BENCH_JOURNEYS'] ?? 300)
/** Real milliseconds before each message. Three of them are far less than a run of all journeys takes. */
const WAIT_MS = 1_000
/** Starts under way at once. */
const STARTERS = 20
const TARGET = 0.9

/** Starts one journey; the same call of the same client on both sides. */
type Start = () => Promise<void>

interface Side {
  readonly workflowType: string
  /** Makes what the journeys need, before the clock runs. */
  prepare(journeys: number): Promise<readonly Start[]>
  /** Throws unless every message of the journeys that were run was really sent. */
  verify(): Promise<void>
}

/**
 * Whole three-message journeys per second: Segue's against a hand-written workflow's whose activities do nothing. One machine,
 * one server, one run; the sides take turns, and who begins alternates, so that neither always meets the warmer server.
 */
export const throughput: Benchmark = {
  name: 'throughput',
  measures: `Whole 3-message journeys per second, ${JOURNEYS} at once, ${WAIT_MS} ms before each message; median of ${PAIRS} pairs`,
  async run(say) {
    const temporal = await startTestTemporal()
    const closing: (() => Promise<void>)[] = [() => temporal.stop()]
    try {
      const connection = await Connection.connect({ address: temporal.address })
      closing.push(() => connection.close())
      const client = createClient(connection, 'default')
      const segue = await startSegue(client, temporal.address, closing)
      const worker = await startProcess(new URL('./baseline/worker.ts', import.meta.url), {
        ready: 'the workers run',
        env: { TEMPORAL_ADDRESS: temporal.address },
      })
      closing.push(() => worker.stop())
      return await takeTurns(client, segueSide(segue), bareSide(client), say)
    } finally {
      for (const close of closing.toReversed()) await close()
    }
  },
}

async function takeTurns(client: Client, segue: Side, bare: Side, say: (line: string) => void): Promise<Finding> {
  // Unmeasured: compilers, caches and connections warm up.
  for (const side of [segue, bare]) await walk(client, side, Math.min(100, JOURNEYS))
  const pairs: { readonly segue: Walk; readonly bare: Walk }[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const first = pair % 2 === 0 ? 'segue' : 'bare'
    const one = await walk(client, first === 'segue' ? segue : bare, JOURNEYS)
    const other = await walk(client, first === 'segue' ? bare : segue, JOURNEYS)
    const walks = first === 'segue' ? { segue: one, bare: other } : { segue: other, bare: one }
    pairs.push(walks)
    const rates = `${round(walks.segue.perSecond, 1)} and ${round(walks.bare.perSecond, 1)} a second`
    const cpu = `${round(total(walks.segue.cpu))} and ${round(total(walks.bare.cpu))} ms of processor time each`
    say(`pair ${pair + 1} of ${PAIRS}: ${rates}, ${cpu}`)
  }
  const middle = (value: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(value))
  const ratio = (pair: (typeof pairs)[number]): number => pair.segue.perSecond / pair.bare.perSecond
  const figures = {
    ratio: round(middle(ratio), 3),
    segue_per_s: round(
      middle(({ segue }) => segue.perSecond),
      1,
    ),
    bare_per_s: round(
      middle(({ bare }) => bare.perSecond),
      1,
    ),
    pairs: pairs.length,
    cpu_ratio: round(
      middle((pair) => total(pair.bare.cpu) / total(pair.segue.cpu)),
      3,
    ),
  }
  return {
    figures,
    rows: [
      ['Segue, journeys/s', String(figures.segue_per_s), ''],
      ['hand-written, journeys/s', String(figures.bare_per_s), ''],
      ['ratio, median of pairs', String(figures.ratio), `>= ${TARGET}`],
      ['ratio, each pair', pairs.map((pair) => round(ratio(pair), 2)).join(' '), ''],
      ['ratio by processor time, median', String(figures.cpu_ratio), ''],
      ['Segue, ms of processor time a journey', breakdown(pairs.map(({ segue }) => segue.cpu)), ''],
      ['hand-written, the same', breakdown(pairs.map(({ bare }) => bare.cpu)), ''],
    ],
  }
}

interface Walk {
  readonly perSecond: number
  /** For each journey. */
  readonly cpu: CpuTime
}

function total(cpu: CpuTime): number {
  return [...cpu.values()].reduce((sum, ms) => sum + ms, 0)
}

/** Medians of all parts that matter, the dearest first. */
function breakdown(runs: readonly CpuTime[]): string {
  return [...(runs[0] ?? new Map<string, number>()).keys()]
    .map((part) => ({ part, ms: round(median(runs.map((cpu) => cpu.get(part) ?? 0))) }))
    .filter(({ ms }) => ms > 0)
    .toSorted((a, b) => b.ms - a.ms)
    .map(({ part, ms }) => `${part} ${ms}`)
    .join('\n')
}

/** From the first start to the last end. */
async function walk(client: Client, side: Side, journeys: number): Promise<Walk> {
  const starts = await side.prepare(journeys)
  const query = `WorkflowType = '${side.workflowType}' AND ExecutionStatus = 'Completed'`
  const completed = async (): Promise<number> => (await client.workflow.count(query)).count
  const before = await completed()
  const spentBefore = cpuTime()
  const startedAt = performance.now()
  await inLanes(starts, STARTERS, (start) => start())
  for (const patience = startedAt + 300_000; (await completed()) < before + journeys; await sleep(250)) {
    if (performance.now() > patience) throw new Error(`${side.workflowType}: the journeys do not come to an end`)
  }
  const seconds = (performance.now() - startedAt) / 1_000
  const cpu = cpuPerItem(spentBefore, cpuTime(), journeys)
  await side.verify()
  return { perSecond: journeys / seconds, cpu }
}

function segueSide(segue: SegueSide): Side {
  return {
    workflowType: segue.journey,
    async prepare(journeys) {
      const runs = await segue.enter(journeys)
      return runs.map((run) => () => segue.start(run))
    },
    verify: () => segue.verify(),
  }
}

function bareSide(client: Client): Side {
  return {
    workflowType: BARE_WORKFLOW,
    async prepare(journeys) {
      return Array.from({ length: journeys }, () => async () => {
        const input: BareInput = { contact: randomUUID(), waitMs: WAIT_MS }
        await client.workflow.start(BARE_WORKFLOW, {
          taskQueue: BARE_JOURNEY_QUEUE,
          workflowId: `bare:${randomUUID()}`,
          args: [input],
        })
      })
    },
    verify: async () => {},
  }
}
