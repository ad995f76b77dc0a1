import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { deploy } from '../delivery/fixture.ts'
import { postgresStore } from '../delivery/stores.ts'
import { texted } from './inbound-scene.ts'

const store = postgresStore()
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

test('a stranger who refuses several times at once is told once', async () => {
  for (let i = 0; i < 10; i++) {
    const from = `+1202555019${i}`
    await Promise.all(Array.from({ length: 4 }, () => texted(database, from, 'please stop texting me')))
    const told = await database.query('select id from service_message where address = $1', [from])
    expect(told).toHaveLength(1)
  }
})
