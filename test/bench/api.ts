import type { FastifyInstance } from 'fastify'
import { composeApi, layFoundation } from '../../src/compose.ts'
import type { Database } from '../../src/core/database.ts'
import { readSettings } from '../../src/settings.ts'
import { inLanes, type Benchmark, round, type Row } from './benchmark.ts'
import type { LoadResult } from './api-load.ts'
import { startProcess } from './process.ts'
import { openStore, STORES, type StoreName } from './stores.ts'
import { compileShipped, deployFor, NOON } from './workspace.ts'

const BATCHES = 200
const CALLS = 50
const CLIENTS = 4
const WRITE_KEY = 'a-write-key-for-benchmarks'

interface Measured {
  readonly events_per_s: number
  readonly p99_ms: number
  readonly ratio_to_insert: number
}

/** Events per second that `POST /v1/batch` takes, each with its journeys, its profile and its duplicates looked at. */
export const api: Benchmark = {
  name: 'api',
  measures: `Events taken by POST /v1/batch, ${CLIENTS} clients, ${CALLS} events a request`,
  async run(say) {
    const figures: Partial<Record<StoreName, Measured>> = {}
    const rows: Row[] = []
    for (const store of STORES) {
      const { measured, bare } = await measure(store)
      figures[store] = measured
      say(`${store}: the rows of its ${BATCHES * CALLS} events are inserted at ${round(bare)} events/s`)
      const name = store === 'pglite' ? 'PGlite' : 'PostgreSQL'
      rows.push(
        [`${name}, events/s`, String(measured.events_per_s), ''],
        [`${name}, p99 of a request, ms`, String(measured.p99_ms), ''],
        [`${name}, ratio to plain INSERTs of the same rows`, String(measured.ratio_to_insert), ''],
      )
    }
    return { figures, rows }
  },
}

async function measure(store: StoreName): Promise<{ measured: Measured; bare: number }> {
  const compilation = await compileShipped()
  const { database, close } = await openStore(store)
  try {
    await deployFor(database, compilation, 'cart-recovery', NOON)
    const before = await highest(database)
    const { seconds, latencies } = await load(database)
    const p99 = latencies.toSorted((a, b) => a - b)[Math.ceil(latencies.length * 0.99) - 1] ?? Number.NaN
    const written = await rowsSince(database, before)
    const taken = written.find(({ table }) => table === 'event')?.rows.length ?? 0
    if (taken !== BATCHES * CALLS) throw new Error(`${taken} of ${BATCHES * CALLS} events were taken`)
    const bare = await insertAgain(database, written)
    const measured = {
      events_per_s: round(taken / seconds),
      p99_ms: round(p99, 1),
      ratio_to_insert: round(taken / seconds / (taken / bare), 2),
    }
    return { measured, bare: taken / bare }
  } finally {
    await close()
  }
}

/** The product's API in this process, its clients in another, so that what they cost is not the API's. */
async function load(database: Database): Promise<LoadResult> {
  const served = serve(database)
  const url = await served.listen({ host: '127.0.0.1', port: 0 })
  try {
    const client = await startProcess(new URL('./api-load.ts', import.meta.url), {
      ready: 'latencies',
      args: [url, WRITE_KEY, String(BATCHES), String(CALLS), String(CLIENTS), String(NOON)],
    })
    await client.stop()
    return JSON.parse(client.greeting) as LoadResult
  } finally {
    await served.close()
  }
}

function serve(database: Database): FastifyInstance {
  const read = readSettings({
    SEGUE_DATABASE_URL: 'the-store-that-is-open-already',
    SEGUE_PUBLIC_URL: 'https://go.example.com',
    SEGUE_WRITE_KEYS: WRITE_KEY,
    SEGUE_SERVER_KEYS: 'a-server-key-for-benchmarks',
    SEGUE_ADDRESS_KEYS: '1:an-address-key-for-benchmarks',
    SEGUE_LINK_SECRETS: 'a-link-secret-for-benchmarks',
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKENS: 'a-token-for-benchmarks',
    SENDGRID_API_KEY: 'SG.benchmarks',
    SENDGRID_WEBHOOK_PUBLIC_KEYS:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==',
  })
  if (read.kind === 'invalid') throw new Error(read.problems.join('; '))
  const foundation = layFoundation(read.settings, database, { now: () => NOON, scale: 1 })
  return composeApi(foundation, { onOutbox: () => undefined })
}

/** What taking an event may write, in the order in which rows refer to each other. */
const TABLES = ['contact', 'event', 'assignment', 'enrollment', 'outbox'] as const

interface Written {
  readonly table: (typeof TABLES)[number]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

async function highest(database: Database): Promise<number> {
  const [row] = await database.query<{ count: number }>('select count(*) as count from event')
  return row?.count ?? 0
}

async function rowsSince(database: Database, before: number): Promise<readonly Written[]> {
  if (before !== 0) throw new Error('the store was not empty')
  const written: Written[] = []
  for (const table of TABLES) written.push({ table, rows: await database.query(`select * from ${table}`) })
  return written
}

/**
 * The same rows into the same tables, emptied, one INSERT each and as many at once as there were clients: the least that storing
 * them durably can cost. Returns seconds.
 */
async function insertAgain(database: Database, written: readonly Written[]): Promise<number> {
  await database.query(`truncate ${TABLES.join(', ')} cascade`)
  const startedAt = performance.now()
  for (const { table, rows } of written) {
    const columns = Object.keys(rows[0] ?? {})
    const places = columns.map((_, index) => `$${index + 1}`).join(', ')
    const text = `insert into ${table} (${columns.join(', ')}) overriding system value values (${places})`
    await inLanes(rows, CLIENTS, async (row) => {
      await database.query(
        text,
        columns.map((column) => asParameter(row[column])),
      )
    })
  }
  return (performance.now() - startedAt) / 1_000
}

function asParameter(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}
