import { normalizeAddress } from '../consent/address.ts'
import { recordConsent } from '../consent/ledger.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { canonicalZone } from '../gate/zone-clock.ts'
import type { Contact } from './contacts.ts'
import type { EventSchemas } from './event-schemas.ts'

/** What an identify changes, and what of it was left out. Undefined: not mentioned; null: taken away. */
export interface ProfileChange {
  readonly email?: string | null
  readonly phone?: string | null
  readonly traits: Readonly<Record<string, unknown>>
  /** One line per trait that was left out. Holds names, never values: it is shown and counted. */
  readonly left: readonly string[]
}

/** Segment writes reserved traits in camel case; templates and conditions name them in snake case. */
const RESERVED: Readonly<Record<string, string>> = {
  firstName: 'first_name',
  lastName: 'last_name',
  createdAt: 'created_at',
  postalCode: 'postal_code',
  timeZone: 'timezone',
}
/** Of Segment's `address` trait: what tells where a person is. */
const PLACE: Readonly<Record<string, string>> = {
  state: 'state',
  country: 'country',
  city: 'city',
  postalCode: 'postal_code',
}

/**
 * Reads the traits of an identify. Addresses are normalised; what cannot be an address, a time zone or what the contact
 * schema says is left out, and the rest is taken. Consent is never read from here: a browser's key is public.
 */
export function readProfile(traits: Readonly<Record<string, unknown>>, schemas: EventSchemas): ProfileChange {
  const left: string[] = []
  const kept: Record<string, unknown> = {}
  const addresses: { email?: string | null; phone?: string | null } = {}

  for (const [name, value] of [...placeOf(traits['address']), ...Object.entries(traits).map(renamed)]) {
    if (name === 'email' || name === 'phone') {
      const address = value === null || value === '' ? null : readAddress(name, value)
      if (address === undefined) left.push(`${name} is not a valid ${name === 'email' ? 'address' : 'number'}`)
      else addresses[name] = address
      continue
    }
    const wrong = value === null ? undefined : whatIsWrong(name, value, schemas)
    if (wrong === undefined) kept[name] = value
    else left.push(wrong)
  }
  return { ...addresses, traits: kept, left }
}

/**
 * Writes the change. Consent belongs to a person at an address: when a channel's address becomes another one, or is learned only
 * after the consent, what was granted for that channel ends, and only a new, evidenced consent brings it back. Otherwise whoever
 * holds the public write key could point somebody's consent at anybody's phone or mailbox.
 */
export async function changeProfile(
  statements: Statements,
  contact: Contact,
  change: ProfileChange,
  at: number,
): Promise<Contact> {
  const changed: Contact = {
    ...contact,
    email: change.email === undefined ? contact.email : change.email,
    phone: change.phone === undefined ? contact.phone : change.phone,
    traits: mergeTraits(contact.traits, change.traits),
  }
  await statements.query('update contact set email = $2, phone = $3, traits = $4, updated_at = $5 where id = $1', [
    contact.id,
    changed.email,
    changed.phone,
    JSON.stringify(changed.traits),
    at,
  ])
  if (changed.email !== contact.email) await endConsents(statements, contact.id, 'email', at)
  if (changed.phone !== contact.phone) await endConsents(statements, contact.id, 'sms', at)
  return changed
}

/** The trait that holds the zone of the device that was last seen. Only {@link noteDevice} writes it. */
const DEVICE_ZONE = 'device_timezone'

/**
 * Keeps the zone of the device that a call came from: somebody who travels is texted in no hour that is night there or at home. It only
 * ever narrows the hours, so it is taken from a public key as well. A zone that nobody knows is left out.
 */
export async function noteDevice(
  statements: Statements,
  contact: Contact,
  timezone: string | undefined,
  at: number,
): Promise<Contact> {
  const zone = timezone === undefined ? undefined : canonicalZone(timezone)
  if (zone === undefined || contact.traits[DEVICE_ZONE] === zone) return contact
  const noted = { ...contact, traits: { ...contact.traits, [DEVICE_ZONE]: zone } }
  await statements.query('update contact set traits = $2, updated_at = $3 where id = $1', [
    contact.id,
    JSON.stringify(noted.traits),
    at,
  ])
  return noted
}

async function endConsents(statements: Statements, contactId: string, channel: Channel, at: number): Promise<void> {
  const granted = await statements.query<{ purpose: string }>(
    "select purpose from consent where contact_id = $1 and channel = $2 and state = 'granted' order by purpose",
    [contactId, channel],
  )
  for (const { purpose } of granted) {
    const proof = { reason: channel === 'sms' ? 'the number changed' : 'the email address changed' }
    const said = { contactId, channel, purpose, state: 'revoked', source: 'identify', proof } as const
    await recordConsent(statements, { ...said, at, recordedAt: at })
  }
}

function renamed([name, value]: [string, unknown]): [string, unknown] {
  return [RESERVED[name] ?? name, value]
}

function placeOf(address: unknown): [string, unknown][] {
  if (typeof address !== 'object' || address === null) return []
  return Object.entries(address).flatMap(([name, value]): [string, unknown][] => {
    const trait = PLACE[name]
    return trait === undefined ? [] : [[trait, value]]
  })
}

function readAddress(name: 'email' | 'phone', value: unknown): string | undefined {
  return typeof value === 'string' ? normalizeAddress(name === 'email' ? 'email' : 'sms', value) : undefined
}

function whatIsWrong(name: string, value: unknown, schemas: EventSchemas): string | undefined {
  if (name === DEVICE_ZONE) return 'device_timezone is written from context.timezone and not from traits'
  if (name === 'timezone' && !isTimeZone(value)) return 'timezone is not an IANA zone such as America/New_York'
  return schemas.checkTrait(name, value)
}

/** A zone that nobody knows would silently widen the hours in which a person may be texted. */
function isTimeZone(value: unknown): boolean {
  if (typeof value !== 'string') return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function mergeTraits(
  before: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null))
}
