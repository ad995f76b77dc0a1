import type { AddressKeys } from '../consent/address.ts'
import { eraseFromLedger } from '../consent/erase-ledger.ts'
import { EVERY_PURPOSE } from '../consent/ledger.ts'
import { suppress } from '../consent/suppression.ts'
import type { Statements } from '../core/database.ts'
import type { Person } from './person.ts'

/**
 * Takes the person out of the ledger, and lets their "no" outlive it. A revocation of everything on a channel was said by a contact
 * that is nobody from now on, so it becomes a block of the address: whoever comes back with that address, or is imported with it,
 * has still said no. What holds by the ledger stays as it is, so that it can still be checked; it is about nobody, at no address.
 */
export async function eraseLedger(
  statements: Statements,
  keys: AddressKeys,
  person: Person,
  by: { readonly at: number; readonly actor: string },
): Promise<void> {
  const noes = await statements.query<{ channel: string; at: number }>(
    `select channel, max(at) as at from consent
      where contact_id = any($1::uuid[]) and purpose = $2 and state = 'revoked' group by channel`,
    [person.ids, EVERY_PURPOSE],
  )
  for (const { channel, address } of person.addresses) {
    const no = noes.find((one) => one.channel === channel)
    if (no === undefined) continue
    await suppress(statements, { keys, channel, address, reason: 'unsubscribe', source: 'erasure', at: no.at })
  }
  const addressHashes = Object.fromEntries(
    person.addresses.map(({ channel, hashes }) => [channel, { hash: hashes[0] ?? '', version: keys.current }]),
  )
  for (const contactId of person.ids) {
    await eraseFromLedger(statements, { contactId, addressHashes, at: by.at, actor: by.actor })
  }
}
