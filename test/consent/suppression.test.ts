import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allowsPurpose, recordConsent } from '../../src/consent/ledger.ts'
import { liftSuppression, suppress, type Suppression, suppressionsOf } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { KEYS, Scene, STORES } from '../gate/scene.ts'

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

  const newAddress = () => `someone-${people++}@example.com`
  const block = (address: string, change: Partial<Suppression> = {}) =>
    database.transaction((statements) =>
      suppress(statements, {
        keys: KEYS,
        channel: 'email',
        address,
        reason: 'unsubscribe',
        source: 'link',
        at: 100,
        ...change,
      }),
    )
  const lift = (address: string, at: number) =>
    database.transaction((statements) =>
      liftSuppression(statements, { keys: KEYS, channel: 'email', address, reason: 'unsubscribe', at }),
    )
  const reasons = (address: string) => suppressionsOf(database, KEYS, 'email', address)

  test('a suppression blocks every spelling of the address, on its channel only, and the store never sees the address', async () => {
    const address = newAddress()
    await block(` ${address.toUpperCase()}`)
    expect(await reasons(address)).toEqual(['unsubscribe'])
    expect(await suppressionsOf(database, KEYS, 'sms', address)).toEqual([])
    expect(JSON.stringify(await database.query('select * from suppression'))).not.toContain('@')
  })

  test('several reasons block together, and lifting one leaves the others', async () => {
    const address = newAddress()
    await block(address)
    await block(address)
    await block(address, { reason: 'bounce' })
    expect(await reasons(address)).toEqual(['bounce', 'unsubscribe'])
    expect(await lift(address, 200)).toBe(true)
    expect(await lift(address, 200)).toBe(false)
    expect(await reasons(address)).toEqual(['bounce'])
  })

  test('a wish at the same instant or before does not lift it', async () => {
    const address = newAddress()
    await block(address)
    expect(await lift(address, 100)).toBe(false)
    expect(await lift(address, 99)).toBe(false)
    expect(await reasons(address)).toEqual(['unsubscribe'])
  })

  test('an old block that arrives after it was lifted stays lifted, a new one blocks again', async () => {
    const address = newAddress()
    await block(address)
    await lift(address, 200)
    await block(address, { at: 150 })
    expect(await reasons(address)).toEqual([])
    await block(address, { at: 200 })
    expect(await reasons(address)).toEqual(['unsubscribe'])
  })

  test('a repeated older block does not make a later wish possible', async () => {
    const address = newAddress()
    await block(address, { at: 300 })
    await block(address, { at: 100 })
    expect(await lift(address, 200)).toBe(false)
    expect(await reasons(address)).toEqual(['unsubscribe'])
  })

  test('a block under an old key is found and lifted under the new one', async () => {
    const address = newAddress()
    await block(address, { keys: { ...KEYS, current: 1 } })
    expect(await reasons(address)).toEqual(['unsubscribe'])
    expect(await lift(address, 200)).toBe(true)
    expect(await reasons(address)).toEqual([])
  })

  describe('consent', () => {
    const say = (contactId: string, state: 'granted' | 'revoked', at: number) =>
      database.transaction((statements) =>
        recordConsent(statements, {
          contactId,
          channel: 'email',
          purpose: 'news',
          state,
          source: 'import',
          proof: { page: '/join' },
          at,
          recordedAt: 1_000,
        }),
      )

    test.each([
      [
        [
          ['granted', 1],
          ['revoked', 2],
        ],
        'revoked',
      ],
      [
        [
          ['revoked', 2],
          ['granted', 1],
        ],
        'revoked',
      ],
      [
        [
          ['revoked', 1],
          ['granted', 2],
        ],
        'granted',
      ],
      [
        [
          ['granted', 2],
          ['revoked', 1],
        ],
        'granted',
      ],
      [
        [
          ['granted', 1],
          ['revoked', 1],
        ],
        'revoked',
      ],
      [
        [
          ['revoked', 1],
          ['granted', 1],
        ],
        'revoked',
      ],
      [
        [
          ['revoked', 3],
          ['granted', 1],
          ['granted', 2],
        ],
        'revoked',
      ],
    ] as const)('said as %j is %s', async (statements, expected) => {
      const contactId = await new Scene(database).contact({ grants: [] })
      for (const [state, at] of statements) await say(contactId, state, at)
      const now = await database.query('select state from consent where contact_id = $1', [contactId])
      expect(now).toEqual([{ state: expected }])
      const ledger = await database.query('select state, at from consent_event where contact_id = $1 order by id', [
        contactId,
      ])
      expect(ledger).toEqual(statements.map(([state, at]) => ({ state, at })))
    })

    test('said by many at once is what the latest said, and all of it is in the ledger', async () => {
      const contactId = await new Scene(database).contact({ grants: [] })
      await Promise.all(Array.from({ length: 20 }, (_, at) => say(contactId, at % 2 === 0 ? 'granted' : 'revoked', at)))
      expect(await database.query('select state, at from consent where contact_id = $1', [contactId])).toEqual([
        { state: 'revoked', at: 19 },
      ])
      expect(
        await database.query('select 1 as one from consent_event where contact_id = $1', [contactId]),
      ).toHaveLength(20)
    })
  })
})

test('without a word nothing is allowed, and of two words the no wins unless this very purpose was granted later', () => {
  const grant = (purpose: string, at: number) => ({ purpose, state: 'granted' as const, at })
  const revoke = (purpose: string, at: number) => ({ purpose, state: 'revoked' as const, at })
  expect(allowsPurpose('news', [], 9)).toBe(false)
  expect(allowsPurpose('news', [grant('*', 1)], 9)).toBe(true)
  expect(allowsPurpose('news', [grant('*', 5), revoke('news', 1)], 9)).toBe(false)
  expect(allowsPurpose('news', [revoke('*', 1), grant('news', 1)], 9)).toBe(false)
  expect(allowsPurpose('news', [revoke('*', 1), grant('news', 2)], 9)).toBe(true)
})
