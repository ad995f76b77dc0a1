import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { exportPerson, type PersonExport } from '../../src/rights/export.ts'
import { IMPERSONAL, MENTIONING } from '../../src/rights/mentions.ts'
import { readPerson } from '../../src/rights/person.ts'
import { reachFromContact } from '../../src/rights/reach.ts'
import { KEYS, NOON, Scene, STORES } from '../gate/scene.ts'
import { everyRow, liveThrough, type Lived, tracesIn } from './person.ts'

describe.each(STORES)('the export of a person on $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  let lived: Lived
  let bundle: PersonExport

  beforeAll(async () => {
    ;({ database, close } = await open())
    lived = await liveThrough(database)
    await new Scene(database).contact({ email: 'somebody.else@example.com' })
    bundle = await exported(lived.contact)
  })
  afterAll(() => close())

  async function exported(id: string): Promise<PersonExport> {
    const person = await readPerson(database, KEYS, id)
    if (person === undefined) throw new Error('the person is not in the store')
    return exportPerson(database, person, NOON)
  }

  it('searches every table of the store, or says why the table can speak of nobody', async () => {
    const tables = await database.query<{ name: string }>(
      `select table_name as name from information_schema.tables
        where table_schema = current_schema() and table_type = 'BASE TABLE' order by table_name`,
    )
    const accounted = new Set([...Object.keys(bundle.tables), ...Object.keys(IMPERSONAL)])
    expect(tables.map(({ name }) => name).filter((name) => !accounted.has(name))).toEqual([])
    expect(Object.keys(IMPERSONAL).filter((name) => !tables.some((table) => table.name === name))).toEqual([])
  })

  it('leaves out no table that has a column which can name a person', async () => {
    const columns = await database.query<{ name: string; column: string }>(
      `select table_name as name, column_name as column from information_schema.columns
        where table_schema = current_schema()
          and (column_name in ('contact_id', 'enrollment_id', 'send_id', 'address_hash', 'address', 'email', 'phone', 'token', 'trigger',
                               'traits', 'payload', 'properties', 'proof', 'facts', 'inbound_id', 'ip', 'recipient')
               or column_name like '%contact%' or column_name like '%address%')
        order by 1, 2`,
    )
    expect(columns.length).toBeGreaterThan(20)
    expect(columns.filter(({ name }) => !(name in bundle.tables))).toEqual([])
  })

  it('reaches tables through others, and some that have no foreign key to people at all', async () => {
    const reached = (await reachFromContact(database)).map(({ table }) => table)
    expect(reached).toEqual(
      expect.arrayContaining(['enrollment', 'send', 'decision', 'feedback', 'link', 'click', 'outbox']),
    )
    expect(Object.keys(MENTIONING)).toEqual(expect.arrayContaining(['suppression', 'audit']))
    for (const table of [
      'contact',
      'consent_event',
      'suppression',
      'event',
      'enrollment',
      'send',
      'decision',
      'feedback',
    ]) {
      expect(bundle.tables[table]?.length, table).toBeGreaterThan(0)
    }
    for (const table of [
      'link',
      'click',
      'inbound_message',
      'service_message',
      'offer_code',
      'assignment',
      'rejection',
    ]) {
      expect(bundle.tables[table]?.length, table).toBeGreaterThan(0)
    }
  })

  it('holds every trace of the person that is anywhere in the store', async () => {
    const rows = tracesIn(await everyRow(database)).map((line) => line.split(':')[0] ?? '')
    expect(new Set(rows).size).toBeGreaterThanOrEqual(8)
    for (const table of new Set(rows)) {
      const text = (bundle.tables[table] ?? []).map((row) => ({ table, text: JSON.stringify(row) }))
      expect(new Set(tracesIn(text)).size, table).toBeGreaterThan(0)
    }
  })

  it('says nothing about anybody else, and is one JSON document', async () => {
    const text = JSON.stringify(bundle)
    expect(text).not.toContain('somebody.else')
    expect(JSON.parse(text)).toEqual(bundle)
    expect(bundle).toMatchObject({
      format: '1.0',
      contact: lived.contact,
      merged: [],
      exportedAt: '2026-07-15T16:00:00.000Z',
    })
  })
})
