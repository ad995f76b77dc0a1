import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../src/core/enrollment.ts'
import { type Engine, EngineUnavailable, type RunStart } from '../../src/engine/engine.ts'
import { tidyOutbox } from '../../src/engine/outbox.ts'
import { startRelay } from '../../src/engine/relay-loop.ts'
import { relay, type RelayFailure } from '../../src/engine/relay.ts'
import { abandoned, HOUR, NOON, openShop, ordered, rows, type Shop } from '../ingestion/shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.database.close())
beforeEach(() => shop.database.query('truncate contact, event, enrollment, assignment, outbox cascade'))

/** An engine that writes down what it was told; `before` and `after` may throw around the moment at which it takes effect. */
function recordingEngine(faults: { before?: (run: string) => void; after?: (run: string) => void } = {}) {
  const told: string[] = []
  const starts: RunStart[] = []
  const engine: Engine = {
    async start(run) {
      faults.before?.(run.enrollment)
      starts.push(run)
      told.push(`start ${run.enrollment}`)
      faults.after?.(run.enrollment)
    },
    async signal(_journey: string, enrollment: string, event: Event) {
      faults.before?.(enrollment)
      told.push(`${event.kind} ${enrollment}`)
      faults.after?.(enrollment)
    },
    async serve(message) {
      faults.before?.(message.id)
      told.push(`serve ${message.id}`)
      faults.after?.(message.id)
    },
  }
  return { engine, told, starts }
}

const pending = async () =>
  (await rows<{ id: number }>(shop.database, 'select id from outbox where done_at is null')).length

async function drain(engine: Engine, from = NOON): Promise<number> {
  let passes = 0
  while ((await pending()) > 0 && passes < 100) await relay({ database: shop.database, engine }, from + passes++ * HOUR)
  return passes
}

describe('the relay', () => {
  test('starts a run with what the engine needs, then signals it, and tells nothing twice', async () => {
    await shop.take(abandoned('c1'), ordered('c1'))
    const { engine, told, starts } = recordingEngine()
    expect(await relay({ database: shop.database, engine }, NOON)).toEqual({ delivered: 1, failed: 0 })
    expect(await relay({ database: shop.database, engine }, NOON)).toEqual({ delivered: 1, failed: 0 })
    expect(await relay({ database: shop.database, engine }, NOON)).toEqual({ delivered: 0, failed: 0 })
    expect(told.map((line) => line.split(' ')[0])).toEqual(['start', 'goal'])
    expect(starts[0]).toMatchObject({ enteredAt: NOON, journey: { id: 'cart-recovery' } })
    expect(JSON.stringify(starts[0])).not.toContain('ada')
  })

  test('a start that fails is tried again later, and its signals wait for it', async () => {
    await shop.take(abandoned('c1'), ordered('c1'))
    let failing = true
    const { engine, told } = recordingEngine({
      before() {
        if (failing) throw new EngineUnavailable('down')
      },
    })
    expect(await relay({ database: shop.database, engine }, NOON)).toEqual({ delivered: 0, failed: 1 })
    failing = false
    expect(await relay({ database: shop.database, engine }, NOON + 1)).toEqual({ delivered: 0, failed: 0 })
    await drain(engine, NOON + HOUR)
    expect(told.map((line) => line.split(' ')[0])).toEqual(['start', 'goal'])
  })

  test('a crash after the call repeats the call and loses nothing', async () => {
    await shop.take(abandoned('c1'), ordered('c1'))
    let crashes = 2
    const { engine, told } = recordingEngine({
      after() {
        if (crashes-- > 0) throw new Error('the connection broke after the engine had it')
      },
    })
    await drain(engine)
    expect(told.map((line) => line.split(' ')[0])).toEqual(['start', 'start', 'start', 'goal'])
  })

  test('a relay that dies with entries in its hands leaves them to the next, after the lease', async () => {
    await shop.take(abandoned('c1'))
    const dead: Engine = {
      start: () => new Promise(() => undefined),
      signal: async () => undefined,
      serve: async () => undefined,
    }
    void relay({ database: shop.database, engine: dead }, NOON)
    const { engine, told } = recordingEngine()
    expect(await relay({ database: shop.database, engine }, NOON + 1)).toEqual({ delivered: 0, failed: 0 })
    expect(await relay({ database: shop.database, engine }, NOON + 60_000)).toEqual({ delivered: 1, failed: 0 })
    expect(told).toHaveLength(1)
  })

  test('an entry that can never be delivered is not in the way of the others', async () => {
    for (let i = 0; i < 50; i++) await shop.take(abandoned(`c${i}`))
    const poison = new Set(
      (await rows<{ id: string }>(shop.database, 'select id from enrollment order by id limit 25')).map(
        (run) => run.id,
      ),
    )
    const failures: RelayFailure[] = []
    const { engine, told } = recordingEngine({
      before(run) {
        if (poison.has(run)) throw new TypeError('cannot be told')
      },
    })
    for (let i = 0; i < 5; i++) {
      await relay({ database: shop.database, engine, onFailure: (failure) => failures.push(failure) }, NOON)
    }
    expect(told).toHaveLength(25)
    expect(failures).toHaveLength(25)
    expect(failures[0]).toMatchObject({ kind: 'start', attempts: 1, error: 'TypeError' })
    expect(await pending()).toBe(25)
  })

  test('every enrollment hears its start first and its signals in order, whatever fails in between', async () => {
    for (let i = 0; i < 12; i++) {
      await shop.take(abandoned(`c${i}`))
      const [latest] = await rows<{ run: string }>(
        shop.database,
        'select enrollment_id as run from outbox order by id desc limit 1',
      )
      for (const kind of ['anchored', 'undelivered', 'goal']) {
        await shop.database.query(
          "insert into outbox (enrollment_id, kind, payload, created_at) values ($1, 'signal', $2, $3)",
          [latest?.run, JSON.stringify({ kind, at: NOON }), NOON],
        )
      }
    }
    let calls = 0
    const { engine, told } = recordingEngine({
      before() {
        if (++calls % 3 === 0) throw new EngineUnavailable('down')
      },
    })
    await drain(engine)
    expect(await pending()).toBe(0)
    const runs = new Set(told.map((line) => line.split(' ')[1]))
    expect(runs.size).toBe(12)
    for (const run of runs) {
      const heard = told.filter((line) => line.endsWith(String(run))).map((line) => line.split(' ')[0])
      expect(heard).toEqual(['start', 'anchored', 'undelivered', 'goal'])
    }
  })
})

describe('the loop', () => {
  test('looks when it is notified, and stops after the pass under way', async () => {
    const stop = new AbortController()
    const { engine, told } = recordingEngine()
    const deps = { database: shop.database, engine }
    const running = startRelay(deps, { intervalMs: 3_600_000, signal: stop.signal })
    await shop.take(abandoned('c1'), ordered('c1'))
    running.notify()
    while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    stop.abort()
    await running.stopped
    expect(told.map((line) => line.split(' ')[0])).toEqual(['start', 'goal'])
  })

  test('goes on after the store was away', async () => {
    const stop = new AbortController()
    const { engine, told } = recordingEngine()
    await shop.take(abandoned('c1'))
    let away = 3
    const failures: RelayFailure[] = []
    const database: Shop['database'] = {
      ...shop.database,
      async query(text, parameters) {
        if (away-- > 0) throw new Error('the store is away')
        return shop.database.query(text, parameters)
      },
    }
    const deps = { database, engine, onFailure: (failure: RelayFailure) => failures.push(failure) }
    const running = startRelay(deps, { intervalMs: 1, signal: stop.signal })
    while (told.length < 1) await new Promise((resolve) => setTimeout(resolve, 5))
    stop.abort()
    await running.stopped
    expect(failures.map((failure) => failure.kind)).toEqual(['relay', 'relay', 'relay'])
  })
})

test('what was told more than a week ago is deleted; what is to be told never is', async () => {
  await shop.take(abandoned('c1'))
  const { engine } = recordingEngine()
  await relay({ database: shop.database, engine }, NOON)
  await shop.take(ordered('c1'))
  expect(await tidyOutbox(shop.database, NOON + 7 * 24 * HOUR)).toBe(0)
  expect(await tidyOutbox(shop.database, NOON + 7 * 24 * HOUR + 1)).toBe(1)
  expect(await tidyOutbox(shop.database, NOON + 70 * 24 * HOUR)).toBe(0)
  expect(await rows(shop.database, 'select kind from outbox')).toEqual([{ kind: 'signal' }])
})
