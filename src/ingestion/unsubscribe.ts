import { lockAddressHashes } from '../consent/address-lock.ts'
import { type AddressKeys, hashesOf, normalizeAddress } from '../consent/address.ts'
import { recordConsent } from '../consent/ledger.ts'
import { suppress } from '../consent/suppression.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Database, Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { contactsAt } from './feedback-effects.ts'
import { endForbiddenRuns } from './forbidden-runs.ts'

interface SentMessage {
  readonly id: string
  readonly contact_id: string
  readonly channel: Channel
  readonly purpose: string
  readonly address_hash: string | null
  readonly email: string | null
  readonly phone: string | null
}

/**
 * Takes the "no" that an unsubscribe link of one message stands for: the purpose's consent is revoked and the address that
 * the message went to is suppressed, and runs that have no channel left end, in one transaction. Saying it again changes nothing that matters.
 * False if no such message was ever sent.
 */
export async function unsubscribe(
  deps: { readonly database: Database; readonly addressKeys: AddressKeys },
  sendId: string,
  how: { readonly method: 'one_click' | 'page'; readonly at: number },
): Promise<boolean> {
  return deps.database.transaction(async (statements) => {
    const [sent] = await statements.query<SentMessage>(
      `select s.id, s.contact_id, s.channel, s.purpose, s.address_hash, c.email, c.phone
         from send s join contact c on c.id = s.contact_id
        where s.id = $1
          for no key update of c`,
      [sendId],
    )
    if (sent === undefined) return false
    const went = await whereItWent(statements, deps.addressKeys, sent)
    await recordConsent(statements, {
      contactId: sent.contact_id,
      channel: sent.channel,
      purpose: sent.purpose,
      state: 'revoked',
      source: 'link',
      proof: { send: sent.id, method: how.method },
      at: how.at,
      recordedAt: how.at,
    })
    // Runs before addresses, as everywhere. The block itself is written last, so it is told here.
    const [live] = await statements.query<{ compiled: CompiledWorkspace }>(
      'select compiled from workspace where id = 1',
    )
    const coming = went === undefined ? [] : [{ channel: sent.channel, address: went, reason: 'unsubscribe' }]
    const ending = { keys: deps.addressKeys, workspace: live?.compiled }
    await endForbiddenRuns(statements, ending, [sent.contact_id], how.at, coming)
    await suppressWhereItWent(statements, deps.addressKeys, sent, went, how.at)
    return true
  })
}

/** The address that the message went to, if the contact still has it. Whoever else has it is locked as well, for the block. */
async function whereItWent(
  statements: Statements,
  keys: AddressKeys,
  { channel, address_hash: hash, email, phone }: SentMessage,
): Promise<string | undefined> {
  const raw = channel === 'email' ? email : phone
  if (raw === null || (hash !== null && !hashesOf(keys, channel, raw).includes(hash))) return undefined
  await contactsAt(statements, channel, raw)
  return normalizeAddress(channel, raw) ?? raw
}

async function suppressWhereItWent(
  statements: Statements,
  keys: AddressKeys,
  { channel, address_hash: hash }: SentMessage,
  address: string | undefined,
  at: number,
): Promise<void> {
  if (address !== undefined) {
    await suppress(statements, { keys, channel, address, reason: 'unsubscribe', source: 'link', at })
    return
  }
  if (hash === null) return
  // The contact has another address by now, or none: the "no" is about the one that the message went to, known by its hash.
  await lockAddressHashes(statements, [hash])
  await statements.query(
    `insert into suppression as old (address_hash, key_version, channel, reason, source, at)
     values ($1, $2, $3, 'unsubscribe', 'link', $4)
     on conflict (address_hash, channel, reason) do update set at = greatest(old.at, excluded.at), lifted_at = null, lifted_by = null`,
    // Which key made it nobody knows any more: the oldest is named, so that no rotation says that it can be thrown away.
    [hash, Math.min(...Object.keys(keys.keys).map(Number)), channel, at],
  )
}
