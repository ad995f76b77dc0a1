import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { type AddressKeys, hashAddress } from './address.ts'

/**
 * Serialises everything that decides about one address, until the transaction ends: two contacts with the same address are one
 * for caps and gaps, and a STOP that is being written makes a gate for that address wait for it.
 *
 * Lock order, everywhere: contact row first, then address. Whoever turns it round risks deadlocks (which are retried).
 */
export async function lockAddress(
  statements: Statements,
  keys: AddressKeys,
  channel: Channel,
  address: string,
): Promise<void> {
  await lockAddressHashes(statements, [hashAddress(keys, channel, address).hash])
}

/** As {@link lockAddress}, for several hashes under the current key. Locked in one order, so that nobody waits in a circle. */
export async function lockAddressHashes(statements: Statements, hashes: readonly string[]): Promise<void> {
  const numbers = hashes.map(lockNumber).toSorted((a, b) => a - b)
  await statements.query('select pg_advisory_xact_lock(number) from unnest($1::bigint[]) as number', [numbers])
}

/** 52 bits of the hash, so that the number is exact in JavaScript. A collision only makes two strangers wait for each other. */
function lockNumber(hash: string): number {
  return Number.parseInt(hash.slice(0, 13), 16)
}
