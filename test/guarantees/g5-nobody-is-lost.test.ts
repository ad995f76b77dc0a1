import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, DatabaseUnavailable } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { HandOff } from '../../src/delivery/message-provider.ts'
import { failingAt } from '../delivery/failing-database.ts'
import {
  clockAt,
  deliverDeps,
  deploy,
  dueNow,
  enter,
  HOUR,
  NOON,
  type Run,
  runOf,
  sendOf,
} from '../delivery/fixture.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { carriers, randomFrom } from './at-once.ts'

// Whole processes, servers and runs are killed in test/chaos; here every single statement and answer fails, over and over.

const ANSWERS: readonly HandOff[] = [
  { kind: 'rejected', class: 'throttled', code: '429', retryAfterMs: 1_000 },
  { kind: 'rejected', class: 'throttled', code: 'unreachable' },
  { kind: 'unknown', cause: 'http_503' },
  { kind: 'unknown', cause: 'econnreset' },
  { kind: 'accepted', providerId: 'id' },
]

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`G5, nobody is lost, on ${store.name}`, () => {
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

    /** As the run does it: asks again when the hold is over and when the activity failed, until there is an answer. */
    async function insist(run: Run, random: () => number, answer: () => HandOff) {
      const clock = clockAt(NOON)
      const carrier = carriers(answer)
      const input = dueNow(run, 'alone', { rest: 'nothing' })
      for (let tries = 0; tries < 200; tries++) {
        const fails = random() < 0.5
        const over = fails
          ? failingAt(database, Math.ceil(random() * 12), random() < 0.5 ? 'before' : 'after')
          : database
        try {
          const { verdict } = await deliver(deliverDeps(over, carrier.providers, { clock }), input)
          if (verdict.kind !== 'held') return { verdict, input }
          expect(verdict.until).toBeGreaterThan(clock.now())
          clock.set(verdict.until)
        } catch (error) {
          if (!(error instanceof DatabaseUnavailable)) throw error
        }
      }
      throw new Error('two hundred tries brought no answer')
    }

    test('sixty runs through a store and a carrier that fail half of the time all come to an answer and an end', async () => {
      const random = randomFrom(5)
      for (let round = 0; round < 60; round++) {
        const run = await enter(database)
        const { verdict, input } = await insist(run, random, () => {
          const answer = ANSWERS[Math.floor(random() * ANSWERS.length)]
          return answer ?? { kind: 'unknown', cause: 'timeout' }
        })
        expect(['sent', 'refused', 'failed'], JSON.stringify(verdict)).toContain(verdict.kind)
        expect((await sendOf(database, input))?.state).not.toBe('attempting')
        expect(await runOf(database, run)).toMatchObject({ state: 'ended', outcome: 'completed' })
      }
    })

    test('a pause, a policy that is missing and a provider that is not configured hold a run; mended, it goes on', async () => {
      const run = await enter(database)
      const input = dueNow(run, 'alone', { rest: 'nothing' })
      const carrier = carriers()
      const ask = () => deliver(deliverDeps(database, carrier.providers), input)

      await database.query(`insert into kill_switch (scope, name, reason, at) values ('channel', 'sms', 'test', $1)`, [
        NOON,
      ])
      expect((await ask()).verdict).toMatchObject({ kind: 'held', reason: 'paused' })
      await database.query('delete from kill_switch')

      const [live] = await database.query<{ compiled: object }>('select compiled from workspace')
      await deployWorkspace(database, { ...live?.compiled, policies: {} })
      expect((await ask()).verdict).toMatchObject({ kind: 'held', reason: 'paused' })
      await deployWorkspace(database, live?.compiled ?? {})

      await expect(deliver(deliverDeps(database, {}), input)).rejects.toThrow('is not configured')
      expect(await runOf(database, run)).toMatchObject({ state: 'active' })
      expect((await ask()).verdict).toMatchObject({ kind: 'sent', certain: true })
      expect(await runOf(database, run)).toMatchObject({ state: 'ended', outcome: 'completed' })
    })

    test('an outage of days is survived: the run asks ever less often, and is refused only when the policy gives it up', async () => {
      const run = await enter(database)
      const input = dueNow(run, 'alone', { rest: 'nothing' })
      const clock = clockAt(NOON)
      const carrier = carriers(() => ({ kind: 'rejected', class: 'throttled', code: 'unreachable' }))
      const deps = deliverDeps(database, carrier.providers, { clock })
      let asked = 0
      for (;;) {
        const { verdict } = await deliver(deps, input)
        asked += 1
        if (verdict.kind !== 'held') {
          expect(verdict).toMatchObject({ kind: 'refused', reason: 'gave_up' })
          break
        }
        clock.set(verdict.until)
      }
      expect(clock.now()).toBeGreaterThanOrEqual(NOON + 17 * HOUR)
      expect(asked).toBeLessThan(200)
      expect(await sendOf(database, input)).toMatchObject({ state: 'refused', reason: 'gave_up' })
    })
  })
}

async function deployWorkspace(database: Database, compiled: object): Promise<void> {
  await database.query('update workspace set compiled = $1, hash = $2', [
    JSON.stringify(compiled),
    `hash of ${JSON.stringify(compiled).length}`,
  ])
}
