import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { ingest } from '../../src/ingestion/ingest.ts'
import { abandoned, HOUR, NOON, openShop, ordered, rows, type Shop } from './shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.database.close())

test('a goal that arrives while the last message completes the run still counts as reached', async () => {
  await shop.take(abandoned('raced'))
  // The delivery of the last message does not lock the contact: it can end the run after the event has read it.
  const completing: Database = {
    ...shop.database,
    transaction: (work) =>
      shop.database.transaction((statements) =>
        work({
          async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
            const found = await statements.query<Row>(text, parameters)
            if (/from enrollment\s+where contact_id/.test(text)) {
              await statements.query(`update enrollment set state = 'ended', outcome = 'completed', ended_at = $1`, [
                NOON,
              ])
            }
            return found
          },
        }),
      ),
  }
  await ingest({ ...shop.deps, database: completing }, [ordered('raced')], NOON + HOUR)
  expect(await rows(shop.database, 'select outcome, converted_at from enrollment')).toEqual([
    { outcome: 'completed', converted_at: NOON + HOUR },
  ])
  expect(await rows(shop.database, `select kind from outbox where kind = 'signal'`)).toEqual([])
})
