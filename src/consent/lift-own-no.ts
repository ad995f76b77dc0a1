import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { type AddressKeys, hashesOf, normalizeAddress } from './address.ts'
import { allowsPurpose, type ConsentFact, EVERY_PURPOSE, recordConsent } from './ledger.ts'
import { type LiftableReason, liftSuppression } from './suppression.ts'

export interface OwnLift {
  readonly keys: AddressKeys
  readonly workspace: CompiledWorkspace
  readonly channel: Channel
  readonly address: string
  readonly reasons: readonly LiftableReason[]
  /** Epoch milliseconds of the wish. A block said at the same instant or later stays. */
  readonly at: number
  readonly recordedAt: number
}

interface Block {
  readonly reason: LiftableReason
  readonly at: number
}

/**
 * Ends the person's own blocks of an address for a wish that names one purpose. Such a block is a "no" to all marketing at the address,
 * and the ledger may not hold it for every purpose. So what was granted before the "no" is revoked first, at the instant of the "no",
 * for everybody with the address: no other purpose comes back unasked (compliance 3.5). What was granted after it holds.
 */
export async function liftOwnNo(statements: Statements, lift: OwnLift): Promise<void> {
  const { keys, channel, at } = lift
  const address = normalizeAddress(channel, lift.address) ?? lift.address
  const column = channel === 'email' ? 'email' : 'phone'
  const contacts = await statements.query<{ id: string }>(
    `select id from contact where ${column} = $1 order by id for no key update`,
    [address],
  )
  const [block] = await statements.query<Block>(
    `select reason, at from suppression
      where address_hash = any($1::text[]) and channel = $2 and reason = any($3::text[]) and lifted_at is null and at < $4
      order by at desc, reason limit 1`,
    [hashesOf(keys, channel, address), channel, lift.reasons, at],
  )
  if (block === undefined) return
  for (const { id } of contacts) await endSilenced(statements, lift, id, block)
  for (const reason of lift.reasons) await liftSuppression(statements, { keys, channel, address, reason, at })
}

async function endSilenced(statements: Statements, lift: OwnLift, contactId: string, block: Block): Promise<void> {
  const { channel, workspace, recordedAt } = lift
  const facts = await statements.query<ConsentFact>(
    `select purpose, state, at, expires_at as "expiresAt" from consent where contact_id = $1 and channel = $2`,
    [contactId, channel],
  )
  const older = facts.filter((fact) => fact.state === 'revoked' || fact.at <= block.at)
  const named = new Set([...Object.keys(workspace.purposes), ...facts.map(({ purpose }) => purpose)])
  named.delete(EVERY_PURPOSE)
  for (const purpose of [...named].toSorted()) {
    const marketing = workspace.purposes[purpose]?.class !== 'transactional'
    if (!marketing || !allowsPurpose(purpose, older, recordedAt)) continue
    await recordConsent(statements, {
      contactId,
      channel,
      purpose,
      state: 'revoked',
      // A later START gives back what a STOP ended, and nothing that was unsubscribed from elsewhere.
      source: block.reason === 'stop' ? 'keyword' : 'link',
      proof: { reason: 'the address was blocked for all marketing at this instant', block: block.reason },
      at: block.at,
      recordedAt,
    })
  }
}
