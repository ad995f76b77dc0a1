import { maskAddress } from '../consent/preferences/mask.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { hashesOfPerson, type Person } from './person.ts'

/** One person on one screen. Instants are epoch milliseconds. */
export interface PersonCard {
  readonly format: '1.0'
  readonly contact: string
  readonly merged: readonly string[]
  readonly externalId: string | null
  readonly createdAt: number
  readonly erasedAt: number | null
  /** Masked, unless the whole card was asked for. */
  readonly addresses: readonly { readonly channel: Channel; readonly address: string }[]
  /** Values only on a whole card; else what is known is named. */
  readonly traits: Readonly<Record<string, unknown>> | readonly string[]
  readonly consents: readonly CardConsent[]
  readonly suppressions: readonly CardSuppression[]
  readonly preference: CardPreference | null
  readonly runs: readonly CardRun[]
  /** The latest first. */
  readonly decisions: readonly CardDecision[]
  readonly sends: readonly CardSend[]
}

export interface CardConsent {
  readonly channel: Channel
  readonly purpose: string
  readonly state: string
  readonly at: number
  readonly source: string
  readonly expiresAt: number | null
}
export interface CardSuppression {
  readonly channel: Channel
  readonly reason: string
  readonly source: string
  readonly at: number
  readonly liftedAt: number | null
}
export interface CardPreference {
  readonly pausedUntil: number | null
  readonly capCount: number | null
  readonly capWindowMs: number | null
  readonly language: string | null
}
export interface CardRun {
  readonly id: string
  readonly journey: string
  readonly state: string
  readonly outcome: string | null
  readonly enteredAt: number
  readonly endedAt: number | null
}
export interface CardDecision {
  readonly journey: string
  readonly step: string
  readonly verdict: string
  readonly reason: string
  readonly until: number | null
  readonly at: number
}
export interface CardSend {
  readonly id: string
  readonly journey: string
  readonly step: string
  readonly channel: Channel
  readonly state: string
  readonly reason: string | null
  readonly at: number
}

const LATEST = 10

/** @param full Show addresses and traits as they are; else nothing on the card tells a bystander who it is. */
export async function cardOf(statements: Statements, person: Person, full: boolean): Promise<PersonCard> {
  const { contact, ids } = person
  return {
    format: '1.0',
    contact: person.id,
    merged: ids.slice(1),
    externalId: contact.external_id,
    createdAt: contact.created_at,
    erasedAt: contact.erased_at,
    addresses: person.addresses.map(({ channel, address }) => ({
      channel,
      address: full
        ? address
        : channel === 'sms'
          ? `•••${maskAddress(channel, address)}`
          : maskAddress(channel, address),
    })),
    traits: full ? contact.traits : Object.keys(contact.traits).toSorted(),
    consents: await statements.query<CardConsent>(
      `select c.channel, c.purpose, c.state, c.at, e.source, c.expires_at as "expiresAt"
         from consent c join consent_event e on e.id = c.event_id where c.contact_id = $1 order by c.channel, c.purpose`,
      [person.id],
    ),
    suppressions: await statements.query<CardSuppression>(
      `select channel, reason, source, at, lifted_at as "liftedAt" from suppression
        where address_hash = any($1::text[]) order by channel, at, reason`,
      [hashesOfPerson(person)],
    ),
    preference: await preferenceOf(statements, person.id),
    runs: await statements.query<CardRun>(
      `select id, journey, state, outcome, entered_at as "enteredAt", ended_at as "endedAt" from enrollment
        where contact_id = any($1::uuid[]) order by entered_at desc, id`,
      [ids],
    ),
    decisions: await statements.query<CardDecision>(
      `select e.journey, d.step, d.verdict, d.reason, d.until_at as until, d.at
         from decision d join enrollment e on e.id = d.enrollment_id
        where e.contact_id = any($1::uuid[]) order by d.id desc limit ${LATEST}`,
      [ids],
    ),
    sends: await statements.query<CardSend>(
      `select id, journey, step, channel, state, reason, coalesce(handed_off_at, updated_at) as at from send
        where contact_id = any($1::uuid[]) order by 7 desc, id limit ${LATEST}`,
      [ids],
    ),
  }
}

async function preferenceOf(statements: Statements, id: string): Promise<CardPreference | null> {
  const [row] = await statements.query<CardPreference>(
    `select paused_until_at as "pausedUntil", cap_count as "capCount", cap_window_ms as "capWindowMs", language
       from contact_preference where contact_id = $1`,
    [id],
  )
  return row ?? null
}
