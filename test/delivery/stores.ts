import type { Database } from '../../src/core/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'

/** Both stores, for suites that must hold on each. */
export interface Store {
  readonly name: string
  start(): Promise<void>
  /** A fresh, migrated database. */
  open(): Promise<Database>
  stop(): Promise<void>
}

export function pgliteStore(): Store {
  return {
    name: 'PGlite',
    start: async () => undefined,
    open: async () => {
      const database = await openPglite(undefined)
      await migrate(database)
      return database
    },
    stop: async () => undefined,
  }
}

export function postgresStore(): Store {
  let server: TestPostgres | undefined
  return {
    name: 'PostgreSQL',
    start: async () => {
      server = await startPostgres()
    },
    open: async () => {
      if (server === undefined) throw new Error('the server was not started')
      return openPostgres(await server.url())
    },
    stop: async () => {
      await server?.stop()
    },
  }
}
