import pg from 'pg'
import { type Database, DatabaseUnavailable, type Statements } from '../core/database.ts'
import { OpenTransaction } from './open-transaction.ts'
import { portError, retrying } from './sql-state.ts'

export interface PostgresOptions {
  /** Connections in the pool: the most transactions at once from this process. Default 10. */
  readonly connections?: number
  /** Real milliseconds to wait for a free or new connection before the store counts as unreachable. Default 5,000. */
  readonly connectTimeoutMs?: number
  /**
   * Real milliseconds after which the server ends a transaction whose process says nothing, so that one that was frozen does not keep
   * its locks for ever. Default 60,000.
   */
  readonly idleInTransactionMs?: number
  /** Prepare statements on the server. Turn it off behind a pooler that cannot keep them per connection. Default true. */
  readonly prepare?: boolean
}

/** Statements beyond this many different texts are not prepared, so that generated SQL cannot fill the server's memory. */
const MAX_PREPARED = 500

/**
 * Opens a pool on a PostgreSQL server. Connects on first use: a server that is down shows as {@link DatabaseUnavailable} there.
 * `bigint` and `numeric` come back as numbers, `json` and `jsonb` parsed.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    types: { getTypeParser: typeParser },
    // Poolers refuse settings in the connection's first message.
    ...(options.prepare === false
      ? {}
      : { idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 60_000 }),
  })
  // An idle connection's death is no news: the next query connects anew or reports it. Without a listener it ends the process.
  pool.on('error', () => undefined)
  const names = options.prepare === false ? undefined : new Map<string, string>()
  const inside = new OpenTransaction()
  let closing: Promise<void> | undefined
  const assertOpen = (): void => {
    inside.assertNone()
    if (closing !== undefined) throw new DatabaseUnavailable('the database is closed')
  }

  return {
    kind: 'postgres',
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
      assertOpen()
      try {
        return (await pool.query<Row>(statement(names, text, parameters))).rows
      } catch (error) {
        throw portError(error)
      }
    },
    async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
      assertOpen()
      return retrying(() => inTransaction(pool, names, (statements) => inside.during(() => work(statements))))
    },
    close: () => (closing ??= pool.end()),
  }
}

async function inTransaction<T>(
  pool: pg.Pool,
  names: Map<string, string> | undefined,
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient
  try {
    client = await pool.connect()
  } catch (error) {
    throw portError(error)
  }
  // A connection that dies while checked out emits an error besides failing its query; the query's failure is the one that counts.
  client.on('error', ignore)
  let ended = false
  let broken = false
  const run = async <Row extends pg.QueryResultRow>(text: string, parameters: readonly unknown[] = []) => {
    // A late query on a connection that is back in the pool would land in somebody else's transaction.
    if (ended) throw new Error('the transaction has ended')
    try {
      return (await client.query<Row>(statement(names, text, parameters))).rows
    } catch (error) {
      const known = portError(error)
      if (known instanceof DatabaseUnavailable) broken = true
      throw known
    }
  }
  try {
    await run('begin')
    const result = await work({ query: run })
    await run('commit')
    return result
  } catch (error) {
    if (!broken) await run('rollback').catch(() => (broken = true))
    throw error
  } finally {
    ended = true
    client.off('error', ignore)
    client.release(broken)
  }
}

function statement(
  names: Map<string, string> | undefined,
  text: string,
  parameters: readonly unknown[],
): { text: string; values: unknown[]; name?: string } {
  const values = [...parameters]
  // Without parameters it may be a script or a transaction command, which is nothing to prepare.
  if (names === undefined || values.length === 0) return { text, values }
  let name = names.get(text)
  if (name === undefined && names.size < MAX_PREPARED) {
    name = `segue_${names.size}`
    names.set(text, name)
  }
  return name === undefined ? { text, values } : { text, values, name }
}

const INT8 = 20
const NUMERIC = 1700

function typeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === INT8 || oid === NUMERIC) return Number
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text')
}

function ignore(): void {}
