import type { Statements } from '../core/database.ts'
import { IMPERSONAL, MENTIONING, mentioningRejections } from './mentions.ts'
import type { Person } from './person.ts'
import { orderOf, primaryKeys, quote, reachFromContact } from './reach.ts'

/** Everything that is known about a person, as one machine-readable document. GDPR Art. 15 and 20; CCPA 1798.110. */
export interface PersonExport {
  readonly format: '1.0'
  /** The contact's opaque id, and the ids of contacts that were merged into it. */
  readonly contact: string
  readonly merged: readonly string[]
  /** RFC 3339. All instants within the rows are epoch milliseconds. */
  readonly exportedAt: string
  /** The rows that speak of the person, by table; a table without any is there, and empty. */
  readonly tables: Readonly<Record<string, readonly ExportedRow[]>>
  /** Tables that were not searched, and why they cannot speak of anybody. */
  readonly leftOut: Readonly<Record<string, string>>
}

export type ExportedRow = Readonly<Record<string, unknown>>

/** Read within one transaction whose contact rows are locked, so that nothing is in the middle of a change. */
export async function exportPerson(statements: Statements, person: Person, now: number): Promise<PersonExport> {
  const tables: Record<string, readonly ExportedRow[]> = {}
  const primary = await primaryKeys(statements)
  for (const { table, where, order } of await reachFromContact(statements)) {
    tables[table] = await rowsOf(statements, table, where, person.ids, order)
  }
  for (const [table, mentionOf] of Object.entries(MENTIONING)) {
    if (!primary.has(table)) continue
    const { where, value } = mentionOf(person)
    const further = await rowsOf(statements, table, where, value, orderOf(primary.get(table) ?? []))
    tables[table] = distinct([...(tables[table] ?? []), ...further])
  }
  const rejected = await mentioningRejections(statements, person)
  tables['rejection'] = await rowsOf(statements, 'rejection', 't.id = any($1::bigint[])', rejected, 't.id')
  return {
    format: '1.0',
    contact: person.id,
    merged: person.ids.slice(1),
    exportedAt: new Date(now).toISOString(),
    tables,
    leftOut: IMPERSONAL,
  }
}

async function rowsOf(
  statements: Statements,
  table: string,
  where: string,
  value: readonly (string | number)[],
  order: string,
): Promise<readonly ExportedRow[]> {
  const rows = await statements.query<{ row: ExportedRow }>(
    `select to_jsonb(t) as row from ${quote(table)} t where ${where} order by ${order}`,
    [value],
  )
  return rows.map(({ row }) => row)
}

function distinct(rows: readonly ExportedRow[]): readonly ExportedRow[] {
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]
}
