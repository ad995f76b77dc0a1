import type { Statements } from '../core/database.ts'
import { hashesOfPerson, type Person } from './person.ts'

/**
 * Tables that speak of a person without a foreign key to them, or also of what no foreign key leads to: by the address's hash, by the
 * address itself, by an opaque id in a text.
 */
export interface Mention {
  /** SQL condition on the alias `t`; `$1` is the value. */
  readonly where: string
  readonly value: readonly (string | number)[]
}

export const MENTIONING: Readonly<Record<string, (person: Person) => Mention>> = {
  suppression: (person) => ({ where: 't.address_hash = any($1::text[])', value: hashesOfPerson(person) }),
  audit: (person) => ({ where: 't.subject = any($1::text[])', value: person.ids }),
  service_message: (person) => ({
    where: '(t.address_hash = any($1::text[]) or t.address = any($1::text[]))',
    value: [...hashesOfPerson(person), ...person.addresses.map(({ address }) => address)],
  }),
  inbound_message: (person) => ({ where: 't.address_hash = any($1::text[])', value: hashesOfPerson(person) }),
  opt_in_request: (person) => ({ where: 't.address_hash = any($1::text[])', value: hashesOfPerson(person) }),
}

/** Tables that can never speak of a person, and why. */
export const IMPERSONAL: Readonly<Record<string, string>> = {
  content: 'compiled templates, the same for everybody',
  journey_version: 'compiled journeys, the same for everybody',
  deployment: 'which version is live',
  workspace: 'purposes, policies, senders',
  kill_switch: 'what is paused, and why',
  consent_audit: 'weekly reports: counts, and findings by opaque ids',
  feedback_key: "carriers' own ids of callbacks that were seen before",
  sender_pace: 'the queues in front of our own numbers',
  api_key: "keys of the API: hashes and their owners' names for them",
  migration: 'which migrations were applied',
}

interface Rejected {
  readonly id: number
  readonly payload: string
}

/**
 * Rejected calls and webhooks that speak of the person. They belong to nobody, because what was rejected was not understood: they are
 * searched for the person's ids, as whole values, and for the person's addresses in every spelling a payload has them in.
 */
export async function mentioningRejections(statements: Statements, person: Person): Promise<readonly number[]> {
  const spellings = person.addresses.flatMap(({ address }) => spellingsOf(address))
  const ids = idsOf(person)
  const needles = [...new Set([...spellings, ...ids])]
  if (needles.length === 0) return []
  const rows = await statements.query<Rejected>(
    `select t.id, t.payload from rejection t
      where exists (select 1 from unnest($1::text[]) as needle (text) where position(needle.text in lower(t.payload)) > 0)
      order by t.id`,
    [needles.map((needle) => needle.toLowerCase())],
  )
  return rows.filter(({ payload }) => mentions(payload, spellings, ids)).map(({ id }) => id)
}

export function idsOf({ contacts }: Person): readonly string[] {
  return contacts.flatMap(({ external_id, anonymous_id }) => [external_id, anonymous_id].flatMap((id) => id ?? []))
}

/** An address is found inside any text; an id only as a whole value, or `1` would be in everybody's payload. */
function mentions(payload: string, spellings: readonly string[], ids: readonly string[]): boolean {
  const text = payload.toLowerCase()
  if (spellings.some((spelling) => text.includes(spelling.toLowerCase()))) return true
  if (ids.length === 0) return false
  const parsed = parse(payload)
  if (parsed !== undefined) return names(parsed, new Set(ids))
  return ids.some((id) => payload.includes(`Id":${JSON.stringify(id)}`))
}

/** As it is, form-encoded, JSON-escaped; numbers also without their plus, as some carriers write them. */
function spellingsOf(address: string): readonly string[] {
  const plain = address.startsWith('+') ? [address, address.slice(1)] : [address]
  return [...new Set(plain.flatMap((one) => [one, encodeURIComponent(one), JSON.stringify(one).slice(1, -1)]))]
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload) as unknown
  } catch {
    return undefined
  }
}

/** Whether any `userId`, `anonymousId` or `previousId` in the value is one of the person's. */
function names(value: unknown, ids: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) =>
    typeof inner === 'string' ? /id$/i.test(key) && ids.has(inner) : names(inner, ids),
  )
}
