import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/core/database.ts'
import { deliverServiceMessage } from '../../../src/delivery/service-message/hand-over.ts'
import { settleLeftovers } from '../../../src/delivery/service-message/leftover.ts'
import { clockAt, deploy, enter, HOUR, NOON, type Run } from '../fixture.ts'
import { scripted } from '../scripted-provider.ts'
import { pgliteStore, postgresStore } from '../stores.ts'
import { MINUTE, serviceDeps, stored, write } from './fixture.ts'

const GONE = { address: null, body: null, subject: null, html: null }

describe.each([pgliteStore(), postgresStore()])('service messages whose workflow is gone, on $name', (store) => {
  let database: Database
  let run: Run
  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
  })
  beforeEach(async () => {
    await database.query('delete from service_message')
    run = await enter(database)
  })
  afterAll(async () => {
    await database.close()
    await store.stop()
  })

  test('an attempt that never came back becomes unknown, keeps no text, and is not made again', async () => {
    const id = await write(database, run)
    await database.query(`update service_message set state = 'attempting', attempt_real_at = $2 where id = $1`, [
      id,
      NOON,
    ])
    expect(await settleLeftovers(database, { now: NOON, realNow: NOON + 30_000, scale: 1 })).toBe(0)
    expect(await settleLeftovers(database, { now: NOON, realNow: NOON + 61_000, scale: 1 })).toBe(1)
    expect(await stored(database, id)).toMatchObject({ state: 'unknown', reason: 'interrupted', ...GONE })
    const twilio = scripted('twilio')
    await deliverServiceMessage(serviceDeps(database, { twilio }), id)
    expect(twilio.handedOver).toEqual([])
  })

  test('one that waits long beyond its end is refused and keeps no text', async () => {
    const id = await write(database, run)
    const late = NOON + 10 * MINUTE + HOUR
    expect(await settleLeftovers(database, { now: late, realNow: NOON, scale: 1 })).toBe(0)
    // An accelerated clock stretches how late a message may be.
    expect(await settleLeftovers(database, { now: late + 1, realNow: NOON, scale: 100 })).toBe(0)
    expect(await settleLeftovers(database, { now: late + 1, realNow: NOON, scale: 1 })).toBe(1)
    expect(await stored(database, id)).toMatchObject({ state: 'refused', reason: 'expired', ...GONE })
    const twilio = scripted('twilio')
    const back = serviceDeps(database, { twilio }, { clock: clockAt(late + 1) })
    expect(await deliverServiceMessage(back, id)).toEqual({ kind: 'done', state: 'refused', reason: 'expired' })
    expect(twilio.handedOver).toEqual([])
  })
})
