import type { Channel } from '../core/compiled-journey.ts'
import type { Database, Statements } from '../core/database.ts'
import { type AddressKeys, hashAddress, hashesOf, normalizeAddress } from './address.ts'
import { suppress, type SuppressionReason } from './suppression.ts'

/** Addresses at a time: one transaction, and a list of any size needs little memory. */
const BATCH = 500

export interface ListImport {
  readonly keys: AddressKeys
  readonly channel: Channel
  readonly reason: Extract<SuppressionReason, 'import' | 'manual' | 'complaint' | 'bounce' | 'invalid' | 'reassigned'>
  /** Where the list comes from, such as a platform's name. */
  readonly source: string
  /** Epoch milliseconds. */
  readonly at: number
}

export interface ListLine {
  readonly line: number
  readonly address: string
}

export interface ListOutcome {
  readonly blocked: number
  readonly rejected: number
}

/**
 * Blocks every address of a list. Running it again changes nothing. A line that holds no address is told to `onRejected`, for the
 * caller to keep; its text is personal and is not put into messages.
 */
export async function importSuppressions(
  database: Database,
  list: ListImport,
  lines: AsyncIterable<ListLine>,
  onRejected: (line: ListLine) => void,
): Promise<ListOutcome> {
  let blocked = 0
  let rejected = 0
  let batch: string[] = []
  const flush = async (): Promise<void> => {
    // In one order, so that two imports at once do not wait for each other in a circle.
    const addresses = batch.toSorted()
    await database.transaction(async (statements) => {
      for (const address of addresses) await suppress(statements, { ...list, address })
    })
    blocked += addresses.length
    batch = []
  }
  for await (const line of lines) {
    const address = normalizeAddress(list.channel, line.address)
    if (address === undefined) {
      rejected += 1
      onRejected(line)
      continue
    }
    batch.push(address)
    if (batch.length >= BATCH) await flush()
  }
  if (batch.length > 0) await flush()
  return { blocked, rejected }
}

export interface ListedSuppression {
  readonly address: string
  readonly reason: SuppressionReason
  readonly source: string
  readonly at: number
}

/**
 * The blocks in force on a channel, with the addresses that contacts have, for another platform to take over. What is blocked is kept as
 * a hash alone, so an address that no contact has any more cannot be given out: `unnamed` counts those.
 */
export async function* exportSuppressions(
  database: Database,
  keys: AddressKeys,
  channel: Channel,
): AsyncGenerator<ListedSuppression> {
  for await (const people of contactAddresses(database, channel)) {
    const byHash = new Map(
      people.flatMap((address) => hashesOf(keys, channel, address).map((hash) => [hash, address] as const)),
    )
    const rows = await database.query<Omit<ListedSuppression, 'address'> & { address_hash: string }>(
      `select address_hash, reason, source, at from suppression
        where address_hash = any($1::text[]) and channel = $2 and lifted_at is null
        order by address_hash, reason`,
      [[...byHash.keys()], channel],
    )
    for (const { address_hash: hash, reason, source, at } of rows) {
      const address = byHash.get(hash)
      if (address !== undefined) yield { address, reason, source, at }
    }
  }
}

export interface SuppressionCount {
  readonly channel: Channel
  readonly reason: SuppressionReason
  readonly inForce: number
  readonly lifted: number
  /** Of those in force, how many stand under a key that is no longer the current one. */
  readonly olderKey: number
}

/** How many blocks there are, by channel and reason. */
export async function countSuppressions(
  statements: Statements,
  currentVersion: number,
): Promise<readonly SuppressionCount[]> {
  return statements.query<SuppressionCount>(
    `select channel, reason, count(*) filter (where lifted_at is null)::int as "inForce",
            count(*) filter (where lifted_at is not null)::int as lifted,
            count(*) filter (where lifted_at is null and key_version <> $1)::int as "olderKey"
       from suppression group by channel, reason order by channel, reason`,
    [currentVersion],
  )
}

export interface Rotation {
  readonly renewed: number
  /** Blocks of addresses that no contact has: they stay under their key, which therefore must be kept. */
  readonly remaining: number
}

/**
 * Brings blocks under the current key, as far as the addresses are known: an HMAC cannot be re-made without the address. The old row
 * stays until the new one is written in the same statement, so no gate ever sees neither.
 */
export async function rotateSuppressions(database: Database, keys: AddressKeys): Promise<Rotation> {
  let renewed = 0
  for (const channel of ['email', 'sms'] as const) {
    for await (const people of contactAddresses(database, channel)) {
      const pairs = people.flatMap((address) => {
        const { hash } = hashAddress(keys, channel, address)
        return hashesOf(keys, channel, address)
          .filter((old) => old !== hash)
          .map((old) => ({ old, hash }))
      })
      renewed += await database.transaction((statements) => renew(statements, keys, channel, pairs))
    }
  }
  const [row] = await database.query<{ remaining: number }>(
    'select count(*)::int as remaining from suppression where key_version <> $1',
    [keys.current],
  )
  return { renewed, remaining: row?.remaining ?? 0 }
}

async function renew(
  statements: Statements,
  keys: AddressKeys,
  channel: Channel,
  pairs: readonly { readonly old: string; readonly hash: string }[],
): Promise<number> {
  const rows = await statements.query<{ renewed: number }>(
    `with pair as (
       select * from unnest($1::text[], $2::text[]) as p (old_hash, new_hash)
     ), older as (
       delete from suppression s using pair p
        where s.address_hash = p.old_hash and s.channel = $3 and s.key_version <> $4
       returning p.new_hash, s.reason, s.source, s.at, s.lifted_at, s.lifted_by, s.expires_at
     )
     insert into suppression as now (address_hash, key_version, channel, reason, source, at, lifted_at, lifted_by, expires_at)
     select new_hash, $4, $3, reason, (array_agg(source order by at desc))[1], max(at),
            case when bool_and(lifted_at is not null) then max(lifted_at) end, max(lifted_by), max(expires_at)
       from older group by new_hash, reason
     on conflict (address_hash, channel, reason) do update set
       at = greatest(now.at, excluded.at),
       -- The stricter of the two: lifted only if both are.
       lifted_at = case when now.lifted_at is not null and excluded.lifted_at is not null
         then greatest(now.lifted_at, excluded.lifted_at) end,
       expires_at = greatest(now.expires_at, excluded.expires_at)
     returning 1 as renewed`,
    [pairs.map(({ old }) => old), pairs.map(({ hash }) => hash), channel, keys.current],
  )
  return rows.length
}

/** Every distinct address on a channel, batch by batch. */
async function* contactAddresses(database: Database, channel: Channel): AsyncGenerator<readonly string[]> {
  const column = channel === 'email' ? 'email' : 'phone'
  for (let after = ''; ;) {
    const rows = await database.query<{ address: string }>(
      `select distinct ${column} as address from contact where ${column} > $1 order by 1 limit $2`,
      [after, BATCH],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows.map(({ address }) => address)
    after = last.address
  }
}
