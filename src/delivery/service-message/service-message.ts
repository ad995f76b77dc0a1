import type { Channel } from '../../core/compiled-journey.ts'
import type { Statements } from '../../core/database.ts'
import { sendId } from '../../core/send-id.ts'

export const SERVICE_MESSAGE_KINDS = [
  /** Asks somebody to confirm that they want to be contacted: the second half of a double opt-in. */
  'opt_in_request',
  /** What the carriers require after an opt-in. */
  'opt_in_confirmation',
  /** The one text that answers a STOP. */
  'opt_out_confirmation',
  /** The answer to HELP. */
  'help',
  /** Mail to operators. */
  'report',
  'reply_forward',
] as const
export type ServiceMessageKind = (typeof SERVICE_MESSAGE_KINDS)[number]

export interface ServiceMessageRequest {
  /** Absent: made from the dedupe key. It is the send key towards the provider, so it must never differ for one message. */
  readonly id?: string
  readonly kind: ServiceMessageKind
  /** Says why the message exists, with opaque ids only. Of any number of requests with one key the first alone counts, for ever. */
  readonly dedupeKey: string
  readonly contactId: string | null
  readonly channel: Channel
  /** Normalised: E.164, or a lower-case email address. */
  readonly address: string
  /** A name in the live workspace's senders. */
  readonly sender: string
  readonly purpose?: string
  readonly text: string
  /** Email only. */
  readonly subject?: string
  /** Email only. Absent: made from the text. */
  readonly html?: string
  /** The person has just asked for it from this very address: a STOP said before that does not forbid the answer. */
  readonly asked?: boolean
  /** Epoch milliseconds. After it the message is refused rather than sent late. */
  readonly validUntil: number
  /** Epoch milliseconds at which what it answers was said. */
  readonly at: number
}

/**
 * Writes a service message in the caller's transaction: it exists if and only if what it answers was committed. A worker hands it over
 * at most once; whether it may still go is decided then, not here.
 */
export async function writeServiceMessage(
  statements: Statements,
  request: ServiceMessageRequest,
): Promise<'written' | 'known'> {
  if (request.channel === 'email' && request.subject === undefined) {
    throw new Error(`a ${request.kind} by email needs a subject`)
  }
  const rows = await statements.query<{ id: string }>(
    `insert into service_message (id, kind, dedupe_key, contact_id, channel, sender, purpose, asked, address, body, subject, html,
                                  said_at, valid_until, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $13)
     on conflict do nothing
     returning id`,
    [
      request.id ?? serviceMessageId(request.dedupeKey),
      request.kind,
      request.dedupeKey,
      request.contactId,
      request.channel,
      request.sender,
      request.purpose ?? null,
      request.asked ?? false,
      request.address,
      storable(request.text),
      storable(request.subject),
      storable(request.html),
      request.at,
      request.validUntil,
    ],
  )
  return rows.length > 0 ? 'written' : 'known'
}

/** PostgreSQL texts cannot hold U+0000, and a forwarded reply may. */
function storable(text: string | undefined): string | null {
  return text?.replaceAll('\0', '') ?? null
}

/** The id of the message with this dedupe key: the same on every machine and in every restored database. */
export function serviceMessageId(dedupeKey: string): string {
  return sendId('service', dedupeKey, 'action')
}
