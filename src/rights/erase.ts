import { recordAct } from '../administration/audit-trail.ts'
import { lockAddressHashes } from '../consent/address-lock.ts'
import type { AddressKeys } from '../consent/address.ts'
import type { Database, Statements } from '../core/database.ts'
import { writeOutbox } from '../engine/outbox.ts'
import { ERASURE_RULES, type ErasureRule } from './erasure-rules.ts'
import { type ErasesAt, writeErasureTasks } from './erasure-tasks.ts'
import { eraseLedger } from './erase-ledger.ts'
import { idsOf, MENTIONING, mentioningRejections } from './mentions.ts'
import { lockPerson, type Person } from './person.ts'
import { primaryKeys, quote, reachFromContact } from './reach.ts'

export interface EraseDeps {
  readonly database: Database
  readonly keys: AddressKeys
  /** What each configured provider can remove; see `MessageProvider.erases`. */
  readonly erases: ErasesAt
}

export interface EraseRequest {
  /** The surviving contact's id: see `findPeople`. */
  readonly id: string
  /** For the audit trail. */
  readonly actor: string
  /** Virtual epoch milliseconds. */
  readonly at: number
  /** Real epoch milliseconds: carriers know nothing of a virtual clock. */
  readonly realNow: number
}

export interface Erased {
  readonly contact: string
  /** Runs that were alive and have ended. */
  readonly runsEnded: number
  /** Rows that were changed or deleted, by table; tables without any are left out. */
  readonly rows: Readonly<Record<string, number>>
  /** What carriers are asked to remove, now or soon. */
  readonly tasks: number
}

/**
 * Removes what is known about a person, in one transaction: all of it, or nothing. GDPR Art. 17, CCPA 1798.105. Doing it again is
 * harmless and removes what has come since.
 *
 * Stays: the keyed hash of a suppressed address, a "no" to everything (which becomes one), what was done and when with ids that name
 * nobody. The contact's row is locked first, so no gate is between its check and its reservation; its runs end here, so nothing that
 * is reserved can be claimed. A call that has begun is left to finish: its outcome is recorded by the send's id, and what the carrier
 * keeps of it is removed as soon as the carrier's id is known.
 *
 * Undefined if there is no such contact.
 */
export async function erasePerson(deps: EraseDeps, request: EraseRequest): Promise<Erased | undefined> {
  return deps.database.transaction(async (statements) => {
    await lockSharers(statements, request.id)
    const person = await lockPerson(statements, deps.keys, request.id)
    if (person === undefined) return undefined
    const runsEnded = await endRuns(statements, person, request.at)
    await lockAddressHashes(
      statements,
      person.addresses.flatMap(({ hashes }) => hashes[0] ?? []),
    )
    const tasks = await writeErasureTasks(statements, person, deps.erases, request.realNow)
    const rows: Record<string, number> = {}
    const count = (table: string, number: number): void => {
      if (number > 0) rows[table] = (rows[table] ?? 0) + number
    }
    // What is found by address or by id goes first: after the contact itself nobody could find it.
    count('rejection', await eraseRejections(statements, person))
    count('event', await replaceTellingIds(statements, person, 'event', 'message_id'))
    count('enrollment', await replaceTellingIds(statements, person, 'enrollment', 'trigger_message_id'))
    await eraseLedger(statements, deps.keys, person, request)
    for (const [table, number] of await applyRules(statements, person, request.at)) count(table, number)
    await recordAct(statements, {
      actor: request.actor,
      act: 'contact.erase',
      subject: person.id,
      detail: { runsEnded, tasks, again: person.contact.erased_at !== null },
      at: request.at,
    })
    return { contact: person.id, runsEnded, rows, tasks }
  })
}

/** The person and everybody with one of their addresses, in one order and before any address: a block may be left of them. */
async function lockSharers(statements: Statements, id: string): Promise<void> {
  await statements.query(
    `select id from contact
      where id = $1 or merged_into = $1 or email = (select email from contact where id = $1)
         or phone = (select phone from contact where id = $1) order by id for no key update`,
    [id],
  )
}

async function endRuns(statements: Statements, person: Person, at: number): Promise<number> {
  const ended = await statements.query<{ id: string }>(
    `update enrollment set state = 'ended', outcome = 'exited', end_reason = 'erasure', ended_at = $2
      where contact_id = any($1::uuid[]) and state = 'active' returning id`,
    [person.ids, at],
  )
  for (const { id } of ended) await writeOutbox(statements, id, { kind: 'signal', event: { kind: 'exit', at } }, at)
  return ended.length
}

async function eraseRejections(statements: Statements, person: Person): Promise<number> {
  const ids = await mentioningRejections(statements, person)
  const rows = await statements.query(
    `update rejection set payload = '', detail = 'erased' where id = any($1::bigint[]) returning id`,
    [ids],
  )
  return rows.length
}

/** A client's message id is random as a rule; one that holds an address, an id or a name is replaced. */
async function replaceTellingIds(
  statements: Statements,
  person: Person,
  table: 'event' | 'enrollment',
  column: 'message_id' | 'trigger_message_id',
): Promise<number> {
  const rows = await statements.query(
    `update ${table} t set ${column} = 'erased:' || t.id
      where t.contact_id = any($1::uuid[])
        and exists (select 1 from unnest($2::text[]) as needle (text) where position(needle.text in lower(t.${column})) > 0)
      returning t.id`,
    [person.ids, tellingParts(person)],
  )
  return rows.length
}

const SHORTEST_PART = 3

/** Lower-case texts that give the person away wherever they stand: ids, addresses, numbers, and what the traits say in words. */
function tellingParts(person: Person): readonly string[] {
  const words = person.contacts.flatMap(({ traits }) =>
    Object.values(traits).filter((value): value is string => typeof value === 'string'),
  )
  const addresses = person.addresses.map(({ address }) => address.replace('+', ''))
  return [...new Set([...idsOf(person), ...addresses, ...words].map((part) => part.toLowerCase()))].filter(
    (part) => part.length >= SHORTEST_PART,
  )
}

async function applyRules(statements: Statements, person: Person, at: number): Promise<readonly [string, number][]> {
  const done: [string, number][] = []
  const primary = await primaryKeys(statements)
  const reached = await reachFromContact(statements)
  // The furthest first: the rows of a table are found through nearer ones.
  for (const { table, where } of reached.toReversed()) {
    done.push([table, await applyRule(statements, table, ruleOf(table), where, person.ids, at)])
  }
  for (const [table, mentionOf] of Object.entries(MENTIONING)) {
    if (!primary.has(table)) continue
    const { where, value } = mentionOf(person)
    done.push([table, await applyRule(statements, table, ruleOf(table), where, value, at)])
  }
  return done
}

/** A table that nobody has thought about stops the erasure: half of one that says it was whole would be a lie. */
function ruleOf(table: string): ErasureRule {
  const rule = ERASURE_RULES[table]
  if (rule === undefined) throw new Error(`there is no rule how to erase a person from the table ${table}`)
  return rule
}

async function applyRule(
  statements: Statements,
  table: string,
  rule: ErasureRule,
  where: string,
  value: readonly (string | number)[],
  at: number,
): Promise<number> {
  switch (rule.kind) {
    case 'keep':
    case 'own':
      return 0
    case 'delete':
      return counted(statements, `delete from ${quote(table)} t where ${where} returning 1 as one`, [value])
    case 'clear': {
      const set = Object.entries(rule.set).map(([column, expression]) => `${quote(column)} = ${expression}`)
      const parameters = set.some((part) => part.includes('$2')) ? [value, at] : [value]
      const text = `update ${quote(table)} t set ${set.join(', ')} where ${where} returning 1 as one`
      return counted(statements, text, parameters)
    }
    default:
      return rule satisfies never
  }
}

async function counted(statements: Statements, text: string, parameters: readonly unknown[]): Promise<number> {
  return (await statements.query(text, parameters)).length
}
