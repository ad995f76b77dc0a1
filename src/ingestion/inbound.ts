import type { AddressKeys } from '../consent/address.ts'
import { EVERY_PURPOSE, recordConsent } from '../consent/ledger.ts'
import { meaningOf, type TextMeaning } from '../consent/stop-words.ts'
import { liftSuppression, suppress } from '../consent/suppression.ts'
import type { Database, Statements } from '../core/database.ts'
import type { InboundMessage } from '../delivery/message-provider.ts'
import { contactsAt } from './feedback-effects.ts'

/**
 * Stores a text from a person and does what it asks, in one transaction: a STOP is in force for every gate that comes after it, for
 * everybody who has the number, and for the number itself should it turn up with somebody else.
 *
 * A START takes back the block that the person asked for, and nothing else: it is no consent, and it mends no bounce or complaint.
 */
export async function recordInbound(
  deps: { readonly database: Database; readonly keys: AddressKeys },
  provider: string,
  message: InboundMessage,
  receivedAt: number,
): Promise<'recorded' | 'duplicate'> {
  // What the carrier has acted on holds, whatever we would have read.
  const meaning = message.handledByCarrier ?? meaningOf(message.body)
  return deps.database.transaction(async (statements) => {
    const contacts = await contactsAt(statements, 'sms', message.from)
    const stored = await statements.query<{ id: number }>(
      `insert into inbound_message (provider, provider_id, contact_id, meaning, body, received_at)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (provider, provider_id) do nothing
       returning id`,
      [provider, message.providerId, await writer(statements, contacts), meaning, withoutNul(message.body), receivedAt],
    )
    if (stored.length === 0) return 'duplicate'
    await act(statements, deps.keys, { provider, message, meaning, contacts, receivedAt })
    return 'recorded'
  })
}

interface Request {
  readonly provider: string
  readonly message: InboundMessage
  readonly meaning: TextMeaning
  readonly contacts: readonly string[]
  readonly receivedAt: number
}

async function act(statements: Statements, keys: AddressKeys, request: Request): Promise<void> {
  const { provider, message, meaning, contacts, receivedAt } = request
  const address = message.from
  switch (meaning) {
    case 'stop':
      await suppress(statements, { keys, channel: 'sms', address, reason: 'stop', source: provider, at: receivedAt })
      for (const contactId of contacts) {
        await recordConsent(statements, {
          contactId,
          channel: 'sms',
          purpose: EVERY_PURPOSE,
          state: 'revoked',
          source: 'keyword',
          proof: { provider, message: message.providerId },
          at: receivedAt,
          recordedAt: receivedAt,
        })
      }
      return
    case 'start':
      await liftSuppression(statements, { keys, channel: 'sms', address, reason: 'stop', at: receivedAt })
      return
    case 'help':
    case 'reply':
      return
    default:
      return meaning satisfies never
  }
}

/** Of several people with one number, the one who was texted last is taken to answer. What they ask holds for all of them. */
async function writer(statements: Statements, contacts: readonly string[]): Promise<string | null> {
  const [only, other] = contacts
  if (only === undefined || other === undefined) return only ?? null
  const [texted] = await statements.query<{ contact_id: string }>(
    `select contact_id from send
      where contact_id = any($1::uuid[]) and channel = 'sms' and handed_off_at is not null
      order by handed_off_at desc limit 1`,
    [contacts],
  )
  return texted?.contact_id ?? only
}

/** PostgreSQL texts cannot hold U+0000. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '')
}
