import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { carriersDay, takeTurn } from '../../src/delivery/pace.ts'
import { deploy, dueNow, enter, keyOf } from './fixture.ts'
import { pgliteStore, postgresStore } from './stores.ts'

const NOON = Date.UTC(2026, 0, 15, 20)
const NUMBER = { channel: 'sms', provider: 'twilio', number: '+12025550123' } as const

/** A reserved text of somebody new. */
async function reserved(database: Database): Promise<string> {
  const run = await enter(database, { keepsQueue: true })
  const id = keyOf(dueNow(run, 'alone'))
  await database.query(
    `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state, reserved_at, updated_at)
     select $1, id, 'alone', 'action', journey, version, contact_id, 'sms', 'cart-reminders', 'marketing', 'reserved', $3, $3
       from enrollment where id = $2`,
    [id, run.enrollment, NOON],
  )
  return id
}

describe.each([pgliteStore(), postgresStore()])('the queue in front of a number, on $name', (store) => {
  let database: Database
  let numbers = 0
  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
  })
  afterAll(async () => {
    await database.close()
    await store.stop()
  })

  const turn = async (change: Partial<Parameters<typeof takeTurn>[1]> = {}) =>
    takeTurn(database, {
      sendId: await reserved(database),
      from: `number-${numbers}`,
      sender: { ...NUMBER, segmentsPerSecond: 1 },
      segments: 1,
      now: NOON,
      ...change,
    })

  test('lets as many segments a second leave as the carrier takes, whoever asks and however many at once', async () => {
    numbers += 1
    const turns = await Promise.all(Array.from({ length: 20 }, () => turn()))
    const at = turns.map((one) => (one.kind === 'now' ? NOON : one.at)).toSorted((a, b) => a - b)
    // Two within the second that a carrier smooths by itself, then one a second.
    expect(turns.filter(({ kind }) => kind === 'now')).toHaveLength(2)
    expect(at.slice(2)).toEqual(Array.from({ length: 18 }, (_, index) => NOON + (index + 2) * 1_000))
  })

  test('counts segments, not messages', async () => {
    numbers += 1
    await turn({ segments: 5 })
    expect(await turn()).toEqual({ kind: 'later', at: NOON + 5_000 })
  })

  test('keeps the place of a message that waits for it', async () => {
    numbers += 1
    const sendId = await reserved(database)
    await turn({ segments: 10 })
    expect(await turn({ sendId })).toEqual({ kind: 'later', at: NOON + 10_000 })
    await turn({ segments: 100 })
    expect(await turn({ sendId, now: NOON + 10_000 })).toEqual({ kind: 'now' })
  })

  test('gives a message that missed its place by hours another one: those of last night do not leave at once', async () => {
    numbers += 1
    const evening = [await reserved(database), await reserved(database), await reserved(database)]
    for (const sendId of evening) await turn({ sendId, segments: 60 })
    const morning = NOON + 12 * 3_600_000
    const turns = []
    for (const sendId of evening) turns.push(await turn({ sendId, segments: 60, now: morning }))
    expect(turns).toEqual([
      { kind: 'now' },
      { kind: 'later', at: morning + 60_000 },
      { kind: 'later', at: morning + 120_000 },
    ])
  })

  test("counts what a carrier sent back once towards the day's allowance", async () => {
    numbers += 1
    const sender = { ...NUMBER, segmentsPerSecond: 1_000, segmentsPerDay: 3 }
    const sendId = await reserved(database)
    expect(await turn({ sender, sendId, segments: 3 })).toEqual({ kind: 'now' })
    await database.query('update send set paced_at = null where id = $1', [sendId])
    expect(await turn({ sender, sendId, segments: 3 })).toEqual({ kind: 'now' })
    expect(await turn({ sender, segments: 1 })).toMatchObject({ kind: 'later' })
  })

  test("keeps the day's count when a worker whose clock is behind asks after midnight", async () => {
    numbers += 1
    const sender = { ...NUMBER, segmentsPerSecond: 1_000, segmentsPerDay: 3 }
    const midnight = Date.UTC(2026, 0, 16, 8)
    expect(await turn({ sender, segments: 2, now: midnight })).toEqual({ kind: 'now' })
    expect(await turn({ sender, segments: 1, now: midnight - 50 })).toEqual({ kind: 'now' })
    expect(await turn({ sender, segments: 1, now: midnight + 50 })).toMatchObject({ kind: 'later' })
  })

  test('is empty again after a pause: what was not used is not saved up', async () => {
    numbers += 1
    await turn({ segments: 3 })
    expect(await turn({ now: NOON + 60_000, segments: 3 })).toEqual({ kind: 'now' })
    expect(await turn({ now: NOON + 60_000 })).toEqual({ kind: 'later', at: NOON + 63_000 })
  })

  test("holds what is beyond the day's allowance until the carriers' midnight", async () => {
    numbers += 1
    const sender = { ...NUMBER, segmentsPerSecond: 1_000, segmentsPerDay: 3 }
    expect(await turn({ sender, segments: 2 })).toEqual({ kind: 'now' })
    const midnight = Date.UTC(2026, 0, 16, 8)
    expect(await turn({ sender, segments: 2 })).toEqual({ kind: 'later', at: midnight })
    expect(await turn({ sender, segments: 1 })).toEqual({ kind: 'now' })
    expect(await turn({ sender, segments: 2, now: midnight })).toEqual({ kind: 'now' })
  })

  test('is as fast as the kind of number when nothing else is said', async () => {
    numbers += 1
    const sender = { ...NUMBER, kind: 'short_code' } as const
    await turn({ sender, segments: 500 })
    expect(await turn({ sender })).toEqual({ kind: 'later', at: NOON + 5_000 })
  })
})

test("the carriers' day ends at their midnight, on days of 23, 24 and 25 hours", () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) }), (at) => {
      const { number, endsAt } = carriersDay(at)
      expect(endsAt).toBeGreaterThan(at)
      expect(carriersDay(endsAt).number).toBe(number + 1)
      expect(carriersDay(endsAt - 1).number).toBe(number)
    }),
    { examples: [[Date.UTC(2026, 2, 8, 9)], [Date.UTC(2026, 10, 1, 8)], [Date.UTC(2026, 10, 1, 9, 30)]] },
  )
})
