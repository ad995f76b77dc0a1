import { PGlite, type Transaction } from '@electric-sql/pglite'
import { type Database, DatabaseUnavailable, type Statements } from '../core/database.ts'
import { OpenTransaction } from './open-transaction.ts'
import { literals } from './sql-literal.ts'
import { retrying } from './sql-state.ts'

const INT8 = 20
const NUMERIC = 1700
/** Statements beyond this many different texts are not prepared, so that generated SQL cannot fill the memory. */
const MAX_PREPARED = 500

const SETTINGS = `
  -- What sql-literal.ts relies on; the default since 2010.
  set standard_conforming_strings = on;
  -- Plans are made once per statement, often while tables are still empty, and nothing analyses tables here: a plan that suits an
  -- empty table must not be kept for a full one.
  set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off;
`

/**
 * By text. Not ready while it is being prepared: that may wait for a transaction, whose own statements come before it and have to
 * do without.
 */
type Prepared = Map<string, { readonly name: string; readonly ready: boolean }>

/**
 * Opens the embedded store: PostgreSQL in this process, in memory or in the folder `dataDir`.
 *
 * It has one connection, so transactions queue and run one after another. A folder belongs to one process at a time.
 * `bigint` and `numeric` come back as numbers, `json` and `jsonb` parsed.
 */
export async function openPglite(dataDir: string | undefined): Promise<Database> {
  const pglite = await PGlite.create({
    ...(dataDir === undefined ? {} : { dataDir }),
    parsers: { [INT8]: Number, [NUMERIC]: Number },
  })
  await pglite.exec(SETTINGS)
  const prepared: Prepared = new Map()
  const inside = new OpenTransaction()
  let closing: Promise<void> | undefined
  const assertOpen = (): void => {
    inside.assertNone()
    if (closing !== undefined) throw new DatabaseUnavailable('the database is closed')
  }

  return {
    kind: 'pglite',
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
      assertOpen()
      return run<Row>(pglite, prepared, text, parameters)
    },
    async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
      assertOpen()
      return retrying(() =>
        pglite.transaction((transaction) => inside.during(() => work(statementsOf(transaction, prepared)))),
      )
    },
    close: () => (closing ??= pglite.close()),
  }
}

function statementsOf(transaction: Transaction, prepared: Prepared): Statements {
  return {
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
      if (transaction.closed) throw new Error('the transaction has ended')
      return run<Row>(transaction, prepared, text, parameters)
    },
  }
}

/**
 * Runs one statement. Planning is most of a small statement's cost and PGlite itself plans every time, so statements with parameters
 * are prepared once and then executed, the parameters written as literals.
 */
async function run<Row extends object>(
  connection: PGlite | Transaction,
  prepared: Prepared,
  text: string,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const values = parameters.length === 0 ? undefined : literals(parameters)
  if (values === undefined) return (await connection.query<Row>(text, [...parameters])).rows
  const known = prepared.get(text)
  if (known === undefined && prepared.size < MAX_PREPARED) {
    const name = `segue_${prepared.size}`
    prepared.set(text, { name, ready: false })
    // If it fails, it stays unready, and the statement is run plainly from then on.
    await connection.exec(`prepare ${name} as ${text}`)
    prepared.set(text, { name, ready: true })
    return execute<Row>(connection, name, values)
  }
  if (known?.ready !== true) return (await connection.query<Row>(text, [...parameters])).rows
  return execute<Row>(connection, known.name, values)
}

async function execute<Row extends object>(
  connection: PGlite | Transaction,
  name: string,
  values: string,
): Promise<readonly Row[]> {
  const [result] = await connection.exec(`execute ${name}(${values})`)
  return (result?.rows ?? []) as Row[]
}
