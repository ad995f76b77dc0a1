import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { type AddressKeys, hashesOf, normalizeAddress } from './address.ts'
import { lockContactsWith, suppress } from './suppression.ts'

const DAY_MS = 86_400_000

/**
 * So many messages in a row that did not arrive, for reasons that pass (a full mailbox, a phone that is off), within so long, and the
 * address rests. Mailbox providers judge a sender by the mail that it goes on sending to mailboxes nobody empties; carriers likewise.
 */
export const SOFT_BOUNCES = { messages: 3, withinMs: 30 * DAY_MS, restMs: 30 * DAY_MS } as const

export interface SoftBounce {
  readonly keys: AddressKeys
  readonly channel: Channel
  readonly address: string
  /** The send that it is about: counted once, however often its carrier says so. */
  readonly sendId: string
  readonly provider: string
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Takes note of a failure that passes, before the send's own state is written. The address rests when it is one too many; a message
 * that arrived in between starts the count again. Returns whether the address rests now.
 */
export async function noteSoftBounce(statements: Statements, bounce: SoftBounce): Promise<boolean> {
  const { keys, channel, provider, sendId, at } = bounce
  const address = normalizeAddress(channel, bounce.address)
  if (address === undefined) return false
  // Of several failures that are told at once, each counts those before it.
  await lockContactsWith(statements, channel, address)
  const [row] = await statements.query<{ failed: number }>(
    `select count(*)::int as failed from send s
      where s.address_hash = any($1::text[]) and s.channel = $2 and s.id <> $3 and s.state in ('bounced', 'undelivered')
        and s.handed_off_at > $4
        and s.handed_off_at > coalesce((select max(d.handed_off_at) from send d
              where d.address_hash = any($1::text[]) and d.channel = $2 and d.state in ('delivered', 'complained')), 0)`,
    [hashesOf(keys, channel, address), channel, sendId, at - SOFT_BOUNCES.withinMs],
  )
  if ((row?.failed ?? 0) + 1 < SOFT_BOUNCES.messages) return false
  const expiresAt = at + SOFT_BOUNCES.restMs
  await suppress(statements, { keys, channel, address, reason: 'soft_bounce', source: provider, at, expiresAt })
  return true
}

/** Ends the blocks whose time is over. Later is safe, earlier is not, so nothing else looks at the expiry. */
export async function endExpiredSuppressions(statements: Statements, now: number): Promise<number> {
  const ended = await statements.query(
    `update suppression set lifted_at = expires_at, lifted_by = 'expiry'
      where lifted_at is null and expires_at is not null and expires_at <= $1
     returning 1 as ended`,
    [now],
  )
  return ended.length
}
