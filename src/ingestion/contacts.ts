import type { Statements } from '../core/database.ts'

export interface Contact {
  readonly id: string
  readonly external_id: string | null
  readonly anonymous_id: string | null
  readonly email: string | null
  readonly phone: string | null
  readonly traits: Readonly<Record<string, unknown>>
}

/** How a client names a person; at least one of the two. */
export interface Identity {
  readonly userId?: string
  readonly anonymousId?: string
}

/**
 * The contact that a call is about, locked until the transaction ends; made if nobody is known by these ids.
 *
 * The lock puts ingestion and the gate in one order: a goal committed before a gate begins is seen by it, and of many
 * triggers that arrive at once each sees the run that the one before it began. Rows are locked in the order of their ids,
 * so that two calls that name the same two people do not wait for each other.
 */
export async function lockContact(
  statements: Statements,
  identity: Identity,
  made: { readonly id: string; readonly at: number },
): Promise<Contact> {
  const known = await lockKnown(statements, identity)
  const contact = choose(known, identity)
  if (contact !== undefined && !learns(contact, known, identity)) return contact

  // Rare: somebody new, or a new id of somebody. Whoever gives an id to a contact holds the id's lock, so that two calls at
  // once neither make two contacts nor collide on the unique index, which would fail the whole batch.
  await lockIds(statements, identity)
  const now = await lockKnown(statements, identity)
  const chosen = choose(now, identity)
  return chosen === undefined ? insert(statements, now, identity, made) : link(statements, chosen, now, identity)
}

async function lockKnown(statements: Statements, identity: Identity): Promise<readonly Contact[]> {
  const known = await statements.query<KnownContact>(
    `select id, external_id, anonymous_id, email, phone, traits, merged_into
       from contact
      where external_id = $1 or anonymous_id = $2
      order by id
        for no key update`,
    [identity.userId ?? null, identity.anonymousId ?? null],
  )
  return known.some((row) => row.merged_into !== null) ? lockSurvivors(statements, known, identity) : known
}

interface KnownContact extends Contact {
  readonly merged_into: string | null
}

/** Times to follow a merge that is committed while one waits. */
const MERGES_FOLLOWED = 5

/** Rare: an id of a contact that was merged means the survivor, who answers to it as to an id of its own. */
async function lockSurvivors(
  statements: Statements,
  known: readonly KnownContact[],
  identity: Identity,
): Promise<readonly Contact[]> {
  let ids = [...new Set(known.map((row) => row.merged_into ?? row.id))]
  for (let round = 0; round < MERGES_FOLLOWED; round++) {
    const rows = await statements.query<KnownContact>(
      `select id, external_id, anonymous_id, email, phone, traits, merged_into
         from contact where id = any($1::uuid[]) order by id for no key update`,
      [ids],
    )
    if (rows.some((row) => row.merged_into !== null)) {
      ids = [...new Set(rows.map((row) => row.merged_into ?? row.id))]
      continue
    }
    const names = await statements.query<KnownContact>(
      `select id, external_id, anonymous_id, email, phone, traits, merged_into
         from contact where external_id = $1 or anonymous_id = $2`,
      [identity.userId ?? null, identity.anonymousId ?? null],
    )
    return rows.map((row) => {
      const own = names.filter((name) => (name.merged_into ?? name.id) === row.id)
      const userId = own.find((name) => name.external_id === (identity.userId ?? null))?.external_id
      const anonymousId = own.find((name) => name.anonymous_id === (identity.anonymousId ?? null))?.anonymous_id
      return { ...row, external_id: userId ?? row.external_id, anonymous_id: anonymousId ?? row.anonymous_id }
    })
  }
  throw new Error('a contact is merged faster than it can be followed')
}

async function lockIds(statements: Statements, identity: Identity): Promise<void> {
  const names = [`user ${identity.userId ?? ''}`, `anonymous ${identity.anonymousId ?? ''}`]
  await statements.query(
    'select pg_advisory_xact_lock(key) from (select hashtextextended(name, 0) as key from unnest($1::text[]) as n (name) order by 1) as keys',
    [names.filter((name) => !name.endsWith(' '))],
  )
}

async function insert(
  statements: Statements,
  known: readonly Contact[],
  identity: Identity,
  made: { readonly id: string; readonly at: number },
): Promise<Contact> {
  const contact: Contact = {
    id: made.id,
    external_id: identity.userId ?? null,
    anonymous_id: isFree(known, identity) ? (identity.anonymousId ?? null) : null,
    email: null,
    phone: null,
    traits: {},
  }
  await statements.query(
    'insert into contact (id, external_id, anonymous_id, created_at, updated_at) values ($1, $2, $3, $4, $4)',
    [contact.id, contact.external_id, contact.anonymous_id, made.at],
  )
  return contact
}

/** The user's contact before the browser's: an anonymous id may be shared by everybody at one screen. */
function choose(known: readonly Contact[], identity: Identity): Contact | undefined {
  if (identity.userId === undefined) return known[0]
  return (
    known.find((row) => row.external_id === identity.userId) ??
    // Anonymous until now. One that belongs to another user stays theirs.
    known.find((row) => row.external_id === null)
  )
}

/** Whether the call tells an id of the contact that it did not have. */
function learns(contact: Contact, known: readonly Contact[], identity: Identity): boolean {
  const learnsUser = contact.external_id === null && identity.userId !== undefined
  return learnsUser || (contact.anonymous_id === null && identity.anonymousId !== undefined && isFree(known, identity))
}

/** Two known contacts stay two: merging them is a step of its own, never a side effect. */
async function link(
  statements: Statements,
  contact: Contact,
  known: readonly Contact[],
  identity: Identity,
): Promise<Contact> {
  if (!learns(contact, known, identity)) return contact
  const linked: Contact = {
    ...contact,
    external_id: contact.external_id ?? identity.userId ?? null,
    anonymous_id: contact.anonymous_id ?? (isFree(known, identity) ? (identity.anonymousId ?? null) : null),
  }
  // A survivor answers to ids that stand in the rows of merged contacts: what is set is never replaced.
  await statements.query(
    'update contact set external_id = coalesce(external_id, $2), anonymous_id = coalesce(anonymous_id, $3) where id = $1',
    [linked.id, linked.external_id, linked.anonymous_id],
  )
  return linked
}

/** Nobody has this anonymous id yet. */
function isFree(known: readonly Contact[], identity: Identity): boolean {
  return known.every((row) => row.anonymous_id !== identity.anonymousId)
}

/** The facts that conditions may name as `contact.<trait>`: traits and the addresses. */
export function contactFacts(contact: Contact): Readonly<Record<string, unknown>> {
  return {
    ...contact.traits,
    ...(contact.email !== null && { email: contact.email }),
    ...(contact.phone !== null && { phone: contact.phone }),
  }
}
