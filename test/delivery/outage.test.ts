import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { clockAt, deliverDeps, deploy, dueNow, enter, HOUR, NOON } from './fixture.ts'
import { scripted } from './scripted-provider.ts'
import { pgliteStore } from './stores.ts'

let database: Database
beforeAll(async () => {
  database = await pgliteStore().open()
  await deploy(database)
})
afterAll(() => database.close())

test('a carrier that takes nothing all day is tried ever less often, until the message is given up', async () => {
  const clock = clockAt(NOON)
  const twilio = scripted('twilio', () => ({
    kind: 'rejected',
    class: 'throttled',
    code: '20429',
    retryAfterMs: 1_000,
  }))
  // By email's hours, which have no night here.
  const sendgrid = { ...twilio, name: 'sendgrid', channel: 'email' } as const
  const deps = deliverDeps(database, { sendgrid }, { clock })
  const input = dueNow(await enter(database), 'mail')
  for (;;) {
    const { verdict } = await deliver(deps, input)
    if (verdict.kind !== 'held') {
      expect(verdict).toEqual({ kind: 'refused', reason: 'gave_up' })
      break
    }
    expect(verdict.until - clock.now()).toBeLessThanOrEqual(Math.max(1_000, HOUR / 4))
    clock.set(verdict.until)
  }
  expect(clock.now()).toBeGreaterThan(NOON + 18 * HOUR)
  // A run's history has room for about 4,600 holds; one every second would be 64,800.
  expect(twilio.handedOver.length).toBeLessThan(300)
})
