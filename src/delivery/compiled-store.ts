import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Content } from '../core/content.ts'
import type { Database } from '../core/database.ts'

const KEPT = 500

/** Contents by hash. What a hash names never changes, so what was read once is kept. Throws for a hash that is not stored: a bug. */
export function createContentStore(database: Database): (hash: string) => Promise<Content> {
  return remembering(async (hash) => {
    const [row] = await database.query<{ body: Content }>('select body from content where hash = $1', [hash])
    if (row === undefined) throw new Error(`content ${hash} is not in the store`)
    return row.body
  })
}

/** Journey versions by hash; immutable, so kept. Throws for a version that is not stored: a bug. */
export function createJourneyStore(database: Database): (version: string) => Promise<CompiledJourney> {
  return remembering(async (version) => {
    const [row] = await database.query<{ compiled: CompiledJourney }>(
      'select compiled from journey_version where hash = $1',
      [version],
    )
    if (row === undefined) throw new Error(`journey version ${version} is not in the store`)
    return row.compiled
  })
}

/** Keeps what resolved, the oldest going first; a failure is forgotten, so that an outage is not remembered. */
function remembering<Value>(read: (key: string) => Promise<Value>): (key: string) => Promise<Value> {
  const kept = new Map<string, Promise<Value>>()
  return (key) => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const reading = read(key)
    kept.set(key, reading)
    reading.catch(() => kept.delete(key))
    const oldest = kept.keys().next()
    if (kept.size > KEPT && oldest.done !== true) kept.delete(oldest.value)
    return reading
  }
}
