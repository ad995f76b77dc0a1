import type { Statements } from '../core/database.ts'

/**
 * Which rows of which tables are about a person, found by following foreign keys from `contact`: enrollment, then its decisions, and
 * so on. So a table that a later release adds is exported without anybody thinking of it; what is about a person and has no foreign
 * key is named in `mentions.ts`, and a test fails when a table is neither.
 */
export interface ReachedTable {
  readonly table: string
  /** SQL condition on the alias `t`; `$1` is the `uuid[]` of the person's contacts. */
  readonly where: string
  /** SQL that puts the rows into the order of their primary key. */
  readonly order: string
}

interface ForeignKey {
  readonly child: string
  readonly parent: string
  readonly columns: readonly string[]
  readonly targets: readonly string[]
}

const FOREIGN_KEYS = `
select child.relname as child, parent.relname as parent,
       (select json_agg(a.attname order by k.place) from unnest(c.conkey) with ordinality as k (number, place)
          join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) as columns,
       (select json_agg(a.attname order by k.place) from unnest(c.confkey) with ordinality as k (number, place)
          join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number) as targets
  from pg_constraint c
  join pg_class child on child.oid = c.conrelid
  join pg_class parent on parent.oid = c.confrelid
 where c.contype = 'f' and child.relnamespace = current_schema()::regnamespace
 order by child.relname, c.conname`

const PRIMARY_KEYS = `
select t.relname as name,
       (select json_agg(a.attname order by k.place) from unnest(c.conkey) with ordinality as k (number, place)
          join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) as columns
  from pg_constraint c join pg_class t on t.oid = c.conrelid
 where c.contype = 'p' and t.relnamespace = current_schema()::regnamespace`

/** Every table that foreign keys lead to from `contact`, nearest first. */
export async function reachFromContact(statements: Statements): Promise<readonly ReachedTable[]> {
  const keys = await statements.query<ForeignKey>(FOREIGN_KEYS)
  const primary = await primaryKeys(statements)
  const where = new Map([['contact', 't.id = any($1::uuid[])']])
  // Level by level: a table's rows are found through tables that are nearer to the contact than itself, so there are no circles.
  for (let level = ['contact']; level.length > 0;) {
    const next = new Map<string, string[]>()
    for (const key of keys) {
      const parent = where.get(key.parent)
      if (parent === undefined || !level.includes(key.parent) || where.has(key.child)) continue
      next.set(key.child, [...(next.get(key.child) ?? []), through(key, parent)])
    }
    for (const [table, conditions] of next) where.set(table, `(${conditions.join(' or ')})`)
    level = [...next.keys()]
  }
  return [...where].map(([table, condition]) => ({ table, where: condition, order: orderOf(primary.get(table) ?? []) }))
}

/** Columns that point at a contact, by table. */
export async function contactColumns(
  statements: Statements,
): Promise<readonly { readonly table: string; readonly column: string }[]> {
  const keys = await statements.query<ForeignKey>(FOREIGN_KEYS)
  return keys
    .filter(({ parent, targets }) => parent === 'contact' && targets.join() === 'id')
    .flatMap(({ child, columns }) => columns.map((column) => ({ table: child, column })))
}

export async function primaryKeys(statements: Statements): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await statements.query<{ name: string; columns: readonly string[] }>(PRIMARY_KEYS)
  return new Map(rows.map(({ name, columns }) => [name, columns]))
}

function through({ parent, columns, targets }: ForeignKey, condition: string): string {
  if (parent === 'contact') return `t.${quote(columns[0] ?? '')} = any($1::uuid[])`
  const own = columns.map((column) => `t.${quote(column)}`).join(', ')
  const theirs = targets.map((column) => `t.${quote(column)}`).join(', ')
  // The inner `t` is the parent's: each subquery has a scope of its own.
  return `(${own}) in (select ${theirs} from ${quote(parent)} t where ${condition})`
}

export function orderOf(columns: readonly string[]): string {
  return columns.length === 0 ? '1' : columns.map((column) => `t.${quote(column)}`).join(', ')
}

/** Names come from the catalogue of this database, never from a request. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
