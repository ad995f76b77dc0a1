import { type ConsentFact, recordConsent } from '../consent/ledger.ts'
import { type Channel, CHANNELS } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { tighten } from './merge-consents.ts'

export interface Joining {
  readonly from: string
  readonly into: string
  /** Channels on which the address that the survivor has afterwards is the one's, or the other's, own. */
  readonly holds: { readonly from: readonly Channel[]; readonly into: readonly Channel[] }
  /** Epoch milliseconds of the merge. */
  readonly at: number
}

interface Said extends ConsentFact {
  readonly contact_id: string
  readonly channel: Channel
  readonly proof: Readonly<Record<string, unknown>> | null
  readonly hash: string
}

/**
 * Appends to the survivor's ledger what holds for the merged contact: every "no", and every "yes" for the address that the survivor
 * has. Each entry names the one it comes from, which stays where it was said: no chain is rewritten, and both go on verifying. Then
 * whatever the stricter reading forbids is taken back. Returns how many entries were appended; the caller holds both contact rows.
 */
export async function joinLedgers(statements: Statements, joining: Joining): Promise<number> {
  const { from, into, holds, at } = joining
  const before = await saidBy(statements, [from, into])
  let count = 0
  for (const said of before) {
    if (said.contact_id !== from || (said.state === 'granted' && !holds.from.includes(said.channel))) continue
    await recordConsent(statements, {
      contactId: into,
      channel: said.channel,
      purpose: said.purpose,
      state: said.state,
      source: 'merge',
      proof: { ...said.proof, mergedFrom: from, mergedEntry: said.hash },
      at: said.at,
      recordedAt: at,
      expiresAt: said.expiresAt ?? undefined,
    })
    count++
  }
  const after = await saidBy(statements, [into])
  for (const channel of CHANNELS) {
    const factsOf = (id: string): readonly ConsentFact[] =>
      before.filter((said) => said.contact_id === id && said.channel === channel)
    const noes = tighten(
      { facts: factsOf(into), holdsAddress: holds.into.includes(channel) },
      { facts: factsOf(from), holdsAddress: holds.from.includes(channel) },
      after.filter((said) => said.channel === channel),
      at,
    )
    for (const no of noes) {
      await recordConsent(statements, {
        contactId: into,
        channel,
        purpose: no.purpose,
        state: 'revoked',
        source: 'merge',
        proof: {
          reason: 'one of the two contacts had said no, or neither had agreed at this address',
          mergedFrom: from,
        },
        at: no.at,
        recordedAt: at,
      })
      count++
    }
  }
  return count
}

async function saidBy(statements: Statements, ids: readonly string[]): Promise<readonly Said[]> {
  return statements.query<Said>(
    `select c.contact_id, c.channel, c.purpose, c.state, c.at, c.expires_at as "expiresAt", e.proof, e.hash
       from consent c join consent_event e on e.id = c.event_id
      where c.contact_id = any($1::uuid[]) order by c.channel, c.purpose`,
    [ids],
  )
}
