import type { Statements } from '../core/database.ts'

/** An event as matching sees it. `at` is corrected for the client's clock, epoch milliseconds. */
export interface StoredEvent {
  readonly messageId: string
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly at: number
}

export async function isKnownMessage(statements: Statements, messageId: string): Promise<boolean> {
  const rows = await statements.query('select 1 as known from event where message_id = $1', [messageId])
  return rows.length > 0
}

/** Writes the event; false if its message id is known already, and then nothing more may be done with the call. */
export async function insertEvent(
  statements: Statements,
  event: StoredEvent & { readonly kind: string; readonly contactId: string; readonly receivedAt: number },
): Promise<boolean> {
  const rows = await statements.query(
    `insert into event (message_id, contact_id, kind, name, properties, at, received_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (message_id) do nothing
     returning id`,
    [
      event.messageId,
      event.contactId,
      event.kind,
      event.name,
      JSON.stringify(event.properties),
      event.at,
      event.receivedAt,
    ],
  )
  return rows.length > 0
}

/** A contact's events of some names since an instant, oldest first: what happened before a late trigger arrived. */
export async function eventsSince(
  statements: Statements,
  contactId: string,
  names: readonly string[],
  since: number,
): Promise<readonly StoredEvent[]> {
  return statements.query<StoredEvent>(
    `select message_id as "messageId", name, properties, at
       from event
      where contact_id = $1 and kind = 'track' and name = any($2::text[]) and at >= $3
      order by at, id`,
    [contactId, names, since],
  )
}
