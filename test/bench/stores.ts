import type { Database } from '../../src/core/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres } from '../postgres.ts'

export type StoreName = 'pglite' | 'postgres'
export const STORES: readonly StoreName[] = ['pglite', 'postgres']

/** A fresh, migrated store. PGlite lives in memory; PostgreSQL is a server of its own on loopback that does not wait for the disk. */
export async function openStore(
  name: StoreName,
): Promise<{ readonly database: Database; readonly close: () => Promise<void> }> {
  if (name === 'pglite') {
    const database = await openPglite(undefined)
    await migrate(database)
    return { database, close: () => database.close() }
  }
  const postgres = await startPostgres()
  const database = await openPostgres(await postgres.url())
  return {
    database,
    async close() {
      await database.close()
      await postgres.stop()
    },
  }
}
