import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { literals } from '../../src/store/sql-literal.ts'

let database: Database
beforeAll(async () => {
  database = await openPglite(undefined)
})
afterAll(() => database.close())

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string(),
    fc.constantFrom(
      "'",
      "''",
      '\\',
      "\\'",
      '"',
      '{}',
      'null',
      "'; drop table x; --",
      '$1',
      '\n',
      'E\\047',
      '{"a":1}',
      ',',
    ),
  )
  .filter((one) => !one.includes('\0'))

test('any text, list, number and truth value comes back from the embedded store as it went in', async () => {
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.array(fc.option(text), { maxLength: 5 }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.jsonValue(),
      async (string, list, integer, truth, json) => {
        const [row] = await database.query(
          'select $1::text as string, $2::text[] as list, $3::bigint as integer, $4::boolean as truth, $5::json as json, $6::text as nothing',
          [string, list, integer, truth, JSON.stringify(json).replaceAll(String.raw`\u0000`, ''), null],
        )
        expect(row).toMatchObject({ string, list, integer, truth, nothing: null })
      },
    ),
    { numRuns: 200 },
  )
})

test('what cannot be written as a literal is left to the driver', () => {
  expect(literals([new Date(0)])).toBeUndefined()
  expect(literals([{ a: 1 }])).toBeUndefined()
  expect(literals(['a\0b'])).toBeUndefined()
  expect(literals([[new Date(0)]])).toBeUndefined()
})

test('a zero byte inside a text is refused and changes no statement', async () => {
  await expect(database.query('select $1::text as string', ["a\0'; select 1; --"])).rejects.toBeInstanceOf(Error)
  expect(await database.query('select $1::text as string', ['fine'])).toEqual([{ string: 'fine' }])
})

test('many first uses of one statement at once, inside and outside of a transaction, all find it', async () => {
  const statement = 'select $1::int + 41 as sum'
  const inside = database.transaction(async (statements) => {
    const later = Promise.resolve().then(() => statements.query(statement, [1]))
    return [await later, await statements.query(statement, [1])]
  })
  const outside = await Promise.all(Array.from({ length: 10 }, () => database.query(statement, [1])))
  expect([...(await inside), ...outside]).toEqual(Array.from({ length: 12 }, () => [{ sum: 42 }]))
})

test('a statement that fails to be prepared fails every time, and others work', async () => {
  for (let i = 0; i < 3; i++) {
    await expect(database.query('select $1::int from nowhere', [1])).rejects.toMatchObject({ code: '42P01' })
  }
  await database.query('create table nowhere (n int)')
  expect(await database.query('select $1::int from nowhere', [1])).toEqual([])
})

test('more different statements than are kept prepared still run', async () => {
  for (let i = 0; i < 520; i++) {
    expect(await database.query(`select $1::int + ${i} as sum`, [1])).toEqual([{ sum: i + 1 }])
  }
})
