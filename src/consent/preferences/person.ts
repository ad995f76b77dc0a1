import type { Channel } from '../../core/compiled-journey.ts'
import type { Statements } from '../../core/database.ts'
import { type AddressKeys, hashesOf, normalizeAddress } from '../address.ts'
import type { ConsentFact } from '../ledger.ts'
import type { SuppressionReason } from '../suppression.ts'
import { CONSENT_BY_LINK_MS, type PreferenceSubject } from './token.ts'

/** The person behind a link, as the preference centre needs them. Never logged: it holds addresses. */
export interface Person {
  readonly id: string
  readonly addresses: Partial<Readonly<Record<Channel, string>>>
  readonly locale: unknown
  /** Name of the policy under which the message of the link was sent. */
  readonly policy: string | undefined
  /** The channel whose address the link came to, if it is still the contact's: only there does the link prove who opens it. */
  readonly provenChannel: Channel | undefined
  /** Where the link came to, if that is not the contact's address any more. */
  readonly formerAddress: { readonly channel: Channel; readonly hash: string } | undefined
  /** Epoch milliseconds until which consent may be given with this link. */
  readonly consentUntil: number
  readonly consents: readonly (ConsentFact & { readonly channel: Channel })[]
  readonly blocks: readonly { readonly channel: Channel; readonly reason: SuppressionReason; readonly at: number }[]
  readonly preference: StoredPreference | undefined
}

export interface StoredPreference {
  readonly pausedUntil: number | null
  readonly capCount: number | null
  readonly capWindowMs: number | null
  readonly language: string | null
}

interface ContactRow {
  readonly id: string
  readonly email: string | null
  readonly phone: string | null
  readonly locale: unknown
}

interface Origin {
  readonly contact_id: string
  readonly channel: Channel
  readonly address_hash: string | null
  readonly at: number
  readonly policy: string | null
}

/** Reads the person of a link, or undefined if there is none any more. Reads only; inside a transaction, after the locks. */
export async function readPerson(
  statements: Statements,
  keys: AddressKeys,
  subject: PreferenceSubject,
): Promise<Person | undefined> {
  const origin = subject.kind === 'send' ? await readOrigin(statements, subject.id) : undefined
  const contactId = subject.kind === 'send' ? origin?.contact_id : subject.id
  if (contactId === undefined) return undefined
  const [contact] = await statements.query<ContactRow>(
    // Whoever was merged is the survivor; whoever was erased is nobody.
    `select c.id, c.email, c.phone, c.traits -> 'locale' as locale
       from contact asked join contact c on c.id = coalesce(asked.merged_into, asked.id)
      where asked.id = $1 and c.erased_at is null`,
    [contactId],
  )
  if (contact === undefined) return undefined
  const addresses = addressesOf(contact)
  const proven = origin === undefined ? undefined : provenChannel(keys, origin, addresses)
  return {
    id: contact.id,
    addresses,
    locale: contact.locale,
    policy: origin?.policy ?? undefined,
    provenChannel: proven,
    formerAddress:
      origin === undefined || origin.address_hash === null || proven !== undefined
        ? undefined
        : { channel: origin.channel, hash: origin.address_hash },
    consentUntil: subject.kind === 'contact' ? subject.expiresAt : (origin?.at ?? 0) + CONSENT_BY_LINK_MS,
    consents: await statements.query(
      `select channel, purpose, state, at, expires_at as "expiresAt" from consent where contact_id = $1`,
      [contact.id],
    ),
    blocks: [
      ...(await blocksOf(statements, keys, 'email', addresses.email)),
      ...(await blocksOf(statements, keys, 'sms', addresses.sms)),
    ],
    preference: await readPreference(statements, contact.id),
  }
}

async function readOrigin(statements: Statements, sendId: string): Promise<Origin | undefined> {
  const [origin] = await statements.query<Origin>(
    `select s.contact_id, s.channel, s.address_hash, coalesce(s.handed_off_at, s.reserved_at) as at,
            v.compiled ->> 'policy' as policy
       from send s left join journey_version v on v.hash = s.version
      where s.id = $1`,
    [sendId],
  )
  return origin
}

function addressesOf({ email, phone }: ContactRow): Partial<Record<Channel, string>> {
  const addresses: Partial<Record<Channel, string>> = {}
  const mailbox = email === null ? undefined : normalizeAddress('email', email)
  const number = phone === null ? undefined : normalizeAddress('sms', phone)
  if (mailbox !== undefined) addresses.email = mailbox
  if (number !== undefined) addresses.sms = number
  return addresses
}

/** A mailbox that the contact has given up may belong to somebody else by now: who reads it may say "no", but not "yes". */
function provenChannel(
  keys: AddressKeys,
  origin: Origin,
  addresses: Partial<Readonly<Record<Channel, string>>>,
): Channel | undefined {
  const address = addresses[origin.channel]
  if (address === undefined || origin.address_hash === null) return undefined
  return hashesOf(keys, origin.channel, address).includes(origin.address_hash) ? origin.channel : undefined
}

async function blocksOf(
  statements: Statements,
  keys: AddressKeys,
  channel: Channel,
  address: string | undefined,
): Promise<Person['blocks']> {
  if (address === undefined) return []
  return statements.query(
    `select channel, reason, at from suppression
      where address_hash = any($1::text[]) and channel = $2 and lifted_at is null`,
    [hashesOf(keys, channel, address), channel],
  )
}

async function readPreference(statements: Statements, contactId: string): Promise<StoredPreference | undefined> {
  const [preference] = await statements.query<StoredPreference>(
    `select paused_until_at as "pausedUntil", cap_count as "capCount", cap_window_ms as "capWindowMs", language
       from contact_preference where contact_id = $1`,
    [contactId],
  )
  return preference
}
