import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { lockAddress } from './address-lock.ts'
import { type AddressKeys, hashAddress, hashesOf, normalizeAddress } from './address.ts'

export const SUPPRESSION_REASONS = ['stop', 'unsubscribe', 'bounce', 'complaint', 'invalid', 'manual'] as const
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number]

/** What a person took back may be given again by that person; what a carrier or an operator said may not. */
export const LIFTABLE_REASONS = ['stop', 'unsubscribe'] as const satisfies readonly SuppressionReason[]
export type LiftableReason = (typeof LIFTABLE_REASONS)[number]

export interface Suppression {
  readonly keys: AddressKeys
  readonly channel: Channel
  /** As it came, or normalised. */
  readonly address: string
  readonly reason: SuppressionReason
  /** Who said so: `twilio`, `sendgrid`, `link`, `operator`. */
  readonly source: string
  /** Epoch milliseconds at which it was said. */
  readonly at: number
}

/**
 * Blocks an address on a channel. Entries never expire. Saying it again changes nothing; an old STOP that arrives after it was
 * lifted for a later wish does not come back to life.
 *
 * Locks the contacts that have the address and then the address, so that no gate can be between its check and its
 * reservation: what is committed here is seen by every later reservation.
 */
export async function suppress(statements: Statements, suppression: Suppression): Promise<void> {
  const { keys, channel, reason, source, at } = suppression
  const address = normalizeAddress(channel, suppression.address) ?? suppression.address
  await lockContactsWith(statements, channel, address)
  await lockAddress(statements, keys, channel, address)
  const { hash, version } = hashAddress(keys, channel, address)
  await statements.query(
    `insert into suppression as old (address_hash, key_version, channel, reason, source, at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (address_hash, channel, reason) do update set
       at = greatest(old.at, excluded.at),
       source = case when excluded.at > old.at then excluded.source else old.source end,
       lifted_at = case when old.lifted_at > excluded.at then old.lifted_at end`,
    [hash, version, channel, reason, source, at],
  )
}

export interface Lift {
  readonly keys: AddressKeys
  readonly channel: Channel
  readonly address: string
  readonly reason: LiftableReason
  /** Epoch milliseconds of the wish. A block said at the same instant or later stays. */
  readonly at: number
}

/** Ends a block that the person asked for and now takes back. Returns whether there was one to lift. */
export async function liftSuppression(statements: Statements, lift: Lift): Promise<boolean> {
  const { keys, channel, reason, at } = lift
  if (!LIFTABLE_REASONS.includes(reason)) throw new Error(`a suppression for ${reason as string} cannot be lifted`)
  const address = normalizeAddress(channel, lift.address) ?? lift.address
  await lockContactsWith(statements, channel, address)
  await lockAddress(statements, keys, channel, address)
  const lifted = await statements.query(
    `update suppression set lifted_at = $4
     where address_hash = any($1::text[]) and channel = $2 and reason = $3 and lifted_at is null and at < $4
     returning 1 as lifted`,
    [hashesOf(keys, channel, address), channel, reason, at],
  )
  return lifted.length > 0
}

/** The reasons for which an address is blocked now, sorted; empty if it is not. */
export async function suppressionsOf(
  statements: Statements,
  keys: AddressKeys,
  channel: Channel,
  address: string,
): Promise<readonly SuppressionReason[]> {
  const rows = await statements.query<{ reason: SuppressionReason }>(
    `select distinct reason from suppression
     where address_hash = any($1::text[]) and channel = $2 and lifted_at is null order by reason`,
    [hashesOf(keys, channel, normalizeAddress(channel, address) ?? address), channel],
  )
  return rows.map((row) => row.reason)
}

async function lockContactsWith(statements: Statements, channel: Channel, address: string): Promise<void> {
  const column = channel === 'email' ? 'email' : 'phone'
  await statements.query(`select id from contact where ${column} = $1 order by id for no key update`, [address])
}
