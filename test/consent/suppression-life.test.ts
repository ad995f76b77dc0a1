import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRoleMailbox } from '../../src/consent/role-mailbox.ts'
import { endExpiredSuppressions, noteSoftBounce, SOFT_BOUNCES } from '../../src/consent/soft-bounce.ts'
import {
  exportSuppressions,
  importSuppressions,
  type ListLine,
  rotateSuppressions,
} from '../../src/consent/suppression-list.ts'
import { liftByOperator, suppress, suppressionsOf, type SuppressionReason } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { KEYS, STORES } from '../gate/scene.ts'

const DAY = 86_400_000
const NEWER = { current: KEYS.current + 1, keys: { ...KEYS.keys, [KEYS.current + 1]: 'a-newer-secret-of-addresses' } }

describe.each(STORES)('on $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  let people = 0
  beforeAll(async () => {
    const opened = await open()
    database = opened.database
    close = opened.close
  })
  afterAll(() => close())

  const newAddress = (): string => `resting-${people++}@example.com`
  const blocks = (address: string, keys = KEYS) => suppressionsOf(database, keys, 'email', address)
  const block = (address: string, reason: SuppressionReason, at = 100, keys = KEYS) =>
    database.transaction((statements) =>
      suppress(statements, { keys, channel: 'email', address, reason, source: 'test', at }),
    )
  const person = async (email: string): Promise<string> => {
    const id = randomUUID()
    await database.query('insert into contact (id, email, created_at, updated_at) values ($1, $2, 0, 0)', [id, email])
    return id
  }
  const fails = (address: string, at: number) =>
    database.transaction((statements) =>
      noteSoftBounce(statements, { keys: KEYS, channel: 'email', address, sendId: randomUUID(), provider: 'test', at }),
    )

  test('an address that failed for the first time does not rest', async () => {
    const address = newAddress()
    expect(await fails(address, 10 * DAY)).toBe(false)
    expect(await blocks(address)).toEqual([])
  })

  test('a block of soft bounces ends by itself when its time is over, and not before', async () => {
    const address = newAddress()
    const expiresAt = 10 * DAY + SOFT_BOUNCES.restMs
    const about = { keys: KEYS, channel: 'email', address, source: 'test', at: 10 * DAY } as const
    await database.transaction((statements) => suppress(statements, { ...about, reason: 'soft_bounce', expiresAt }))
    await endExpiredSuppressions(database, expiresAt - 1)
    expect(await blocks(address)).toEqual(['soft_bounce'])
    expect(await endExpiredSuppressions(database, expiresAt)).toBeGreaterThan(0)
    expect(await blocks(address)).toEqual([])
  })

  test('no other block may be given an end', async () => {
    const about = { keys: KEYS, channel: 'email', address: newAddress(), source: 'test', at: 1 } as const
    for (const reason of ['stop', 'complaint', 'bounce', 'manual'] as const) {
      const block = database.transaction((statements) => suppress(statements, { ...about, reason, expiresAt: 2 }))
      await expect(block).rejects.toThrow('does not expire')
    }
  })

  test('an operator ends what a machine or an operator said, and the record says who did', async () => {
    const address = newAddress()
    await block(address, 'bounce')
    const lift = { keys: KEYS, channel: 'email', address, reason: 'bounce', at: 200 } as const
    expect(await database.transaction((statements) => liftByOperator(statements, lift))).toBe(true)
    expect(await blocks(address)).toEqual([])
    const [row] = await database.query<{ lifted_by: string }>(
      'select lifted_by from suppression where lifted_at = 200 limit 1',
    )
    expect(row?.lifted_by).toBe('operator')
  })

  test('a list is taken as a whole however often, and lines without an address are told', async () => {
    const known = newAddress()
    const other = newAddress()
    const rejected: ListLine[] = []
    const list = { keys: KEYS, channel: 'email', reason: 'import', source: 'old-platform', at: 500 } as const
    async function* lines(): AsyncGenerator<ListLine> {
      yield { line: 1, address: known.toUpperCase() }
      yield { line: 2, address: 'not an address' }
      yield { line: 3, address: other }
    }
    for (let time = 0; time < 2; time++) {
      const outcome = await importSuppressions(database, list, lines(), (line) => rejected.push(line))
      expect(outcome).toEqual({ blocked: 2, rejected: 1 })
    }
    expect(rejected.map(({ line }) => line)).toEqual([2, 2])
    expect([await blocks(known), await blocks(other)]).toEqual([['import'], ['import']])
  })

  test('an export names the addresses that contacts have, and no block that was lifted', async () => {
    const [blocked, lifted, unknown] = [newAddress(), newAddress(), newAddress()]
    await Promise.all([blocked, lifted].map(person))
    for (const address of [blocked, lifted, unknown]) await block(address, 'manual')
    const lift = { keys: KEYS, channel: 'email', address: lifted, reason: 'manual', at: 200 } as const
    await database.transaction((statements) => liftByOperator(statements, lift))
    const given = new Set<string>()
    for await (const row of exportSuppressions(database, KEYS, 'email')) given.add(row.address)
    expect([blocked, lifted, unknown].map((address) => given.has(address))).toEqual([true, false, false])
  })

  test('rotating brings known addresses under the new key, and nobody is unblocked meanwhile or after', async () => {
    const [known, twice, unknown] = [newAddress(), newAddress(), newAddress()]
    await Promise.all([known, twice].map(person))
    for (const address of [known, twice, unknown]) await block(address, 'complaint')
    await block(twice, 'complaint', 300, NEWER)
    const { remaining } = await rotateSuppressions(database, NEWER)
    expect(remaining).toBeGreaterThan(0)
    for (const address of [known, twice, unknown]) expect(await blocks(address, NEWER)).toEqual(['complaint'])
    const onlyNew = { current: NEWER.current, keys: { [NEWER.current]: NEWER.keys[NEWER.current] ?? '' } }
    expect([await blocks(known, onlyNew), await blocks(twice, onlyNew)]).toEqual([['complaint'], ['complaint']])
    // Its address is not known to anybody: the old key has to be kept for it.
    expect(await blocks(unknown, onlyNew)).toEqual([])
  })

  test('a block that was lifted under one key and stands under the other stands after rotating', async () => {
    const address = newAddress()
    await person(address)
    await block(address, 'bounce', 100)
    const lift = { keys: KEYS, channel: 'email', address, reason: 'bounce', at: 150 } as const
    await database.transaction((statements) => liftByOperator(statements, lift))
    await block(address, 'bounce', 200, NEWER)
    await rotateSuppressions(database, NEWER)
    expect(await blocks(address, NEWER)).toEqual(['bounce'])
  })
})

test('mailboxes of machines and abuse desks are nobody; those of small firms may be somebody', () => {
  const nobody = ['postmaster@example.com', 'no-reply@example.com', 'abuse+list@example.com']
  const somebody = ['info@example.com', 'sales@example.com', 'robin.root@example.com', 'noreplying@example.com']
  expect(nobody.map(isRoleMailbox)).toEqual([true, true, true])
  expect(somebody.map(isRoleMailbox)).toEqual([false, false, false, false])
})
