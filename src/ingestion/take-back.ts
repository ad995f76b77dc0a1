import { lockAddress } from '../consent/address-lock.ts'
import { type AddressKeys, hashesOf, normalizeAddress } from '../consent/address.ts'
import { type ConsentSource, EVERY_PURPOSE, recordConsent } from '../consent/ledger.ts'
import type { StopScope } from '../consent/revocation/rule.ts'
import { suppress, type SuppressionReason } from '../consent/suppression.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { contactsAt } from './feedback-effects.ts'
import { type ComingBlock, endForbiddenRuns } from './forbidden-runs.ts'

export interface Refusal {
  readonly keys: AddressKeys
  /** Undefined as long as nothing was ever deployed: then a refusal ends everything. */
  readonly workspace: CompiledWorkspace | undefined
  readonly channel: Channel
  readonly address: string
  readonly scope: StopScope
  /** The carrier refuses every message to this address from now on, whatever our scope. */
  readonly carrierBlocks: boolean
  /** A provider's name, or `operator`. */
  readonly by: string
  readonly source: ConsentSource
  readonly proof: Readonly<Record<string, unknown>>
  /** Epoch milliseconds at which it was said, and at which it came to be known. */
  readonly at: number
  readonly receivedAt: number
}

/** What a refusal ended. */
export interface TakenBack {
  /** False if all of it had been refused before: then there is nothing to confirm. */
  readonly news: boolean
  readonly scope: StopScope
  readonly purposes: readonly string[]
  readonly endedRuns: number
}

/**
 * Takes back the consent of everybody who has the address, ends or narrows what runs, and blocks the address, in the caller's
 * transaction. Locks contacts, then their runs, then the address: what is committed here is seen by every later gate and claim.
 */
export async function takeBack(statements: Statements, refusal: Refusal): Promise<TakenBack> {
  const { keys, workspace, channel, by, at, receivedAt } = refusal
  const address = normalizeAddress(channel, refusal.address) ?? refusal.address
  const contacts = await contactsAt(statements, channel, address)
  // Of a stranger there is nobody to lock, and each of several texts at once would take itself for the first.
  if (contacts.length === 0) await lockAddress(statements, keys, channel, address)
  const hashes = hashesOf(keys, channel, address)
  const { scope, purposes } = await reachOf(statements, refusal, hashes, contacts)
  const reason = blockOf(scope, refusal.carrierBlocks, contacts.length > 0)
  const news = await isNews(statements, { channel, hashes, contacts, purposes, reason })

  for (const contactId of contacts) {
    for (const purpose of purposes) {
      await recordConsent(statements, {
        contactId,
        channel,
        purpose,
        state: 'revoked',
        source: refusal.source,
        proof: { ...refusal.proof, scope },
        at,
        recordedAt: receivedAt,
      })
    }
  }
  const coming: readonly ComingBlock[] = reason === undefined ? [] : [{ channel, address, reason }]
  const endedRuns = await endForbiddenRuns(statements, { keys, workspace }, contacts, receivedAt, coming)
  if (reason !== undefined) await suppress(statements, { keys, channel, address, reason, source: by, at })
  return { news, scope, purposes, endedRuns }
}

/** The purposes that a refusal ends. What cannot be said more narrowly is widened. */
async function reachOf(
  statements: Statements,
  { workspace, channel, scope }: Refusal,
  hashes: readonly string[],
  contacts: readonly string[],
): Promise<{ readonly scope: StopScope; readonly purposes: readonly string[] }> {
  if (scope === 'everything' || workspace === undefined) return { scope: 'everything', purposes: [EVERY_PURPOSE] }
  if (scope === 'purpose') {
    const last = await lastMarketing(statements, channel, hashes, contacts)
    if (last !== undefined) return { scope, purposes: [last] }
  }
  const stored = await statements.query<{ purpose: string }>(
    'select distinct purpose from consent where channel = $1 and contact_id = any($2::uuid[])',
    [channel, contacts],
  )
  const named = new Set([...Object.keys(workspace.purposes), ...stored.map(({ purpose }) => purpose)])
  named.delete(EVERY_PURPOSE)
  const marketing = [...named].filter((name) => workspace.purposes[name]?.class !== 'transactional')
  return { scope: 'marketing', purposes: marketing.toSorted() }
}

/** The purpose of the marketing that went to this address, or to these people, last: what a STOP answers. */
async function lastMarketing(
  statements: Statements,
  channel: Channel,
  hashes: readonly string[],
  contacts: readonly string[],
): Promise<string | undefined> {
  const [last] = await statements.query<{ purpose: string }>(
    `select purpose from send
      where (address_hash = any($1::text[]) or contact_id = any($2::uuid[])) and channel = $3 and class = 'marketing'
        and handed_off_at is not null and state <> 'held_out'
      order by handed_off_at desc limit 1`,
    [hashes, contacts, channel],
  )
  return last?.purpose
}

/** A refusal of one purpose needs people to hold it for; without any, the address is all there is. */
function blockOf(scope: StopScope, carrierBlocks: boolean, isKnown: boolean): SuppressionReason | undefined {
  if (scope === 'everything' || carrierBlocks) return 'stop'
  return scope === 'marketing' || !isKnown ? 'unsubscribe' : undefined
}

async function isNews(
  statements: Statements,
  about: {
    readonly channel: Channel
    readonly hashes: readonly string[]
    readonly contacts: readonly string[]
    readonly purposes: readonly string[]
    readonly reason: SuppressionReason | undefined
  },
): Promise<boolean> {
  const { channel, hashes, contacts, purposes, reason } = about
  if (reason !== undefined) {
    const blocked = await statements.query(
      `select 1 as known from suppression
        where address_hash = any($1::text[]) and channel = $2 and reason in ('stop', 'unsubscribe') and lifted_at is null limit 1`,
      [hashes, channel],
    )
    return blocked.length === 0
  }
  const refused = await statements.query(
    `select 1 as known from consent
      where contact_id = any($1::uuid[]) and channel = $2 and purpose = any($3::text[]) and state = 'revoked'`,
    [contacts, channel, purposes],
  )
  return refused.length < contacts.length * purposes.length
}
