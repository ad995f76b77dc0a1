import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'

/** Compiled journeys by hash, kept in memory. A version never changes, so what was read once is true for ever. */
export interface JourneyVersions {
  /** The journey, read with the given statements if it is not in memory. Throws if the store does not have the version. */
  get(statements: Statements, hash: string): Promise<CompiledJourney>
}

/** A cache of at most `capacity` versions; the one that was used longest ago goes first. */
export function journeyVersions(capacity = 200): JourneyVersions {
  const kept = new Map<string, CompiledJourney>()
  return {
    async get(statements, hash) {
      let journey = kept.get(hash)
      if (journey === undefined) {
        const [row] = await statements.query<{ compiled: CompiledJourney }>(
          'select compiled from journey_version where hash = $1',
          [hash],
        )
        if (row === undefined) throw new Error(`journey version ${hash} is not in the store`)
        journey = row.compiled
        const oldest = kept.keys().next()
        if (kept.size >= capacity && !oldest.done) kept.delete(oldest.value)
      }
      kept.delete(hash)
      kept.set(hash, journey)
      return journey
    },
  }
}
