import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eraseFromLedger } from '../../src/consent/erase-ledger.ts'
import { expireEvidence } from '../../src/consent/expire-evidence.ts'
import { hashAddress } from '../../src/consent/address.ts'
import { keepsHash, keepUntil, type KeptEntry, yearsAfter } from '../../src/consent/retention.ts'
import { RETENTION_RULES, SHORTEST_YEARS } from '../../src/consent/retention-rules.ts'
import { readLedgerOf } from '../../src/consent/verify-ledger.ts'
import type { Database } from '../../src/core/database.ts'
import { aJourney, KEYS, Scene, STORES } from '../gate/scene.ts'
import { say } from './ledger-scene.ts'

const day = (text: string) => Date.parse(`${text}T00:00:00Z`)
const date = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : 'as long as it holds')

function kept(change: Partial<KeptEntry>): KeptEntry {
  return {
    state: 'granted',
    recordedAt: day('2026-03-01'),
    lastReliedAt: null,
    jurisdiction: 'US-NY',
    isInForce: false,
    ...change,
  }
}

test.each<[string, Partial<KeptEntry>, string]>([
  ['a grant that nothing relied on', {}, '2031-03-01'],
  ['a grant, from the last message that relied on it', { lastReliedAt: day('2028-02-29') }, '2033-03-01'],
  ['a grant that is in force', { isInForce: true }, 'as long as it holds'],
  ['a request for confirmation', { state: 'requested' }, '2031-03-01'],
  ['an opt-out', { state: 'revoked', isInForce: true }, '2031-03-01'],
  ['an opt-out in Virginia', { state: 'revoked', jurisdiction: 'US-VA' }, '2036-03-01'],
  [
    'an opt-out from nobody knows where, as in the strictest place',
    { state: 'revoked', jurisdiction: undefined },
    '2036-03-01',
  ],
  ['a grant in Virginia', { jurisdiction: 'US-VA' }, '2031-03-01'],
])('the evidence of %s is kept', (_what, change, until) => {
  expect(date(keepUntil(kept(change), day('2026-11-25')))).toBe(until)
})

test('a rule counts from the day on which it takes effect, and without any rule it is never less than three years', () => {
  const entry = kept({ state: 'revoked', jurisdiction: 'US-VA' })
  expect(date(keepUntil(entry, day('2025-12-31')))).toBe('2031-03-01')
  expect(date(keepUntil(entry, day('2026-11-25'), []))).toBe('2029-03-01')
  const tooShort = RETENTION_RULES.map((rule) => ({ ...rule, years: 1 }))
  expect(date(keepUntil(entry, day('2026-11-25'), tooShort))).toBe('2029-03-01')
})

test('every rule names its source, its reviewer and its dates, and none is below the shortest time', () => {
  for (const rule of RETENTION_RULES) {
    expect(rule.source).toMatch(/CFR|SB \d/)
    expect(rule.reviewer).not.toBe('')
    for (const one of [rule.reviewed, rule.effectiveFrom]) expect(date(Date.parse(one))).toBe(one)
    expect(rule.years).toBeGreaterThanOrEqual(SHORTEST_YEARS)
  }
})

test.each<[string, Partial<KeptEntry>, string, boolean]>([
  ['a no', { state: 'revoked' }, '2027-01-01', true],
  ['a no whose time is over', { state: 'revoked' }, '2031-03-01', false],
  ['a yes that messages relied on', { lastReliedAt: day('2026-04-01') }, '2031-03-15', true],
  ['a yes that nothing relied on', {}, '2026-04-01', false],
  ['a yes that was in force when its person was forgotten', { isInForce: true }, '2026-04-01', false],
  ['a mere request', { state: 'requested' }, '2026-04-01', false],
])('after an erasure a keyed hash is left of %s: at %3$s', (_what, change, now, expected) => {
  expect(keepsHash(kept(change), day(now))).toBe(expected)
})

test('calendar years are counted, and a leap day ends on the first of March', () => {
  expect(date(yearsAfter(day('2024-02-29'), 5))).toBe('2029-03-01')
  expect(date(yearsAfter(day('2024-12-31'), 5))).toBe('2029-12-31')
})

const TABLES = ['consent_event', 'consent', 'consent_chain', 'consent_reliance', 'audit']

describe.each(STORES)('on $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  let scene: Scene
  beforeAll(async () => {
    const opened = await open()
    database = opened.database
    close = opened.close
    scene = new Scene(database)
  })
  afterAll(() => close())

  const stored = async (contactId: string) =>
    JSON.stringify(
      await Promise.all(
        TABLES.map((table) =>
          database.query(`select t.* from ${table} t where to_jsonb(t)::text like '%' || $1 || '%'`, [contactId]),
        ),
      ),
    )
  const rows = (contactId: string) =>
    database.query<{
      state: string
      removed_for: string | null
      address_hash: string | null
      key_version: number | null
    }>('select state, removed_for, address_hash, key_version from consent_event where contact_id = $1 order by id', [
      contactId,
    ])
  const faults = async (contactId: string) => (await readLedgerOf(database, contactId)).problems

  /** A message that was handed over on a day. */
  async function sent(contactId: string, at: number): Promise<void> {
    const enrollment = await scene.enroll(contactId, aJourney())
    await database.query(
      `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state, reserved_at,
                         handed_off_at, updated_at)
       values ($1, $1, 'first', 'action', 'cart-recovery', 'v', $2, 'sms', 'cart-reminders', 'marketing', 'delivered', $3, $3, $3)`,
      [enrollment, contactId, at],
    )
  }

  test('an erasure removes every personal word and keeps the chain, and a keyed hash where the law asks for it', async () => {
    const contactId = await scene.contact({ phone: '+12125550142', email: 'robin@example.com', grants: [] })
    const at = day('2026-01-01')
    const spoken = { at, recordedAt: at }
    await say(database, contactId, { ...spoken, state: 'requested' })
    await say(database, contactId, spoken)
    await sent(contactId, day('2026-02-01'))
    await say(database, contactId, { ...spoken, channel: 'email', proof: { note: 'asked at the till' } })
    await say(database, contactId, {
      ...spoken,
      at: day('2026-03-01'),
      recordedAt: day('2026-03-01'),
      state: 'revoked',
    })
    expect(await stored(contactId)).toContain('+12125550142')

    const addressHashes = {
      sms: hashAddress(KEYS, 'sms', '+12125550142'),
      email: hashAddress(KEYS, 'email', 'robin@example.com'),
    }
    const erase = () =>
      database.transaction((statements) =>
        eraseFromLedger(statements, {
          contactId,
          addressHashes,
          at: day('2026-06-01'),
          actor: 'operator ada',
        }),
      )
    expect(await erase()).toEqual({ erased: 4, hashed: 2 })
    expect(await erase()).toEqual({ erased: 0, hashed: 0 })

    const left = await stored(contactId)
    for (const word of ['2125550142', 'robin@', 'basket', '192.0.2.7', 'browser', 'join', 'till', 'US-NY']) {
      expect(left).not.toContain(word)
    }
    const { hash, version } = addressHashes.sms
    expect(await rows(contactId)).toEqual([
      { state: 'requested', removed_for: 'erasure', address_hash: null, key_version: null },
      { state: 'granted', removed_for: 'erasure', address_hash: hash, key_version: version },
      { state: 'granted', removed_for: 'erasure', address_hash: null, key_version: null },
      { state: 'revoked', removed_for: 'erasure', address_hash: hash, key_version: version },
    ])
    expect(await faults(contactId)).toEqual([])
    expect(await database.query(`select actor, act, detail from audit where subject = $1`, [contactId])).toEqual([
      { actor: 'operator ada', act: 'consent.erase', detail: { entries: 4, hashed: 2 } },
    ])
    // The "no" still holds.
    expect(
      await database.query(`select state from consent where contact_id = $1 and channel = 'sms'`, [contactId]),
    ).toEqual([{ state: 'revoked' }])

    await expireEvidence(database, day('2037-01-01'))
    expect((await rows(contactId)).map((row) => row.address_hash)).toEqual([null, null, null, null])
    expect(await faults(contactId)).toEqual([])
  })

  test('evidence goes when its time is over, not before, and never that of a grant in force', async () => {
    const at = day('2020-01-01')
    const holds = await scene.contact({ grants: [] })
    await say(database, holds, { at, recordedAt: at })
    const lapsed = await scene.contact({ grants: [] })
    await say(database, lapsed, { at, recordedAt: at, expiresAt: day('2021-01-01') })
    const said = await scene.contact({ grants: [] })
    await say(database, said, { at, recordedAt: at, state: 'revoked' })
    const relied = await scene.contact({ grants: [] })
    await say(database, relied, { at, recordedAt: at, expiresAt: day('2024-06-01') })
    await database.query(
      `insert into consent_reliance (event_id, last_at) select id, $2 from consent_event where contact_id = $1`,
      [relied, day('2024-05-01')],
    )
    await audited('2026-01-01')
    const removedAt = async (now: string) => {
      await expireEvidence(database, day(now))
      const people = { holds, lapsed, said, relied }
      const gone = await Promise.all(
        Object.entries(people).map(async ([name, id]) =>
          (await rows(id))[0]?.removed_for === 'retention' ? [name] : [],
        ),
      )
      return gone.flat()
    }
    expect(await removedAt('2024-12-31')).toEqual([])
    expect(await removedAt('2025-01-01')).toEqual(['lapsed', 'said'])
    expect(await removedAt('2029-04-30')).toEqual(['lapsed', 'said'])
    expect(await removedAt('2029-05-01')).toEqual(['lapsed', 'said', 'relied'])
    expect(await removedAt('2099-01-01')).toEqual(['lapsed', 'said', 'relied'])
    for (const id of [holds, lapsed, said, relied]) expect(await faults(id)).toEqual([])
    expect(await stored(lapsed)).not.toContain('basket')
  })

  test('what messages could have relied on since the last audit is left for the next one', async () => {
    const at = day('2020-01-01')
    const contactId = await scene.contact({ grants: [] })
    await say(database, contactId, { at, recordedAt: at })
    const later = day('2026-02-01')
    await say(database, contactId, { at: later, recordedAt: later, state: 'revoked' })
    await expireEvidence(database, day('2026-03-01'))
    expect((await rows(contactId)).map((row) => row.removed_for)).toEqual([null, null])
    await audited('2026-02-08')
    await expireEvidence(database, day('2026-03-01'))
    expect((await rows(contactId)).map((row) => row.removed_for)).toEqual(['retention', null])
  })

  async function audited(until: string): Promise<void> {
    await database.query(
      `insert into consent_audit (week_from_at, week_to_at, through_id, chains, digest, report, at) values ($1, $2, 0, 0, '', '{}', $2)`,
      [day(until) - 1, day(until)],
    )
  }
})
