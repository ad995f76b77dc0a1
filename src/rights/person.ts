import { type AddressKeys, hashesOf, normalizeAddress } from '../consent/address.ts'
import { type Channel, CHANNELS } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'

/** How somebody names the person that a request is about. */
export type PersonName =
  | { readonly kind: 'id'; readonly value: string }
  /** The id that the shop knows them by. */
  | { readonly kind: 'external'; readonly value: string }
  | { readonly kind: 'email'; readonly value: string }
  | { readonly kind: 'phone'; readonly value: string }

export interface ContactRow {
  readonly id: string
  readonly external_id: string | null
  readonly anonymous_id: string | null
  readonly email: string | null
  readonly phone: string | null
  readonly traits: Readonly<Record<string, unknown>>
  readonly created_at: number
  readonly merged_into: string | null
  readonly erased_at: number | null
}

/** One person: the contact that stands for them, and every contact that was merged into it. */
export interface Person {
  readonly id: string
  /** All of the person's contacts, the surviving one first. */
  readonly ids: readonly string[]
  readonly contact: ContactRow
  readonly contacts: readonly ContactRow[]
  readonly addresses: readonly PersonAddress[]
}

export interface PersonAddress {
  readonly channel: Channel
  readonly address: string
  /** Under every key version, the current one first. */
  readonly hashes: readonly string[]
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The ids of the surviving contacts that a name leads to: none, one, or several where people share an address. Names of merged
 * contacts lead to the survivor.
 */
export async function findPeople(statements: Statements, name: PersonName): Promise<readonly string[]> {
  const looked = lookUp(name)
  if (looked === undefined) return []
  const rows = await statements.query<{ id: string }>(
    `select distinct coalesce(merged_into, id) as id from contact where ${looked.where} order by 1`,
    [looked.value],
  )
  return rows.map(({ id }) => id)
}

function lookUp({ kind, value }: PersonName): { readonly where: string; readonly value: string } | undefined {
  switch (kind) {
    case 'id':
      return UUID.test(value) ? { where: 'id = $1::uuid', value } : undefined
    case 'external':
      return { where: '(external_id = $1 or anonymous_id = $1)', value }
    case 'email': {
      const address = normalizeAddress('email', value)
      return address === undefined ? undefined : { where: 'email = $1', value: address }
    }
    case 'phone': {
      const address = normalizeAddress('sms', value)
      return address === undefined ? undefined : { where: 'phone = $1', value: address }
    }
    default:
      return kind satisfies never
  }
}

/** Locks every contact of the person in the order of their ids, as everybody does; undefined if there is no such contact. */
export async function lockPerson(statements: Statements, keys: AddressKeys, id: string): Promise<Person | undefined> {
  await statements.query('select id from contact where id = $1 or merged_into = $1 order by id for no key update', [id])
  return readPerson(statements, keys, id)
}

export async function readPerson(statements: Statements, keys: AddressKeys, id: string): Promise<Person | undefined> {
  const contacts = await statements.query<ContactRow>(
    `select id, external_id, anonymous_id, email, phone, traits, created_at, merged_into, erased_at
       from contact where id = $1 or merged_into = $1 order by merged_into nulls first, id`,
    [id],
  )
  const contact = contacts.find((row) => row.id === id)
  if (contact === undefined) return undefined
  return { id, ids: contacts.map((row) => row.id), contact, contacts, addresses: addressesOf(contact, keys) }
}

function addressesOf(
  contact: { readonly email: string | null; readonly phone: string | null },
  keys: AddressKeys,
): readonly PersonAddress[] {
  return CHANNELS.flatMap((channel) => {
    const raw = channel === 'email' ? contact.email : contact.phone
    const address = raw === null ? undefined : normalizeAddress(channel, raw)
    return address === undefined ? [] : [{ channel, address, hashes: hashesOf(keys, channel, address) }]
  })
}

/** Hashes of all of the person's addresses under every key version. */
export function hashesOfPerson({ addresses }: Person): readonly string[] {
  return addresses.flatMap(({ hashes }) => hashes)
}
