import { describe, expect, test } from 'vitest'
import { type Database, DatabaseUnavailable } from '../../src/core/database.ts'
import { codeOf, UNIQUE_VIOLATION } from '../../src/store/sql-state.ts'

/** What every store must do. `open` gives a fresh, migrated store; `reopen` the same one after a restart of the process. */
export interface DatabaseImplementation {
  readonly name: string
  open(): Promise<{ database: Database; reopen(): Promise<Database> }>
}

export function databaseContract(implementation: DatabaseImplementation): void {
  describe(`the store on ${implementation.name}`, () => {
    test('instants come back as numbers, JSON parsed, text arrays as arrays, absent values as null', async () => {
      const { database } = await implementation.open()
      const json = { nested: { list: [1, 'two', null], quote: `"'` } }
      const [row] = await database.query(
        'select $1::bigint as at, $2::jsonb as json, $3::text[] as list, $4::text as nothing, true as yes, count(*) as n, sum($1::bigint) as total',
        [1_764_025_000_123, JSON.stringify(json), ['a', 'b "c"', 'd,e'], null],
      )
      expect(row).toEqual({
        at: 1_764_025_000_123,
        json,
        list: ['a', 'b "c"', 'd,e'],
        nothing: null,
        yes: true,
        n: 1,
        total: 1_764_025_000_123,
      })
      await database.close()
    })

    test('a transaction that throws leaves nothing behind and the store usable', async () => {
      const { database } = await implementation.open()
      await expect(
        database.transaction(async (statements) => {
          await statements.query('insert into content (hash, body) values ($1, $2)', ['lost', '{}'])
          throw new Error('changed my mind')
        }),
      ).rejects.toThrow('changed my mind')
      expect(await database.query('select hash from content')).toEqual([])
      await database.close()
    })

    test('a failed statement inside a transaction rolls back what came before it', async () => {
      const { database } = await implementation.open()
      const failure = await caught(
        database.transaction(async (statements) => {
          await statements.query('insert into content (hash, body) values ($1, $2)', ['once', '{}'])
          await statements.query('insert into content (hash, body) values ($1, $2)', ['once', '{}'])
        }),
      )
      expect(codeOf(failure)).toBe(UNIQUE_VIOLATION)
      expect(await database.query('select hash from content')).toEqual([])
      await database.close()
    })

    test('a unique violation outside a transaction carries SQLSTATE 23505', async () => {
      const { database } = await implementation.open()
      await database.query('insert into content (hash, body) values ($1, $2)', ['once', '{}'])
      const failure = await caught(database.query('insert into content (hash, body) values ($1, $2)', ['once', '{}']))
      expect(codeOf(failure)).toBe(UNIQUE_VIOLATION)
      await database.close()
    })

    test('fifty transactions that lock a row and add to it lose no addition', async () => {
      const { database } = await implementation.open()
      await database.query('insert into content (hash, body) values ($1, $2)', ['counter', '{"n":0}'])
      await Promise.all(
        Array.from({ length: 50 }, () =>
          database.transaction(async (statements) => {
            const [row] = await statements.query<{ body: { n: number } }>(
              `select body from content where hash = 'counter' for update`,
            )
            const next = JSON.stringify({ n: (row?.body.n ?? 0) + 1 })
            await statements.query(`update content set body = $1 where hash = 'counter'`, [next])
          }),
        ),
      )
      expect(await database.query('select body from content')).toEqual([{ body: { n: 50 } }])
      await database.close()
    })

    test('a transaction that fell to a deadlock or a serialization failure is run again', async () => {
      const { database } = await implementation.open()
      let tries = 0
      await database.transaction(async (statements) => {
        tries += 1
        await statements.query('insert into content (hash, body) values ($1, $2)', [`try ${tries}`, '{}'])
        if (tries < 3) {
          const state = tries === 1 ? '40P01' : '40001'
          await statements.query(`do $$ begin raise exception 'victim' using errcode = '${state}'; end $$`)
        }
      })
      expect(await database.query('select hash from content')).toEqual([{ hash: 'try 3' }])
      await database.close()
    })

    test('a transaction that falls to it every time gives up with the failure', async () => {
      const { database } = await implementation.open()
      const failure = await caught(
        database.transaction((statements) =>
          statements.query(`do $$ begin raise exception 'victim' using errcode = '40001'; end $$`),
        ),
      )
      expect(codeOf(failure)).toBe('40001')
      await database.close()
    })

    test('reaching past an open transaction to the store is an error, not a deadlock', async () => {
      const { database } = await implementation.open()
      const past = [() => database.query('select 1'), () => database.transaction(async () => undefined)]
      for (const reach of past) {
        await expect(database.transaction(() => reach())).rejects.toThrow('a transaction is open')
      }
      expect(await database.query('select 1 as one')).toEqual([{ one: 1 }])
      await database.close()
    })

    test('statements of a transaction that has ended are refused', async () => {
      const { database } = await implementation.open()
      const late = await database.transaction(async (statements) => statements)
      await expect(late.query('select 1')).rejects.toThrow('the transaction has ended')
      await database.close()
    })

    test('what was committed survives a restart', async () => {
      const { database, reopen } = await implementation.open()
      await database.query('insert into content (hash, body) values ($1, $2)', ['kept', '{"a":1}'])
      await database.close()
      const again = await reopen()
      expect(await again.query('select hash, body from content')).toEqual([{ hash: 'kept', body: { a: 1 } }])
      await again.close()
    })

    test('closing twice is closing once, and a closed store says that it is unavailable', async () => {
      const { database } = await implementation.open()
      await database.close()
      await database.close()
      await expect(database.query('select 1')).rejects.toBeInstanceOf(DatabaseUnavailable)
      await expect(database.transaction(async () => undefined)).rejects.toBeInstanceOf(DatabaseUnavailable)
    })
  })
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('expected a failure'),
    (error: unknown) => error,
  )
}
