import { randomUUID } from 'node:crypto'
import { lockAddress } from '../../src/consent/address-lock.ts'
import { hashAddress } from '../../src/consent/address.ts'
import { recordConsent } from '../../src/consent/ledger.ts'
import { suppress } from '../../src/consent/suppression.ts'
import { sendId } from '../../src/core/send-id.ts'
import type { Database } from '../../src/core/database.ts'
import { aJourney, aStep, aText, aWorkspace, DAY, HOUR, KEYS, NOON, Scene } from '../gate/scene.ts'

/** Somebody about whom every table has something to say. No part of it occurs anywhere else by chance. */
export const QUAGGA = {
  externalId: 'crm-7741-quagga',
  anonymousId: 'browser-quagga-9',
  email: 'zebulon.quagga@example.com',
  phone: '+12125550177',
  name: 'Zebulon',
  url: 'https://shop.example.com/cart/quagga-cart?name=Zebulon',
} as const

/** Whatever of the person must be nowhere after an erasure, lower case. */
export const TRACES: readonly string[] = ['quagga', 'zebulon', '2125550177']

export interface Lived {
  readonly contact: string
  readonly run: string
  readonly emailSend: string
  readonly textSend: string
}

/** A person with a run under way, messages sent, replies, clicks, codes and trouble. */
export async function liveThrough(database: Database): Promise<Lived> {
  const scene = new Scene(database)
  const journey = aJourney({
    steps: [
      aStep({
        action: { kind: 'message', channel: 'email', template: 'cart/reminder', content: 'c0', offer: 'ten-off' },
      }),
      aStep({ id: 'second', offsetMs: HOUR, action: aText() }),
      aStep({ id: 'third', offsetMs: DAY, action: aText() }),
    ],
  })
  await scene.deploy(aWorkspace())
  const contact = await scene.contact({
    email: QUAGGA.email,
    phone: QUAGGA.phone,
    traits: { first_name: QUAGGA.name, timezone: 'America/New_York', state: 'NY' },
  })
  await database.query('update contact set external_id = $2, anonymous_id = $3 where id = $1', [
    contact,
    QUAGGA.externalId,
    QUAGGA.anonymousId,
  ])
  const run = await scene.enroll(contact, journey, { trigger: { cart: { id: 'quagga-cart', url: QUAGGA.url } } })
  await database.query(`update enrollment set key = 'quagga-cart', trigger_message_id = $2 where id = $1`, [
    run,
    `cart-of-${QUAGGA.email}`,
  ])
  await scene.ask(run)
  await scene.ask(run, { step: 'second', now: NOON + HOUR })
  const emailSend = sendId(run, 'first', 'action')
  const textSend = sendId(run, 'second', 'action')
  for (const [id, provider, providerId] of [
    [emailSend, 'sendgrid', 'MAIL-1'],
    [textSend, 'twilio', 'SM00000000000000000000000000000001'],
  ]) {
    await database.query(
      `update send set state = 'delivered', provider = $2, provider_id = $3, body_hash = 'b', handed_off_at = $4 where id = $1`,
      [id, provider, providerId, NOON],
    )
  }
  await database.query(
    `insert into feedback (send_id, provider, event, at, received_at) values ($1, 'sendgrid', 'delivered', $2, $2)`,
    [emailSend, NOON],
  )
  await database.query(`insert into link (token, send_id, url) values ('tok-1', $1, $2)`, [emailSend, QUAGGA.url])
  await database.query(`insert into click (token, at) values ('tok-1', $1)`, [NOON])
  await database.query(
    `insert into event (message_id, contact_id, kind, name, properties, at, received_at) values
       ($1, $2, 'track', 'cart.abandoned', $3, $4, $4), ('plain-message-id', $2, 'identify', '', $5, $4, $4)`,
    [
      `cart-of-${QUAGGA.email}`,
      contact,
      JSON.stringify({ url: QUAGGA.url }),
      NOON,
      JSON.stringify({ email: QUAGGA.email, firstName: QUAGGA.name }),
    ],
  )
  await database.query(`insert into assignment (contact_id, salt, arm, at) values ($1, 'cart-subject', 'plain', 0)`, [
    contact,
  ])
  await database.query(
    `insert into inbound_message (provider, provider_id, contact_id, meaning, body, received_at)
     values ('twilio', 'SM00000000000000000000000000000002', $1, 'reply', 'it is me, Zebulon Quagga', $2)`,
    [contact, NOON],
  )
  for (const payload of [
    JSON.stringify({
      type: 'track',
      userId: QUAGGA.externalId,
      event: 'no.such.event',
      properties: { who: QUAGGA.name },
    }),
    `From=${encodeURIComponent(QUAGGA.phone)}&Body=hello+from+quagga`,
  ]) {
    await database.query(
      `insert into rejection (source, reason, detail, payload, received_at) values ('api', 'malformed', 'unknown', $1, 0)`,
      [payload],
    )
  }
  await database.transaction(async (statements) => {
    await recordConsent(statements, {
      contactId: contact,
      channel: 'sms',
      purpose: 'news',
      state: 'granted',
      source: 'form',
      proof: { wording: 'Yes, Zebulon wants news', page: QUAGGA.url },
      at: NOON - DAY,
      recordedAt: NOON - DAY,
    })
    await lockAddress(statements, KEYS, 'email', QUAGGA.email)
    await suppress(statements, {
      keys: KEYS,
      channel: 'sms',
      address: QUAGGA.phone,
      reason: 'stop',
      source: 'twilio',
      at: NOON,
    })
  })
  await database.query(
    `insert into service_message (id, kind, dedupe_key, contact_id, channel, sender, address, body, address_hash, provider, provider_id,
                                  said_at, valid_until, updated_at)
     values ($1, 'help', 'help-1', $2, 'sms', 'shop-sms', $3, 'Hello Zebulon', $4, 'twilio', 'SM00000000000000000000000000000003', 0, 1, 0)`,
    [randomUUID(), contact, QUAGGA.phone, hashAddress(KEYS, 'sms', QUAGGA.phone).hash],
  )
  await database.query(
    `insert into contact_preference (contact_id, paused_until_at, language, updated_at) values ($1, 1, 'es', 0)`,
    [contact],
  )
  return { contact, run, emailSend, textSend }
}

/** Every table of the store with every row as text. */
export async function everyRow(
  database: Database,
): Promise<readonly { readonly table: string; readonly text: string }[]> {
  const tables = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables
      where table_schema = current_schema() and table_type = 'BASE TABLE' order by table_name`,
  )
  const rows: { table: string; text: string }[] = []
  for (const { name } of tables) {
    // Every column of every row, whatever its type.
    const found = await database.query<{ text: string }>(`select t::text as text from "${name}" t`)
    rows.push(...found.map(({ text }) => ({ table: name, text })))
  }
  return rows
}

export function tracesIn(rows: readonly { readonly table: string; readonly text: string }[]): readonly string[] {
  return rows.flatMap(({ table, text }) =>
    TRACES.filter((trace) => text.toLowerCase().includes(trace)).map((trace) => `${table}: ${trace}: ${text}`),
  )
}
