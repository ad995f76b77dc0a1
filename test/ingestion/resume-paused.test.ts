import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { resumePaused } from '../../src/ingestion/resume-paused.ts'
import { deploy, HOUR, JOURNEY, NOON } from '../delivery/fixture.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'

const MANY = 12_001

describe.each([pgliteStore(), postgresStore()])('resuming what a switch held, on $name', (store) => {
  let database: Database
  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
  })
  beforeEach(() => database.query('truncate contact, enrollment, decision, outbox cascade'))
  afterAll(async () => {
    await database.close()
    await store.stop()
  })

  const held = async (runs: number): Promise<void> => {
    const contact = randomUUID()
    await database.query('insert into contact (id, created_at, updated_at) values ($1, 0, 0)', [contact])
    await database.query(
      `insert into enrollment (id, journey, version, contact_id, key, trigger, entered_at, trigger_message_id)
       select gen_random_uuid(), $1, hash, $2, i::text, '{}', 0, 'm' from journey_version, generate_series(1, $3::int) as i`,
      [JOURNEY.id, contact, runs],
    )
    await database.query(
      `insert into decision (enrollment_id, step, branch, verdict, reason, until_at, facts, version, at)
       select id, 'code', 'action', 'hold', 'paused', $1, '{}', version, $2 from enrollment`,
      [NOON + HOUR, NOON - HOUR],
    )
  }

  test('tells each of very many once, batch by batch', async () => {
    await held(MANY)
    expect(await resumePaused(database, { scope: 'all', name: '' }, NOON)).toBe(MANY)
    expect(
      await database.query(
        `select count(*)::int as told, count(distinct enrollment_id)::int as runs, count(distinct created_at)::int as instants,
                max(created_at) as last, min(payload ->> 'withinMs') as within from outbox`,
      ),
    ).toEqual([{ told: MANY, runs: MANY, instants: MANY, last: NOON + MANY * 20, within: String(MANY * 20) }])
  })

  test('does not keep what happens meanwhile waiting behind all of them', async () => {
    await held(500)
    await resumePaused(database, { scope: 'all', name: '' }, NOON)
    const [place] = await database.query<{ before: number }>(
      'select count(*)::int as before from outbox where created_at <= $1',
      [NOON + 1_000],
    )
    expect(place?.before).toBe(50)
  })

  test('leaves alone whose hold is over, who was decided since, and other journeys', async () => {
    await held(3)
    const [over, decided] = await database.query<{ id: string; version: string }>('select id, version from enrollment')
    await database.query('update decision set until_at = $2 where enrollment_id = $1', [over?.id, NOON])
    await database.query(
      `insert into decision (enrollment_id, step, branch, verdict, reason, facts, version, at)
       values ($1, 'code', 'action', 'send', 'allowed', '{}', $2, $3)`,
      [decided?.id, decided?.version, NOON],
    )
    expect(await resumePaused(database, { scope: 'journey', name: 'another' }, NOON)).toBe(0)
    expect(await resumePaused(database, { scope: 'journey', name: JOURNEY.id }, NOON)).toBe(1)
  })
})
