import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, DatabaseUnavailable } from '../../src/core/database.ts'
import type { DeliverResult } from '../../src/core/delivery.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { HandOff } from '../../src/delivery/message-provider.ts'
import { failingAt } from '../delivery/failing-database.ts'
import { deliverDeps, deploy, dueNow, enter, keyOf, sendOf } from '../delivery/fixture.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { aroundClaims, carriers, randomFrom, yieldTimes } from './at-once.ts'

/** What a carrier may answer, and what may never be asked again after it. */
const ANSWERS: readonly HandOff[] = [
  { kind: 'accepted', providerId: 'id' },
  { kind: 'unknown', cause: 'timeout' },
  { kind: 'rejected', class: 'content', code: '1' },
  { kind: 'rejected', class: 'bad_recipient', code: '2' },
  { kind: 'rejected', class: 'opt_out', code: '3' },
]

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`G1, at most one hand-off per step, on ${store.name}`, () => {
    let database: Database
    beforeAll(async () => {
      await store.start()
      database = await store.open()
      await deploy(database)
    })
    afterAll(async () => {
      await database.close()
      await store.stop()
    })

    test('two hundred deliveries of one step at once hand it over once', async () => {
      const carrier = carriers(async (key) => {
        await yieldTimes(20)
        return { kind: 'accepted', providerId: `id-${key}` }
      })
      const input = dueNow(await enter(database), 'alone')
      const deps = deliverDeps(database, carrier.providers)
      // As the engine does: whoever gets no connection in time asks again.
      const persistent = async (): Promise<DeliverResult> => {
        for (;;) {
          try {
            return await deliver(deps, input)
          } catch (error) {
            if (!(error instanceof DatabaseUnavailable)) throw error
          }
        }
      }
      const results = await Promise.all(Array.from({ length: 200 }, persistent))
      expect(carrier.times(keyOf(input))).toBe(1)
      expect(new Set(results.map(({ verdict }) => verdict.kind))).toEqual(new Set(['sent']))
      // Two hundred callers share ten connections: if the one with the answer gets none in time, the outcome stays unknown.
      expect(['accepted', 'unknown']).toContain((await sendOf(database, input))?.state)
    })

    test('whatever the carrier answers and however often the activity is repeated, at once and later, it is called once', async () => {
      const random = randomFrom(1)
      for (let round = 0; round < 40; round++) {
        const answer = ANSWERS[round % ANSWERS.length] ?? { kind: 'unknown', cause: 'timeout' }
        const carrier = carriers(async () => {
          await yieldTimes(Math.floor(random() * 10))
          return answer
        })
        const input = dueNow(await enter(database), round % 2 === 0 ? 'alone' : 'mail', { rest: 'nothing' })
        const attempt = async (): Promise<unknown> => {
          await yieldTimes(Math.floor(random() * 20))
          const deps = deliverDeps(failingAt(database, Math.ceil(random() * 14), 'after'), carrier.providers)
          return deliver(deps, input).catch(() => undefined)
        }
        await Promise.all(Array.from({ length: 5 }, attempt))
        await Promise.all(Array.from({ length: 5 }, attempt))
        expect(carrier.times(keyOf(input)), `round ${round}, ${JSON.stringify(answer)}`).toBeLessThanOrEqual(1)
      }
    })

    test('a carrier that throws after it took the message is not called again', async () => {
      const carrier = carriers(() => {
        throw new Error('the process of the SDK broke')
      })
      const input = dueNow(await enter(database), 'alone')
      for (let repeat = 0; repeat < 3; repeat++) await deliver(deliverDeps(database, carrier.providers), input)
      expect(carrier.times(keyOf(input))).toBe(1)
      expect(await sendOf(database, input)).toMatchObject({ state: 'unknown' })
    })

    test('a process that slept between claim and call does not call when it wakes, nor does anybody else', async () => {
      for (const sleeps of ['before', 'after'] as const) {
        const carrier = carriers()
        const input = dueNow(await enter(database), 'alone')
        let slept = 0
        // The others find the claim while its owner sleeps, and it wakes after its deadline.
        const wake = async (): Promise<void> => {
          slept = 30_000
          await deliver(deliverDeps(database, carrier.providers), input)
        }
        const time = { monotonicMs: () => performance.now(), realNow: () => Date.now() + slept }
        const frozen = deliverDeps(aroundClaims(database, { [sleeps]: wake }), carrier.providers, { time })
        await deliver(frozen, input)
        await deliver(deliverDeps(database, carrier.providers), input)
        expect(carrier.times(keyOf(input)), sleeps).toBe(sleeps === 'before' ? 1 : 0)
      }
    })

    test('only "certainly not accepted" is ever called again, and then by one of all who try', async () => {
      const tried = new Map<string, number>()
      const carrier = carriers(async (key) => {
        await yieldTimes(3)
        const before = tried.get(key) ?? 0
        tried.set(key, before + 1)
        return before < 3
          ? { kind: 'rejected', class: 'throttled', code: '429' }
          : { kind: 'accepted', providerId: key }
      })
      const input = dueNow(await enter(database), 'alone')
      const deps = deliverDeps(database, carrier.providers)
      for (let refusal = 0; refusal < 3; refusal++) await deliver(deps, input)
      for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 20 }, () => deliver(deps, input)))
      expect(carrier.times(keyOf(input)), 'three refusals and one message').toBe(4)
      expect(await sendOf(database, input)).toMatchObject({ state: 'accepted' })
    })
  })
}
