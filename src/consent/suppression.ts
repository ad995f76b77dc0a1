import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { lockAddress } from './address-lock.ts'
import { type AddressKeys, hashAddress, hashesOf, normalizeAddress } from './address.ts'

/**
 * - `stop`, `unsubscribe`, `complaint`: the person said no.
 * - `bounce`, `invalid`: the address can never work. `reassigned`: it works, for somebody else.
 * - `soft_bounce`: it failed again and again, for reasons that pass; ends by itself.
 * - `manual`, `import`: an operator, or another platform's list of people who said no.
 */
export const SUPPRESSION_REASONS = [
  'stop',
  'unsubscribe',
  'bounce',
  'complaint',
  'invalid',
  'reassigned',
  'soft_bounce',
  'manual',
  'import',
] as const
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number]

/** Blocks that say nothing about the person's wish: the address does not, or not now, lead to them. */
export const DEAD_REASONS: readonly string[] = [
  'bounce',
  'invalid',
  'reassigned',
  'soft_bounce',
] satisfies readonly SuppressionReason[]

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
  /** Epoch milliseconds at which it ends by itself. Only for `soft_bounce`: no other reason passes with time. */
  readonly expiresAt?: number
}

/**
 * Blocks an address on a channel, for good unless `expiresAt` is given. Saying it again changes nothing; an old STOP that arrives after
 * it was lifted for a later wish does not come back to life.
 *
 * Locks the contacts that have the address and then the address, so that no gate can be between its check and its
 * reservation: what is committed here is seen by every later reservation.
 */
export async function suppress(statements: Statements, suppression: Suppression): Promise<void> {
  const { keys, channel, reason, source, at, expiresAt } = suppression
  if (expiresAt !== undefined && reason !== 'soft_bounce') throw new Error(`a block for ${reason} does not expire`)
  const address = normalizeAddress(channel, suppression.address) ?? suppression.address
  await lockContactsWith(statements, channel, address)
  await lockAddress(statements, keys, channel, address)
  const { hash, version } = hashAddress(keys, channel, address)
  await statements.query(
    `insert into suppression as old (address_hash, key_version, channel, reason, source, at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (address_hash, channel, reason) do update set
       at = greatest(old.at, excluded.at),
       source = case when excluded.at > old.at then excluded.source else old.source end,
       expires_at = greatest(old.expires_at, excluded.expires_at),
       lifted_at = case when old.lifted_at > excluded.at then old.lifted_at end,
       lifted_by = case when old.lifted_at > excluded.at then old.lifted_by end`,
    [hash, version, channel, reason, source, at, expiresAt ?? null],
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
  if (!LIFTABLE_REASONS.includes(lift.reason))
    throw new Error(`a suppression for ${lift.reason as string} cannot be lifted`)
  return endBlock(statements, lift, 'person')
}

async function endBlock(
  statements: Statements,
  { keys, channel, reason, at, address: raw }: Omit<Lift, 'reason'> & { readonly reason: SuppressionReason },
  by: 'person' | 'operator',
): Promise<boolean> {
  const address = normalizeAddress(channel, raw) ?? raw
  await lockContactsWith(statements, channel, address)
  await lockAddress(statements, keys, channel, address)
  const lifted = await statements.query(
    `update suppression set lifted_at = $4, lifted_by = $5
     where address_hash = any($1::text[]) and channel = $2 and reason = $3 and lifted_at is null and at < $4
     returning 1 as lifted`,
    [hashesOf(keys, channel, address), channel, reason, at, by],
  )
  return lifted.length > 0
}

/** What an operator may end: what was said by machines, or by an operator. A person's "no" is theirs. */
export const OPERATOR_LIFTABLE = [
  'bounce',
  'invalid',
  'reassigned',
  'soft_bounce',
  'manual',
  'import',
] as const satisfies readonly SuppressionReason[]

/** Ends a block that was a mistake. The caller puts it on the audit trail. Returns whether there was one. */
export async function liftByOperator(
  statements: Statements,
  lift: Omit<Lift, 'reason'> & { readonly reason: (typeof OPERATOR_LIFTABLE)[number] },
): Promise<boolean> {
  return endBlock(statements, lift, 'operator')
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

/** Everybody who has the address, in one order: before the address itself. */
export async function lockContactsWith(statements: Statements, channel: Channel, address: string): Promise<void> {
  const column = channel === 'email' ? 'email' : 'phone'
  await statements.query(`select id from contact where ${column} = $1 order by id for no key update`, [address])
}
