import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database, Statements } from '../core/database.ts'
import { codeOf, UNIQUE_VIOLATION } from './sql-state.ts'

/** One file of `src/store/migrations`, `0001-foundation.sql`. Its first line says `-- breaking: yes` or `-- breaking: no`. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** Older processes cannot work on a store that has it. */
  readonly breaking: boolean
  readonly sql: string
}

const TOO_NEW =
  'the store has a breaking migration that this release does not know: start the newer release that migrated it'

/** The store was migrated by a newer release in a way that this one does not understand. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew'
}

/** Any number that only migrators of this product use. */
const MIGRATOR_LOCK = 5_338_201_417

/**
 * Brings the store up to date: applies what is missing of the migrations, each in a transaction of its own, in order.
 *
 * Any number of processes may do this at once: each migration's row is written before its statements, so that a second migrator
 * collides at once and goes on. `at` is epoch milliseconds, for the record. Throws {@link StoreTooNew}.
 */
export async function migrate(database: Database, at = 0, migrations = readMigrations()): Promise<void> {
  await database.transaction(async (statements) => {
    await lockMigrators(database, statements)
    await statements.query(`create table if not exists migration (
      version    int     primary key,
      name       text    not null,
      breaking   boolean not null,
      applied_at bigint  not null
    )`)
  })
  const applied = await database.query<{ version: number; breaking: boolean }>(
    'select version, breaking from migration',
  )
  const newest = migrations.at(-1)?.version ?? 0
  if (applied.some((row) => row.breaking && row.version > newest)) {
    throw new StoreTooNew(TOO_NEW)
  }
  for (const migration of migrations) {
    if (applied.some((row) => row.version === migration.version)) continue
    await apply(database, migration, at)
  }
}

/**
 * Why this release cannot work on the store, in one sentence that says how to mend it; undefined when it can. A process asks before it
 * takes work: on a schema that it was not written for, it would fail or misread in the middle of a message.
 */
export async function whyStoreDoesNotFit(
  statements: Statements,
  migrations = readMigrations(),
): Promise<string | undefined> {
  const [table] = await statements.query<{ found: boolean }>("select to_regclass('migration') is not null as found")
  const applied =
    table?.found === true
      ? await statements.query<{ version: number; breaking: boolean }>('select version, breaking from migration')
      : []
  const newest = migrations.at(-1)?.version ?? 0
  if (applied.some((row) => row.breaking && row.version > newest)) return TOO_NEW
  const missing = migrations.filter(({ version }) => !applied.some((row) => row.version === version))
  if (missing.length === 0) return undefined
  const which = missing.map(({ version, name }) => `${String(version).padStart(4, '0')}-${name}`).join(', ')
  return `the store's schema is older than this release (without ${which}): run \`segue migrate\` first`
}

async function apply(database: Database, migration: Migration, at: number): Promise<void> {
  try {
    await database.transaction(async (statements) => {
      await lockMigrators(database, statements)
      await statements.query('insert into migration (version, name, breaking, applied_at) values ($1, $2, $3, $4)', [
        migration.version,
        migration.name,
        migration.breaking,
        at,
      ])
      await statements.query(script(migration.sql))
    })
  } catch (error) {
    const raced = codeOf(error) === UNIQUE_VIOLATION && (await isApplied(database, migration))
    if (!raced) throw error
  }
}

async function isApplied(database: Database, migration: Migration): Promise<boolean> {
  const rows = await database.query('select 1 as found from migration where version = $1', [migration.version])
  return rows.length > 0
}

async function lockMigrators(database: Database, statements: Statements): Promise<void> {
  if (database.kind === 'postgres') await statements.query('select pg_advisory_xact_lock($1)', [MIGRATOR_LOCK])
}

/** A file of many statements as one statement, because the port runs one at a time. */
function script(sql: string): string {
  return `do $segue_do$ begin execute $segue_sql$${sql}$segue_sql$; end $segue_do$`
}

/** The migrations that ship with the product, in order. */
export function readMigrations(folder = migrationsFolder()): readonly Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .toSorted()
    .map((file) => parseMigration(file, readFileSync(join(folder, file), 'utf8')))
}

export function parseMigration(file: string, sql: string): Migration {
  const [, version, name] = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(file) ?? []
  const breaking = /^-- breaking: (yes|no)\n/.exec(sql)?.[1]
  if (version === undefined || name === undefined) throw new Error(`${file}: expected a name like 0001-foundation.sql`)
  if (breaking === undefined) throw new Error(`${file}: the first line must be "-- breaking: yes" or "-- breaking: no"`)
  return { version: Number(version), name, breaking: breaking === 'yes', sql }
}

/** Beside this module in the sources; a build that did not copy the files finds them in the package's sources. */
function migrationsFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  const candidates = [
    join(here, 'migrations'),
    join(here, '../../src/store/migrations'),
    join(here, '../../../src/store/migrations'),
  ]
  const found = candidates.find((candidate) => existsSync(candidate))
  if (found === undefined) throw new Error('the migrations of the store are missing from this installation')
  return found
}
