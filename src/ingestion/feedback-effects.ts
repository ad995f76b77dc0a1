import type { AddressKeys } from '../consent/address.ts'
import { normalizeAddress } from '../consent/address.ts'
import { EVERY_PURPOSE, recordConsent } from '../consent/ledger.ts'
import { suppress, type SuppressionReason } from '../consent/suppression.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import type { Feedback } from '../delivery/message-provider.ts'
import { endForbiddenRuns } from './forbidden-runs.ts'

/** What feedback says about the address or its person, beyond the one message. */
export interface Consequence {
  readonly suppression: SuppressionReason
  /** The person said no: consent goes too, so that a lifted block does not bring it back. */
  readonly revokes: boolean
}

/** Undefined if it says nothing about the address: a full mailbox, a phone switched off, a filter. */
export function consequenceOf(feedback: Feedback, channel: Channel): Consequence | undefined {
  switch (feedback.event) {
    case 'complained':
      return { suppression: 'complaint', revokes: true }
    case 'unsubscribed':
      return { suppression: channel === 'sms' ? 'stop' : 'unsubscribe', revokes: true }
    case 'bounced':
      return feedback.permanent === true ? { suppression: 'bounce', revokes: false } : undefined
    case 'undelivered':
      return feedback.permanent === true ? { suppression: 'invalid', revokes: false } : undefined
    case 'accepted':
    case 'sent':
    case 'delivered':
    case 'unconfirmed':
    case 'opened':
    case 'clicked':
      return undefined
    default:
      return feedback.event satisfies never
  }
}

export interface Said {
  readonly keys: AddressKeys
  readonly channel: Channel
  readonly address: string
  readonly provider: string
  /** When it was said, and when it came to be known; epoch milliseconds. */
  readonly at: number
  readonly receivedAt: number
}

/**
 * Blocks the address, takes back the consent of everybody who has it (and of the contact that the message was for, whose address
 * may have changed since), and ends their runs that have no channel left. Locks contacts, then runs, then the address; the caller
 * locks the send only after that.
 *
 * A report as spam ends everything on its channel at once, for every purpose: nobody who has called a sender a nuisance wants more of
 * it, and mailbox providers count each of them (compliance: a spam report suppresses all marketing email).
 */
export async function applyConsequence(
  statements: Statements,
  consequence: Consequence,
  said: Said,
  contactId: string | undefined,
): Promise<void> {
  const { keys, channel, provider, at, receivedAt } = said
  const address = normalizeAddress(channel, said.address) ?? said.address
  const { suppression: reason } = consequence
  if (consequence.revokes) {
    const contacts = await contactsOf(statements, channel, address, contactId)
    for (const contact of contacts) {
      await recordConsent(statements, {
        contactId: contact,
        channel,
        purpose: EVERY_PURPOSE,
        state: 'revoked',
        source: 'carrier',
        proof: { provider, event: reason },
        at,
        recordedAt: receivedAt,
      })
    }
    const [live] = await statements.query<{ compiled: CompiledWorkspace }>(
      'select compiled from workspace where id = 1',
    )
    const deps = { keys, workspace: live?.compiled }
    await endForbiddenRuns(statements, deps, contacts, receivedAt, [{ channel, address, reason }])
  }
  await suppress(statements, { keys, channel, address, reason, source: provider, at })
}

/** Everybody with the address, and the one that the message was for; locked in one order. */
async function contactsOf(
  statements: Statements,
  channel: Channel,
  address: string,
  contactId: string | undefined,
): Promise<readonly string[]> {
  const column = channel === 'email' ? 'email' : 'phone'
  const rows = await statements.query<{ id: string }>(
    `select id from contact where ${column} = $1 or id = $2 order by id for no key update`,
    [address, contactId ?? null],
  )
  return rows.map(({ id }) => id)
}

/** The contacts with an address, locked in the order of their ids; several people may share one. */
export async function contactsAt(
  statements: Statements,
  channel: Channel,
  address: string,
): Promise<readonly string[]> {
  const column = channel === 'email' ? 'email' : 'phone'
  const rows = await statements.query<{ id: string }>(
    `select id from contact where ${column} = $1 order by id for no key update`,
    [normalizeAddress(channel, address) ?? address],
  )
  return rows.map((row) => row.id)
}
