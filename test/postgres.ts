import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { openPostgres } from '../src/store/postgres.ts'
import { migrate } from '../src/store/migrate.ts'
import { sharedServer } from './postgres-server.ts'

/** A PostgreSQL server for one test file. */
export interface TestPostgres {
  /** The URL of a fresh database with the product's schema; nobody else uses it. */
  url(): Promise<string>
  /** Drops the databases that were handed out. The server stays for other test files and ends with the test run. */
  stop(): Promise<void>
}

const TEMPLATE = 'segue_template'

/**
 * A real PostgreSQL for tests: the first caller of a test run starts one server, the others share it, each test gets a database
 * cloned from a migrated template.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const server = await sharedServer(async (fresh) => {
    await administer(fresh.url('postgres'), `create database ${TEMPLATE}`)
    const database = await openPostgres(fresh.url(TEMPLATE))
    await migrate(database)
    await database.close()
  })
  const names: string[] = []
  return {
    async url() {
      const name = `test_${randomUUID().replaceAll('-', '')}`
      await administer(server.url('postgres'), `create database ${name} template ${TEMPLATE}`)
      names.push(name)
      return server.url(name)
    },
    async stop() {
      for (const name of names.splice(0)) {
        await administer(server.url('postgres'), `drop database if exists ${name} with (force)`)
      }
      await server.release()
    },
  }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
