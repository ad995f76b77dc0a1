import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitmentOf, entryHash, GENESIS, standingOf } from '../../src/consent/chain.ts'
import type { ConsentStatement, ConsentWord } from '../../src/consent/ledger.ts'
import { readLedgerOf, verifyLedger } from '../../src/consent/verify-ledger.ts'
import type { Database } from '../../src/core/database.ts'
import { DAY, NOON, Scene, STORES } from '../gate/scene.ts'
import { behindItsBack, entriesOf, say } from './ledger-scene.ts'

describe.each(STORES)('the ledger on $store', ({ store, open }) => {
  let database: Database
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    database = opened.database
    close = opened.close
  })
  afterAll(() => close())

  const person = () => new Scene(database).contact({ grants: [] })
  const faults = async (contactId: string) =>
    (await readLedgerOf(database, contactId)).problems.map(({ fault, seq }) => `${fault} ${seq}`)

  test('links every entry to the one before it, and a chain of its own for each channel and purpose', async () => {
    const contactId = await person()
    await say(database, contactId, { state: 'requested' })
    await say(database, contactId, { at: NOON + 1 })
    await say(database, contactId, { channel: 'email', purpose: '*', state: 'revoked', proof: {} })
    const entries = await entriesOf(database, contactId)
    const [first, second, other] = entries
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 1])
    expect(first?.prevHash).toBe(GENESIS)
    expect(second?.prevHash).toBe(first?.hash)
    expect(other?.prevHash).toBe(GENESIS)
    for (const entry of entries) expect(entryHash(entry)).toBe(entry.hash)
    expect(await faults(contactId)).toEqual([])
  })

  test('commits to the address and the proof as they were, whatever characters are in them', async () => {
    const contactId = await person()
    const words = fc.record({
      proof: fc.dictionary(
        fc.string({ unit: 'grapheme', maxLength: 12 }),
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.integer(),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
        ),
      ),
      purpose: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0')),
    })
    await fc.assert(
      fc.asyncProperty(words, async ({ proof, purpose }) => {
        fc.pre(!JSON.stringify(proof).includes(String.raw`\u0000`))
        await say(database, contactId, { proof, purpose })
        const entry = (await entriesOf(database, contactId)).at(-1)
        expect(entry?.salt).toMatch(/^[0-9a-f]{32}$/)
        expect(entry?.address).toMatch(/^\+1212555/)
        expect(commitmentOf(entry?.salt ?? '', entry?.address ?? null, entry?.proof ?? '')).toBe(entry?.commitment)
        expect(JSON.parse(entry?.proof ?? '')).toEqual(JSON.parse(JSON.stringify(proof)))
      }),
      { numRuns: 40 },
    )
    expect(await faults(contactId)).toEqual([])
  })

  test('refuses to change or remove an entry, or to touch evidence but to remove it whole', async () => {
    const contactId = await person()
    await say(database, contactId)
    const refused = [
      `update consent_event set state = 'revoked'`,
      `update consent_event set at = at - 1`,
      `update consent_event set proof = '{}'`,
      `update consent_event set proof = null`,
      `update consent_event set removed_at = 1, removed_for = 'erasure'`,
      `update consent_event set proof = null, address = null, salt = null, removed_at = 1`,
      `update consent_event set proof = null, address = null, salt = null, removed_at = 1, removed_for = 'erasure', at = 1`,
      'delete from consent_event',
    ]
    for (const sql of refused) {
      await expect(database.query(`${sql} where contact_id = $1`, [contactId])).rejects.toThrow(/append-only/)
    }
    await database.query(
      `update consent_event set proof = null, address = null, salt = null, removed_at = 1, removed_for = 'erasure' where contact_id = $1`,
      [contactId],
    )
    await expect(
      database.query('update consent_event set removed_at = 2 where contact_id = $1', [contactId]),
    ).rejects.toThrow(/append-only/)
    await expect(
      database.query(`update consent_event set address_hash = 'forged' where contact_id = $1`, [contactId]),
    ).rejects.toThrow(/append-only/)
    expect(await faults(contactId)).toEqual([])
  })

  test('keeps one chain when twenty append at once', async () => {
    const contactId = await person()
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        say(database, contactId, { at: NOON + index, state: index % 2 === 0 ? 'granted' : 'revoked' }),
      ),
    )
    const entries = await entriesOf(database, contactId)
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(await faults(contactId)).toEqual([])
  })

  test('an import of old consents never brings back a person who has said no', async () => {
    const contactId = await person()
    await say(database, contactId, { at: NOON })
    await say(database, contactId, { at: NOON + DAY, recordedAt: NOON + DAY, state: 'revoked', source: 'keyword' })
    for (let day = 1; day <= 5; day++) {
      await say(database, contactId, { at: NOON + DAY - day, recordedAt: NOON + 9 * DAY, source: 'import' })
    }
    expect(await database.query('select state, at from consent where contact_id = $1', [contactId])).toEqual([
      { state: 'revoked', at: NOON + DAY },
    ])
  })

  test('a request for confirmation is on the record and changes nothing about what holds', async () => {
    const contactId = await person()
    await say(database, contactId, { state: 'requested' })
    expect(await database.query('select 1 as one from consent where contact_id = $1', [contactId])).toEqual([])
    await say(database, contactId, { state: 'revoked', at: NOON + 1 })
    await say(database, contactId, { state: 'requested', at: NOON + 2 })
    expect(await database.query('select state from consent where contact_id = $1', [contactId])).toEqual([
      { state: 'revoked' },
    ])
    expect(await faults(contactId)).toEqual([])
  })

  const said = fc.array(
    fc.record({
      state: fc.constantFrom<ConsentWord>('granted', 'revoked', 'requested'),
      at: fc.integer({ min: NOON, max: NOON + 4 }),
      expiresAt: fc.option(fc.integer({ min: NOON + 5, max: NOON + 8 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 7 },
  )

  test('what holds depends on what was said, never on the order in which it became known', async () => {
    await fc.assert(
      fc.asyncProperty(
        said.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        async ([one, other]) => {
          const held = await Promise.all(
            [one, other].map(async (statements) => {
              const contactId = await person()
              for (const change of statements) await say(database, contactId, change)
              const [row] = await database.query<{
                state: 'granted' | 'revoked'
                at: number
                expiresAt: number | null
              }>('select state, at, expires_at as "expiresAt" from consent where contact_id = $1', [contactId])
              expect(standingOf(await entriesOf(database, contactId))).toEqual(row ?? null)
              return row
            }),
          )
          expect(held[0]).toEqual(held[1])
        },
      ),
      { numRuns: store === 'PGlite' ? 40 : 15 },
    )
  })

  const TAMPERING = [
    `state = case state when 'granted' then 'revoked' else 'granted' end, expires_at = null`,
    `source = 'operator'`,
    'at = at - 1',
    'recorded_at = recorded_at - 1',
    `expires_at = case state when 'granted' then coalesce(expires_at, 0) + 5 end, at = case state when 'granted' then at else at + 1 end`,
    `proof = '{"wording":"something else"}'`,
    `address = '+12125550100'`,
    `salt = repeat('0', 32)`,
    `commitment = repeat('a', 64)`,
    `hash = repeat('b', 64)`,
    `prev_hash = repeat('c', 64)`,
    'seq = seq + 100',
    'proof = null, address = null, salt = null',
    `purpose = 'somebody-else'`,
    `channel = 'email'`,
  ]
  const tampering = fc.oneof(
    fc.record({ kind: fc.constant('field' as const), set: fc.constantFrom(...TAMPERING) }),
    fc.record({
      kind: fc.constantFrom(
        'delete' as const,
        'swap' as const,
        'truncate' as const,
        'rewind' as const,
        'standing' as const,
      ),
    }),
  )

  test('any tampering with any entry is found, and nothing is found where nobody tampered', async () => {
    await fc.assert(
      fc.asyncProperty(said, tampering, fc.nat(), fc.boolean(), async (statements, attack, pick, coverUp) => {
        const contactId = await person()
        const changes: Partial<ConsentStatement>[] = [...statements, { state: 'granted' }]
        for (const change of changes) await say(database, contactId, change)
        expect(await faults(contactId)).toEqual([])

        const entries = await entriesOf(database, contactId)
        const victim = entries[pick % entries.length]?.id
        const last = entries.at(-1)?.id
        switch (attack.kind) {
          case 'field':
            await behindItsBack(database, `update consent_event set ${attack.set} where id = $1`, [victim])
            break
          case 'delete':
          case 'truncate':
            await forget(contactId, attack.kind === 'delete' ? victim : last)
            break
          case 'swap':
            await swap(entries[0]?.id, entries[1]?.id)
            break
          case 'rewind':
            await database.query('update consent_chain set seq = seq - 1, hash = $2 where contact_id = $1', [
              contactId,
              GENESIS,
            ])
            break
          case 'standing':
            await database.query('update consent set at = at + 1 where contact_id = $1', [contactId])
            break
          default:
            attack satisfies never
        }
        // Whoever changes an entry may make its own hash fit; the one after it, or the head, still gives it away.
        if (coverUp && 'set' in attack && !attack.set.startsWith('hash')) await refit(victim)
        expect(await faults(contactId)).not.toEqual([])
      }),
      { numRuns: store === 'PGlite' ? 120 : 30 },
    )
  })

  async function forget(contactId: string, id: number | undefined): Promise<void> {
    // The foreign key is no guard: the standing is made to point at another entry, or goes as well.
    await behindItsBack(
      database,
      `with moved as (
         update consent set event_id = (select min(e.id) from consent_event e where e.contact_id = $2 and e.id <> $1)
          where contact_id = $2 and event_id = $1)
       select 1`,
      [id, contactId],
    )
    await behindItsBack(database, 'delete from consent_event where id = $1', [id])
  }

  async function swap(a: number | undefined, b: number | undefined): Promise<void> {
    await behindItsBack(database, 'update consent_event set seq = -seq where id in ($1, $2)', [a, b])
    await behindItsBack(
      database,
      `update consent_event e set seq = -other.seq from consent_event other
        where (e.id = $1 and other.id = $2) or (e.id = $2 and other.id = $1)`,
      [a, b],
    )
  }

  async function refit(id: number | undefined): Promise<void> {
    const [entry] = await database.query<{ contactId: string }>(
      'select contact_id as "contactId" from consent_event where id = $1',
      [id],
    )
    const changed = (await entriesOf(database, entry?.contactId ?? '')).find((one) => one.id === id)
    if (changed === undefined) return
    await behindItsBack(database, 'update consent_event set hash = $2 where id = $1', [id, entryHash(changed)])
  }

  test('the whole ledger is checked page by page, and a chain that a page cuts is checked as one', async () => {
    const contactId = await person()
    for (let at = 0; at < 9; at++) await say(database, contactId, { at: NOON + at })
    const bystander = await person()
    await say(database, bystander)
    const before = await verifyLedger(database, { page: 4 })
    const inOne = await verifyLedger(database)
    expect(before).toEqual(inOne)
    const mine = (list: typeof before) => list.problems.filter((problem) => problem.contactId === contactId)
    expect(mine(before)).toEqual([])
    await behindItsBack(database, 'update consent_event set at = at + 1 where contact_id = $1 and seq = 7', [contactId])
    const after = await verifyLedger(database, { page: 4 })
    expect(mine(after).map(({ fault, seq }) => `${fault} ${seq}`)).toContain('changed 7')
    await behindItsBack(database, 'delete from consent where contact_id = $1', [bystander])
    await behindItsBack(database, 'delete from consent_event where contact_id = $1', [bystander])
    const gone = (await verifyLedger(database, { page: 4 })).problems.filter((one) => one.contactId === bystander)
    expect(gone).toMatchObject([{ fault: 'end', seq: 0 }])
  })

  test('counts problems that it does not list', async () => {
    const check = await verifyLedger(database, { listed: 0 })
    expect(check.problems).toEqual([])
    expect(check.unlisted).toBeGreaterThan(0)
  })
})
