import { expect, test } from 'vitest'
import { verifyLedger } from '../../src/consent/verify-ledger.ts'
import { migrate, readMigrations } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { entriesOf } from './ledger-scene.ts'

const ROBIN = '00000000-0000-4000-8000-000000000001'

test('entries of before are linked in the order in which they were recorded, their proof stays what it was, and no address is made up', async () => {
  const database = await openPglite(undefined)
  await migrate(
    database,
    0,
    readMigrations().filter(({ version }) => version < 3),
  )
  await database.query(
    `insert into contact (id, email, created_at, updated_at) values ($1, 'robin@example.com', 0, 0)`,
    [ROBIN],
  )
  await database.query(
    `with said as (
       insert into consent_event (contact_id, channel, purpose, state, source, proof, at, recorded_at)
       select $1, 'email', 'news', state, 'api', '{"version": "1", "n": 1.50}', at, at
         from (values ('granted', 5), ('granted', 6), ('revoked', 7)) as v (state, at)
       returning *
     )
     insert into consent (contact_id, channel, purpose, state, at, event_id)
     select contact_id, channel, purpose, state, at, id from said where at = 7`,
    [ROBIN],
  )
  await migrate(database)
  const entries = await entriesOf(database, ROBIN)
  expect(entries.map(({ seq, at, address }) => [seq, at, address])).toEqual([
    [1, 5, null],
    [2, 6, null],
    [3, 7, null],
  ])
  for (const { proof } of entries) expect(JSON.parse(proof ?? '')).toEqual({ version: '1', n: 1.5 })
  expect(await verifyLedger(database)).toEqual({ chains: 1, entries: 3, problems: [], unlisted: 0 })
  await database.close()
})
