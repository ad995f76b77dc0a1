import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { HandOff } from '../../src/delivery/message-provider.ts'
import { deliverDeps, deploy, dueNow, enter, keyOf, NOON } from './fixture.ts'
import { scripted } from './scripted-provider.ts'
import { pgliteStore, postgresStore } from './stores.ts'

describe.each([pgliteStore(), postgresStore()])('that an outcome was unknown, on $name', (store) => {
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

  async function unknownAt(answer: HandOff): Promise<number | null | undefined> {
    const input = dueNow(await enter(database), 'alone')
    await deliver(deliverDeps(database, { twilio: scripted('twilio', () => answer) }), input)
    await database.query(`update send set state = 'delivered', updated_at = $2 where id = $1`, [keyOf(input), NOON + 9])
    const [row] = await database.query<{ unknown_at: number | null }>('select unknown_at from send where id = $1', [
      keyOf(input),
    ])
    return row?.unknown_at
  }

  test('stays known when a receipt makes it certain', async () => {
    expect(await unknownAt({ kind: 'unknown', cause: 'timeout' })).toBe(NOON)
  })

  test('is not said of a message whose answer came', async () => {
    expect(await unknownAt({ kind: 'accepted', providerId: 'SM1' })).toBeNull()
  })
})
