import { recordAct } from '../administration/audit-trail.ts'
import { lockAddressHashes } from '../consent/address-lock.ts'
import type { AddressKeys } from '../consent/address.ts'
import { type Channel, CHANNELS } from '../core/compiled-journey.ts'
import type { Database, Statements } from '../core/database.ts'
import { joinLedgers } from './join-ledgers.ts'
import { endYoungerRuns } from './merge-runs.ts'
import { type ContactRow, type Person, readPerson } from './person.ts'
import { contactColumns, quote } from './reach.ts'

export interface MergeRequest {
  /** Surviving contacts' ids: see `findPeople`. */
  readonly from: string
  readonly into: string
  readonly actor: string
  /** Virtual epoch milliseconds. */
  readonly at: number
}

export type Merge =
  | {
      readonly kind: 'merged'
      readonly contact: string
      /** Runs that ended because the other contact had the same one. */
      readonly runsEnded: number
      /** Entries that the survivor's ledger got: what the other one had said, and every "no" that a merge must not lose. */
      readonly consents: number
      /** Rows that belong to the survivor now, by table. */
      readonly moved: Readonly<Record<string, number>>
    }
  /** Nothing was changed. */
  | { readonly kind: 'unknown' | 'same' | 'erased' }

/** What is not simply moved to the survivor, and by whom it is seen to. */
export const MERGED_APART: Readonly<Record<string, string>> = {
  consent_event:
    'the ledger is never rewritten: what the merged contact said stays where it was said, and new entries refer to it',
  consent_chain: 'as consent_event',
  consent: 'derived from the ledger',
  assignment: 'one arm for each experiment: the survivor keeps its own',
  contact_preference: 'one row for each contact: the stricter of both',
}

/**
 * Makes two contacts one. The merged one stays as a row without addresses, so that its ids lead to the survivor. Its runs, messages,
 * events and clicks belong to the survivor, so caps and gaps count both histories from the next gate on. Blocks are bound to
 * addresses and stay. The survivor keeps its own addresses and traits, and takes what it lacks.
 *
 * Both contacts are locked in the order of their ids, then their runs, then their addresses. A gate that waits for one of them finds
 * its run with the other contact and begins again.
 */
export async function mergePeople(
  deps: { readonly database: Database; readonly keys: AddressKeys },
  request: MergeRequest,
): Promise<Merge> {
  const { from: fromId, into: intoId, at } = request
  if (fromId === intoId) return { kind: 'same' }
  return deps.database.transaction(async (statements) => {
    await lockBoth(statements, fromId, intoId)
    const from = await readPerson(statements, deps.keys, fromId)
    const into = await readPerson(statements, deps.keys, intoId)
    if (
      from === undefined ||
      into === undefined ||
      from.contact.merged_into !== null ||
      into.contact.merged_into !== null
    ) {
      return { kind: 'unknown' }
    }
    if (from.contact.erased_at !== null || into.contact.erased_at !== null) return { kind: 'erased' }
    await lockAddressHashes(statements, [
      ...new Set([...from.addresses, ...into.addresses].flatMap(({ hashes }) => hashes[0] ?? [])),
    ])
    const runsEnded = await endYoungerRuns(statements, fromId, intoId, at)
    const survivor = await joinProfiles(statements, from.contact, into.contact, at)
    const consents = await joinLedgers(statements, {
      from: fromId,
      into: intoId,
      holds: { from: channelsHeld(from, survivor), into: channelsHeld(into, survivor) },
      at,
    })
    await joinPreferences(statements, fromId, intoId, at)
    await dropDoubleAssignments(statements, fromId, intoId)
    const moved = await moveRows(statements, fromId, intoId)
    await recordAct(statements, {
      actor: request.actor,
      act: 'contact.merge',
      subject: intoId,
      detail: { merged: fromId, runsEnded, consents },
      at,
    })
    return { kind: 'merged', contact: intoId, runsEnded, consents, moved }
  })
}

async function lockBoth(statements: Statements, from: string, into: string): Promise<void> {
  const ids = [[from, into]]
  await statements.query(
    'select id from contact where id = any($1::uuid[]) or merged_into = any($1::uuid[]) order by id for no key update',
    ids,
  )
  await statements.query(
    'select id from enrollment where contact_id = any($1::uuid[]) order by id for no key update',
    ids,
  )
}

type Survivor = Pick<ContactRow, 'email' | 'phone'>

/** The merged contact lets go of what the survivor takes: ids are unique, and an address that stayed would be written to twice. */
async function joinProfiles(statements: Statements, from: ContactRow, into: ContactRow, at: number): Promise<Survivor> {
  await statements.query(
    `update contact set email = null, phone = null, traits = '{}', merged_into = $2, merged_at = $3, updated_at = $3,
            external_id = case when $4::boolean then null else external_id end,
            anonymous_id = case when $5::boolean then null else anonymous_id end
      where id = $1`,
    [from.id, into.id, at, into.external_id === null, into.anonymous_id === null],
  )
  const survivor = { email: into.email ?? from.email, phone: into.phone ?? from.phone }
  await statements.query(
    `update contact set external_id = $2, anonymous_id = $3, email = $4, phone = $5, traits = $6, updated_at = $7,
            created_at = least(created_at, $8)
      where id = $1`,
    [
      into.id,
      into.external_id ?? from.external_id,
      into.anonymous_id ?? from.anonymous_id,
      survivor.email,
      survivor.phone,
      JSON.stringify({ ...from.traits, ...into.traits }),
      at,
      from.created_at,
    ],
  )
  return survivor
}

/** Channels on which the survivor's address is this contact's own. */
function channelsHeld({ contact }: Person, survivor: Survivor): readonly Channel[] {
  return CHANNELS.filter((channel) => {
    const own = addressOn(channel, contact)
    return own !== null && own === addressOn(channel, survivor)
  })
}

function addressOn(channel: Channel, { email, phone }: Survivor): string | null {
  return channel === 'email' ? email : phone
}

/**
 * The longer pause; of two ceilings one that keeps both: the lower number in the longer time. The survivor's language, if it has one.
 */
async function joinPreferences(statements: Statements, from: string, into: string, at: number): Promise<void> {
  await statements.query(
    `insert into contact_preference as mine (contact_id, paused_until_at, cap_count, cap_window_ms, language, updated_at)
     select $2, paused_until_at, cap_count, cap_window_ms, language, $3 from contact_preference where contact_id = $1
     on conflict (contact_id) do update set
       paused_until_at = greatest(mine.paused_until_at, excluded.paused_until_at),
       cap_count = least(mine.cap_count, excluded.cap_count),
       cap_window_ms = greatest(mine.cap_window_ms, excluded.cap_window_ms),
       language = coalesce(mine.language, excluded.language),
       updated_at = excluded.updated_at`,
    [from, into, at],
  )
  await statements.query('delete from contact_preference where contact_id = $1', [from])
}

async function dropDoubleAssignments(statements: Statements, from: string, into: string): Promise<void> {
  await statements.query(
    `delete from assignment mine using assignment other
      where mine.contact_id = $1 and other.contact_id = $2 and other.salt = mine.salt`,
    [from, into],
  )
  await statements.query('update assignment set contact_id = $2 where contact_id = $1', [from, into])
}

/** Every table that points at a contact, found by its foreign keys: what a later release adds moves as well. */
async function moveRows(statements: Statements, from: string, into: string): Promise<Readonly<Record<string, number>>> {
  const moved: Record<string, number> = {}
  for (const { table, column } of await contactColumns(statements)) {
    if (Object.hasOwn(MERGED_APART, table)) continue
    // The merged contact itself points at the survivor already; those merged into it earlier follow.
    const rows = await statements.query(
      `update ${quote(table)} set ${quote(column)} = $2 where ${quote(column)} = $1 returning 1 as one`,
      [from, into],
    )
    if (rows.length > 0) moved[table] = (moved[table] ?? 0) + rows.length
  }
  return moved
}
