import type { Statements } from '../core/database.ts'
import { fail, type Line, ok, warn } from './line.ts'

export interface StoreFacts {
  /** `server_version_num`, such as 170004. */
  readonly version: number
  readonly isolation: string
  readonly fsync: string
  readonly synchronousCommit: string
  /** Milliseconds by which the store's clock is ahead of ours. */
  readonly aheadMs: number
}

const OLDEST = 14
const SKEW_WARN_MS = 2_000
const SKEW_FAIL_MS = 60_000

/** @param now Real epoch milliseconds. */
export async function gatherStore(statements: Statements, now: () => number): Promise<StoreFacts> {
  const before = now()
  // The store's own clock is the fact that is asked for here; nothing is decided by it.
  const [row] = await statements.query<Omit<StoreFacts, 'aheadMs'> & { readonly clock: number }>(
    `select current_setting('server_version_num')::int as version,
            current_setting('default_transaction_isolation') as isolation,
            current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as "synchronousCommit",
            (extract(epoch from clock_timestamp()) * 1000)::bigint as clock`,
  )
  if (row === undefined) throw new Error('the store answered without a row')
  const { clock, ...facts } = row
  return { ...facts, aheadMs: Math.round(clock - (before + now()) / 2) }
}

export function checkStore(facts: StoreFacts): readonly Line[] {
  const major = Math.floor(facts.version / 10_000)
  const lines = [
    major < OLDEST
      ? fail(
          'store.version',
          'PostgreSQL',
          `version ${major} is no longer maintained`,
          `upgrade to PostgreSQL ${OLDEST} or later`,
        )
      : ok('store.version', 'PostgreSQL', `version ${major}`),
    facts.isolation === 'read committed'
      ? ok('store.isolation', 'PostgreSQL', 'transactions read what is committed')
      : fail(
          'store.isolation',
          'PostgreSQL',
          `transactions begin as ${facts.isolation}; the gate's locks are written for read committed`,
          "alter role segue set default_transaction_isolation = 'read committed'",
        ),
  ]
  const lossy = facts.fsync === 'off' ? 'fsync' : facts.synchronousCommit === 'off' ? 'synchronous_commit' : undefined
  lines.push(
    lossy === undefined
      ? ok('store.durability', 'PostgreSQL', 'what is committed is on disk')
      : fail(
          'store.durability',
          'PostgreSQL',
          `${lossy} is off: after a crash an opt-out can be forgotten`,
          `set ${lossy} = on`,
        ),
  )
  return [...lines, skew('clock.store', 'the store', facts.aheadMs)]
}

/** How far another clock is from ours. Signatures of carriers, links and quiet hours are judged by clocks. */
export function skew(check: string, whose: string, aheadMs: number): Line {
  const off = Math.abs(aheadMs)
  const seconds = `${(off / 1_000).toFixed(1)} s`
  const says = `its clock is ${seconds} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`
  const mend = 'let both machines follow the same time servers (chrony or systemd-timesyncd)'
  if (off > SKEW_FAIL_MS) return fail(check, whose, says, mend)
  return off > SKEW_WARN_MS ? warn(check, whose, says, mend) : ok(check, whose, 'its clock agrees with this one')
}

/** @param problem What keeps this release from working on the store, as the store's own check says it. */
export function checkMigrations(problem: string | undefined): Line {
  const check = 'store.migrations'
  if (problem === undefined) return ok(check, 'schema', 'the schema is that of this release')
  return fail(check, 'schema', problem, 'segue migrate')
}

export interface PoolFacts {
  readonly pool: string
  readonly kind: 'generated' | 'file' | 'removed'
  readonly free: number | null
  readonly issued: number
}

/** Fewer than this, or less than a tenth of what was issued, is soon nothing. */
const FEW_CODES = 100

export function checkPools(pools: readonly PoolFacts[]): readonly Line[] {
  return pools.flatMap(({ pool, kind, free, issued }): readonly Line[] => {
    if (kind !== 'file') return []
    const left = free ?? 0
    const mend = `segue codes load ${pool} <file>`
    if (left === 0) return [fail('codes.pool', pool, 'there is no free code: messages that show one are refused', mend)]
    if (left < Math.max(FEW_CODES, issued / 10))
      return [warn('codes.pool', pool, `${left} codes are free, ${issued} were issued`, mend)]
    return [ok('codes.pool', pool, `${left} codes are free`)]
  })
}
