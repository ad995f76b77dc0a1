import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { migrate, parseMigration, readMigrations, StoreTooNew, whyStoreDoesNotFit } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

const next = readMigrations().length + 1
const named = (offset: number, sql: string) =>
  parseMigration(`${String(next + offset).padStart(4, '0')}-more.sql`, `-- breaking: no\n${sql}`)

describe.each([
  { store: 'PGlite', open: () => openPglite(undefined) },
  { store: 'PostgreSQL', open: async () => openPostgres(await postgres.url()) },
])('migrating $store', ({ open }) => {
  const withStore = async (work: (database: Database) => Promise<void>) => {
    const database = await open()
    await work(database)
    await database.close()
  }

  test('migrating again changes nothing, and the record says what was applied and whether it breaks', () =>
    withStore(async (database) => {
      await migrate(database, 5)
      await migrate(database, 6)
      const rows = await database.query<{ name: string }>('select name, breaking from migration order by version')
      expect(rows[0]).toEqual({ name: 'foundation', breaking: false })
      expect(rows).toHaveLength(readMigrations().length)
    }))

  test('eight migrators at once apply each migration once', () =>
    withStore(async (database) => {
      await migrate(database)
      const migrations = [...readMigrations(), named(0, 'create table one (n int);\ninsert into one values (1);')]
      await Promise.all(Array.from({ length: 8 }, () => migrate(database, 0, migrations)))
      expect(await database.query('select n from one')).toEqual([{ n: 1 }])
    }))

  test('a migration that fails leaves no trace of itself and is tried again', () =>
    withStore(async (database) => {
      await migrate(database)
      const broken = [...readMigrations(), named(0, 'create table half (n int); select 1 / 0;')]
      await expect(migrate(database, 0, broken)).rejects.toThrow(/division by zero/)
      const mended = [...readMigrations(), named(0, 'create table half (n int);')]
      await migrate(database, 0, mended)
      expect(await database.query('select n from half')).toEqual([])
    }))

  test('a release that does not know a breaking migration refuses to work on the store', () =>
    withStore(async (database) => {
      await migrate(database)
      await database.query('insert into migration (version, name, breaking, applied_at) values (900, $1, true, 0)', [
        'x',
      ])
      await expect(migrate(database)).rejects.toBeInstanceOf(StoreTooNew)
    }))

  test('a process asks whether the store fits: only a store with all of its migrations and no unknown breaking one does', () =>
    withStore(async (database) => {
      await migrate(database)
      const newer = [...readMigrations(), named(0, 'create table one (n int);')]
      expect(await whyStoreDoesNotFit(database)).toBeUndefined()
      expect(await whyStoreDoesNotFit(database, newer)).toMatch(/older than this release \(without \d{4}-more\)/)
      await migrate(database, 0, newer)
      expect(await whyStoreDoesNotFit(database, newer)).toBeUndefined()
      expect(await whyStoreDoesNotFit(database)).toBeUndefined()
      await database.query('insert into migration (version, name, breaking, applied_at) values (900, $1, true, 0)', [
        'x',
      ])
      expect(await whyStoreDoesNotFit(database, newer)).toMatch(/breaking migration/)
      await database.query('drop table migration')
      expect(await whyStoreDoesNotFit(database)).toMatch(/run `segue migrate` first/)
    }))

  test('a newer migration that does not break is no obstacle', () =>
    withStore(async (database) => {
      await migrate(database)
      await database.query('insert into migration (version, name, breaking, applied_at) values (900, $1, false, 0)', [
        'x',
      ])
      await migrate(database)
    }))
})

test('a migration must be named and say whether it breaks', () => {
  expect(() => parseMigration('foundation.sql', '-- breaking: no\n')).toThrow(/expected a name like/)
  expect(() => parseMigration('0002-more.sql', 'select 1;')).toThrow(/the first line must be/)
})
