import { AsyncResource } from 'node:async_hooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DatabaseUnavailable } from '../../src/core/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { databaseContract } from '../contract/database.ts'
import { startServer } from '../postgres-server.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'

const outside = new AsyncResource('outside of any transaction')
let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

databaseContract({
  name: 'PostgreSQL',
  async open() {
    const url = await postgres.url()
    return { database: await openPostgres(url), reopen: () => openPostgres(url) }
  },
})

test('a server that dies under an open transaction is DatabaseUnavailable, and the pool works again when it is back', async () => {
  const server = await startServer()
  try {
    const database = await openPostgres(server.url('postgres'))
    await database.query('create table kept (n int)')
    const broken = database.transaction(async (statements) => {
      await statements.query('insert into kept values (1)')
      await server.crash()
      await statements.query('insert into kept values (2)')
    })
    await expect(broken).rejects.toBeInstanceOf(DatabaseUnavailable)
    await expect(database.query('select 1')).rejects.toBeInstanceOf(DatabaseUnavailable)
    await server.restart()
    expect(await database.query('select n from kept')).toEqual([])
    await database.close()
  } finally {
    await server.stop()
  }
})

test('a process that freezes in the middle of a transaction loses it, and with it its locks', async () => {
  const url = await postgres.url()
  const frozen = await openPostgres(url, { idleInTransactionMs: 50 })
  const awake = await openPostgres(url)
  await awake.query(`insert into content (hash, body) values ('locked', '0')`)
  const lost = frozen.transaction(async (statements) => {
    await statements.query(`update content set body = '1' where hash = 'locked'`)
    // Waits for the lock that only the end of this very transaction gives free.
    await outside.runInAsyncScope(() => awake.query(`update content set body = '2' where hash = 'locked'`))
    await statements.query(`update content set body = '3' where hash = 'locked'`)
  })
  await expect(lost).rejects.toBeInstanceOf(DatabaseUnavailable)
  expect(await frozen.query('select body from content')).toEqual([{ body: 2 }])
  await frozen.close()
  await awake.close()
})

test('nothing about the server is said when it cannot be reached', async () => {
  const database = await openPostgres('postgres://someone:hush@127.0.0.1:9/private', { connectTimeoutMs: 500 })
  const failure = await database.query('select 1').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(DatabaseUnavailable)
  expect(String(failure)).not.toMatch(/hush|someone|private|127\.0/)
  await database.close()
})

test('a real deadlock between two transactions ends with both committed', async () => {
  const database = await openPostgres(await postgres.url())
  await database.query(`insert into content (hash, body) values ('a', '0'), ('b', '0')`)
  const firstLocked = barrier(2)
  const swap = (first: string, second: string) =>
    database.transaction(async (statements) => {
      await statements.query('update content set body = to_jsonb((body::text)::int + 1) where hash = $1', [first])
      await firstLocked()
      await statements.query('update content set body = to_jsonb((body::text)::int + 1) where hash = $1', [second])
    })
  await Promise.all([swap('a', 'b'), swap('b', 'a')])
  expect(await database.query('select body from content')).toEqual([{ body: 2 }, { body: 2 }])
  await database.close()
})

/** Resolves when `parties` callers wait; open ever after. */
function barrier(parties: number): () => Promise<void> {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  let waiting = 0
  return () => {
    waiting += 1
    if (waiting >= parties) open()
    return opened
  }
}
