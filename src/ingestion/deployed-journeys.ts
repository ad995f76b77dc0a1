import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Database, Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { compileEventSchemas, type EventSchemas } from './event-schemas.ts'

/** What is live: read from the store, kept in memory. */
export interface DeployedJourneys {
  /** What takes new entrants now, at most a second old. Undefined before the first deploy. */
  current(): Promise<Deployed | undefined>
  /**
   * Any version that was ever deployed, for runs under way. Reads through the given statements, because inside a transaction
   * the embedded store has no other connection.
   */
  versions(statements: Statements, hashes: readonly string[]): Promise<ReadonlyMap<string, CompiledJourney>>
  /** A deploy happened: read again at the next question. */
  notify(): void
}

export interface Deployed {
  readonly workspace: CompiledWorkspace
  readonly schemas: EventSchemas
  readonly journeys: readonly DeployedJourney[]
}

export interface DeployedJourney {
  readonly version: string
  readonly journey: CompiledJourney
}

const FRESH_FOR_MS = 1000

/** `realNow` is real time in milliseconds: how old the memory may be does not follow a development clock. */
export function createDeployedJourneys(database: Database, realNow: () => number = Date.now): DeployedJourneys {
  // Immutable by hash, so never dropped; there are as many as deploys, each a few kilobytes.
  const known = new Map<string, CompiledJourney>()
  let fingerprint: string | undefined
  let deployed: Deployed | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let notifications = 0

  async function read(): Promise<void> {
    const startedAt = realNow()
    const heard = notifications
    const live = await fingerprintOf(database)
    const news = live === fingerprint ? deployed : await readDeployed(database, known)
    // A deploy that was announced in the meantime may have been missed: another reading is on its way.
    if (heard !== notifications) return
    deployed = news
    fingerprint = live
    readAt = startedAt
  }

  async function readOnce(): Promise<void> {
    const mine = (reading ??= read())
    try {
      await mine
    } finally {
      if (reading === mine) reading = undefined
    }
  }

  return {
    async current() {
      const age = realNow() - readAt
      // A clock that was set back makes it older than it says.
      if (age < 0 || age >= FRESH_FOR_MS) await readOnce()
      return deployed
    },
    async versions(statements, hashes) {
      await learn(statements, known, hashes)
      return known
    },
    notify() {
      notifications++
      reading = undefined
      readAt = Number.NEGATIVE_INFINITY
    },
  }
}

/** Changes whenever a pointer or the workspace does; costs no compiled journey. */
async function fingerprintOf(database: Database): Promise<string> {
  const [row] = await database.query<{ fingerprint: string }>(
    `select coalesce((select hash from workspace where id = 1), '') || ' ' ||
            coalesce((select string_agg(journey || '@' || version, ' ' order by journey) from deployment), '')
            as fingerprint`,
  )
  return row?.fingerprint ?? ''
}

async function readDeployed(database: Database, known: Map<string, CompiledJourney>): Promise<Deployed | undefined> {
  const [workspace] = await database.query<{ compiled: CompiledWorkspace }>(
    'select compiled from workspace where id = 1',
  )
  if (workspace === undefined) return undefined
  const pointers = await database.query<{ version: string }>('select version from deployment order by journey')
  await learn(
    database,
    known,
    pointers.map((row) => row.version),
  )
  return {
    workspace: workspace.compiled,
    schemas: compileEventSchemas(workspace.compiled),
    journeys: pointers.flatMap(({ version }) => {
      const journey = known.get(version)
      return journey === undefined ? [] : [{ version, journey }]
    }),
  }
}

async function learn(
  statements: Statements,
  known: Map<string, CompiledJourney>,
  hashes: readonly string[],
): Promise<void> {
  const missing = hashes.filter((hash) => !known.has(hash))
  if (missing.length === 0) return
  const rows = await statements.query<{ hash: string; compiled: CompiledJourney }>(
    'select hash, compiled from journey_version where hash = any($1::text[])',
    [missing],
  )
  for (const row of rows) known.set(row.hash, row.compiled)
}
