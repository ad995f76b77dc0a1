import { setTimeout as sleep } from 'node:timers/promises'
import { type Benchmark, median, round } from './benchmark.ts'
import { startStopSide, type StopSide } from './stop-side.ts'

const STOPS = 40
/** Journeys that send to the one number without a pause. */
const JOURNEYS = 8
/** Enough that they never run out before the STOP is in force. */
const RUNS = 400
/** Real milliseconds of sending before the STOP, and of trying on after it was answered. */
const BEFORE_MS = 250
const AFTER_MS = 250

/** From the arrival of a signed STOP to the last message that still reaches the carrier. */
export const stop: Benchmark = {
  name: 'stop',
  measures: `STOP to silence, PostgreSQL, ${STOPS} numbers, ${JOURNEYS} journeys that send to each without a pause`,
  async run(say) {
    const closing: (() => Promise<void>)[] = []
    try {
      const side = await startStopSide(closing)
      // The first one warms up connections and compiled code.
      await measure(side, 0)
      const samples: Sample[] = []
      for (let index = 1; index <= STOPS; index++) {
        samples.push(await measure(side, index))
        if (index % 10 === 0) say(`${index} of ${STOPS}`)
      }
      const silence = samples.map(({ silenceMs }) => silenceMs)
      const call = round(median(samples.flatMap(({ callMs }) => callMs)), 1)
      const [p50, p99] = [round(percentile(silence, 0.5)), round(percentile(silence, 0.99))]
      const figures = {
        p50_ms: p50,
        p99_ms: p99,
        answered_p50_ms: round(
          percentile(
            samples.map(({ answeredMs }) => answeredMs),
            0.5,
          ),
        ),
        call_p50_ms: call,
        p99_to_call: round(p99 / call, 1),
        sent_before: samples.reduce((sum, { before }) => sum + before, 0),
        sent_after_commit: samples.reduce((sum, { late }) => sum + late, 0),
      }
      return {
        figures,
        rows: [
          ['STOP to silence, p50, ms', String(p50), ''],
          ['STOP to silence, p99, ms', String(p99), ''],
          ['STOP answered, p50, ms', String(figures.answered_p50_ms), ''],
          ['one hand-off call, p50, ms', String(call), ''],
          ['p99 in hand-off calls', String(figures.p99_to_call), ''],
          ['messages before the STOPs', String(figures.sent_before), ''],
          ['deliveries begun after a STOP was answered that were sent', String(figures.sent_after_commit), '0'],
        ],
      }
    } finally {
      for (const close of closing.toReversed()) await close()
    }
  },
}

interface Sample {
  /** Zero when nothing arrived after it. */
  readonly silenceMs: number
  readonly answeredMs: number
  readonly before: number
  readonly late: number
  readonly callMs: readonly number[]
}

async function measure(side: StopSide, index: number): Promise<Sample> {
  const { phone, enrollments } = await side.enter(index, RUNS)
  const queue = enrollments.values()
  const callMs: number[] = []
  let answeredAt = Number.POSITIVE_INFINITY
  let late = 0
  let over = false
  const journey = async (): Promise<void> => {
    for (const enrollment of queue) {
      if (over) return
      const begunAt = Date.now()
      const result = await side.send(enrollment)
      if (result.sent && begunAt > answeredAt) late += 1
      if (result.callMs !== undefined) callMs.push(result.callMs)
    }
  }
  const sending = Promise.all(Array.from({ length: JOURNEYS }, journey))
  await sleep(BEFORE_MS)
  const said = await side.stop(phone)
  answeredAt = said.answeredAt
  await sleep(AFTER_MS)
  over = true
  await sending
  const arrivals = await side.arrivals(phone)
  // A silence that was there before proves nothing.
  if (!arrivals.some((at) => at <= said.sentAt)) throw new Error('nothing was sent before the STOP')
  const last = Math.max(...arrivals)
  return {
    silenceMs: Math.max(0, last - said.sentAt),
    answeredMs: said.answeredAt - said.sentAt,
    before: arrivals.filter((at) => at <= said.sentAt).length,
    late,
    callMs,
  }
}

/** Nearest rank: of forty, p99 is the worst. */
function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN
}
