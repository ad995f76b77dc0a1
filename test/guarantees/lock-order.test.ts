import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashAddress } from '../../src/consent/address.ts'
import { recordConsent } from '../../src/consent/ledger.ts'
import { noteSoftBounce } from '../../src/consent/soft-bounce.ts'
import { suppressionsOf } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { erasePerson } from '../../src/rights/erase.ts'
import { deploy, enter, KEYS, NOON } from '../delivery/fixture.ts'
import { postgresStore } from '../delivery/stores.ts'

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

const untilSomebodyWaits = async (): Promise<void> => {
  for (;;) {
    const waiting = await database.query(
      `select 1 as one from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (waiting.length > 0) return
  }
}

test('an erasure holds no address while it waits for somebody who shares it', async () => {
  const one = await enter(database)
  const other = await enter(database, { same: one })
  const no = {
    channel: 'sms',
    purpose: '*',
    state: 'revoked',
    source: 'api',
    proof: {},
    at: NOON,
    recordedAt: NOON,
  } as const
  await recordConsent(database, { contactId: one.contact, ...no })
  let begin = (): void => undefined
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const erased = begun.then(() =>
    erasePerson(
      { database, keys: KEYS, erases: () => undefined },
      { id: one.contact, actor: 'operator test', at: NOON, realNow: NOON },
    ),
  )
  const waits = begun.then(untilSomebodyWaits)
  const addresses = await database.transaction(async (statements) => {
    await statements.query('select id from contact where id = $1 for no key update', [other.contact])
    begin()
    await waits
    return statements.query(`select objid from pg_locks where locktype = 'advisory' and granted`)
  })
  expect(addresses).toEqual([])
  expect(await erased).toMatchObject({ contact: one.contact })
  expect(await suppressionsOf(database, KEYS, 'sms', one.phone)).toEqual(['unsubscribe'])
})

test('of three failures that are told at once the last makes the address rest', async () => {
  const run = await enter(database)
  const { hash } = hashAddress(KEYS, 'sms', run.phone)
  const sends = await database.query<{ id: string }>(
    `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, address_hash, state,
                       reserved_at, handed_off_at, updated_at)
     select gen_random_uuid(), id, n::text, 'action', journey, version, contact_id, 'sms', 'cart-reminders', 'marketing', $2,
            'accepted', $3, $3, $3 from enrollment, generate_series(1, 3) n where id = $1 returning id`,
    [run.enrollment, hash, NOON],
  )
  const address = { keys: KEYS, channel: 'sms', address: run.phone, provider: 'twilio', at: NOON + 1 } as const
  await Promise.all(
    sends.map(({ id }) =>
      database.transaction(async (statements) => {
        await noteSoftBounce(statements, { ...address, sendId: id })
        await statements.query(`update send set state = 'undelivered' where id = $1`, [id])
      }),
    ),
  )
  expect(await suppressionsOf(database, KEYS, 'sms', run.phone)).toEqual(['soft_bounce'])
})
