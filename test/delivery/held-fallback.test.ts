import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { reconcile } from '../../src/delivery/reconcile.ts'
import { clockAt, deliverDeps, deploy, dueNow, enter, HOUR, NOON, runOf } from './fixture.ts'
import { scripted } from './scripted-provider.ts'
import { pgliteStore } from './stores.ts'

let database: Database
beforeAll(async () => {
  database = await pgliteStore().open()
  await deploy(database)
})
afterAll(() => database.close())

test('a run is not closed under its fallback, however long that is held, and ends with it', async () => {
  const clock = clockAt(NOON)
  const run = await enter(database)
  const deps = deliverDeps(database, { twilio: scripted('twilio'), sendgrid: scripted('sendgrid') }, { clock })
  await deliver(deps, dueNow(run, 'code'))
  // The last step: from here on the store keeps the run for the receipt of "code" alone.
  await deliver(deps, dueNow(run, 'alone', { rest: 'nothing', openUntil: NOON + 4 * HOUR }))
  expect(await runOf(database, run)).toMatchObject({ state: 'active', ends_at: NOON + 4 * HOUR })

  const fallback = dueNow(run, 'code', { branch: 'fallback', rest: 'nothing', dueAt: NOON + 3 * HOUR })
  await database.query(`insert into kill_switch (scope, name, reason, at) values ('all', '', 'test', 0)`)
  clock.set(NOON + 3 * HOUR)
  expect((await deliver(deps, fallback)).verdict).toMatchObject({ kind: 'held', reason: 'paused' })
  await reconcile(deps, NOON + 5 * HOUR)
  expect(await runOf(database, run)).toMatchObject({ state: 'active' })

  await database.query('delete from kill_switch')
  clock.set(NOON + 5 * HOUR)
  expect((await deliver(deps, fallback)).verdict).toMatchObject({ kind: 'sent', certain: true })
  expect(await runOf(database, run)).toMatchObject({ state: 'ended', outcome: 'completed' })
})
