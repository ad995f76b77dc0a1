import type { Database } from '../../../src/core/database.ts'
import type { MessageProvider } from '../../../src/delivery/message-provider.ts'
import type { ServiceMessageDeps } from '../../../src/delivery/service-message/hand-over.ts'
import {
  serviceMessageId,
  type ServiceMessageRequest,
  writeServiceMessage,
} from '../../../src/delivery/service-message/service-message.ts'
import { clockAt, KEYS, NOON, type Run } from '../fixture.ts'

export const MINUTE = 60_000
export const PUBLIC_URL = 'https://segue.example.com'

export function serviceDeps(
  database: Database,
  providers: Readonly<Record<string, MessageProvider>>,
  more: Partial<ServiceMessageDeps> = {},
): ServiceMessageDeps {
  return {
    database,
    clock: clockAt(NOON),
    time: { monotonicMs: () => performance.now(), realNow: () => Date.now() },
    providers: (name) => providers[name],
    keys: KEYS,
    publicUrl: PUBLIC_URL,
    ...more,
  }
}

let written = 0

/** A HELP answer to this person, said at noon, unless the test says otherwise. */
export async function write(
  database: Database,
  { contact, phone }: Pick<Run, 'contact' | 'phone'>,
  more: Partial<ServiceMessageRequest> = {},
): Promise<string> {
  written += 1
  const dedupeKey = more.dedupeKey ?? `test:${written}`
  await writeServiceMessage(database, {
    kind: 'help',
    dedupeKey,
    contactId: contact,
    channel: 'sms',
    address: phone,
    sender: 'shop-sms',
    text: 'The Shop: help at https://shop.example.com/help. Reply STOP to opt out.',
    at: NOON,
    validUntil: NOON + 10 * MINUTE,
    ...more,
  })
  return serviceMessageId(dedupeKey)
}

export interface Stored {
  readonly state: string
  readonly reason: string | null
  readonly provider_id: string | null
  readonly address: string | null
  readonly body: string | null
  readonly subject: string | null
  readonly html: string | null
}

export async function stored(database: Database, id: string): Promise<Stored | undefined> {
  const [row] = await database.query<Stored>(
    'select state, reason, provider_id, address, body, subject, html from service_message where id = $1',
    [id],
  )
  return row
}
