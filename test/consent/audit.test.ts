import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditPeriod, auditWeeks } from '../../src/consent/audit/audit.ts'
import { checkLastDigest } from '../../src/consent/audit/ledger-digest.ts'
import { alarmsOf, type ConsentReport, reportMarkdown, reportTitle } from '../../src/consent/audit/report.ts'
import { STALE_AFTER_MS } from '../../src/consent/audit/standing-consents.ts'
import { weekOf, weeksToAudit } from '../../src/consent/audit/week.ts'
import { entryHash, GENESIS } from '../../src/consent/chain.ts'
import type { Database } from '../../src/core/database.ts'
import { aJourney, DAY, HOUR, Scene, STORES } from '../gate/scene.ts'
import { behindItsBack, entriesOf, say } from './ledger-scene.ts'

const iso = (at: number) => new Date(at).toISOString()
const at = (text: string) => Date.parse(text)
/** A Wednesday. */
const WEDNESDAY = at('2026-07-15T16:00:00Z')
const WEEK = weekOf(WEDNESDAY)

test('a week goes from Monday to Monday, UTC', () => {
  expect([WEEK.from, WEEK.to].map(iso)).toEqual(['2026-07-13T00:00:00.000Z', '2026-07-20T00:00:00.000Z'])
  expect(weekOf(WEEK.from)).toEqual(WEEK)
  expect(weekOf(WEEK.to - 1)).toEqual(WEEK)
  expect(weekOf(WEEK.to).from).toBe(WEEK.to)
})

test('every week that is over is audited once, and the missed ones are made up for', () => {
  const begun = (known: Parameters<typeof weeksToAudit>[0]) =>
    weeksToAudit(known, WEDNESDAY).map(({ from }) => iso(from).slice(0, 10))
  expect(begun({ auditedUntil: null, firstSendAt: null })).toEqual(['2026-07-06'])
  expect(begun({ auditedUntil: null, firstSendAt: WEDNESDAY })).toEqual(['2026-07-06'])
  expect(begun({ auditedUntil: null, firstSendAt: at('2026-06-24T10:00:00Z') })).toEqual([
    '2026-06-22',
    '2026-06-29',
    '2026-07-06',
  ])
  expect(begun({ auditedUntil: at('2026-06-29'), firstSendAt: null })).toEqual(['2026-06-29', '2026-07-06'])
  expect(begun({ auditedUntil: WEEK.from, firstSendAt: null })).toEqual([])
})

describe.each(STORES)('the audit on $store', ({ open }) => {
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

  async function sent(
    contactId: string,
    handedOffAt: number,
    change: { state?: string; reliedOn?: number } = {},
  ): Promise<string> {
    const enrollment = await scene.enroll(contactId, aJourney())
    const id = randomUUID()
    await database.query(
      `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state, reserved_at,
                         handed_off_at, updated_at, relied_on)
       values ($1, $2, 'first', 'action', 'cart-recovery', 'v', $3, 'sms', 'cart-reminders', 'marketing', $4, $5, $5, $5, $6)`,
      [id, enrollment, contactId, change.state ?? 'delivered', handedOffAt, change.reliedOn ?? null],
    )
    return id
  }
  const spoken = (when: number) => ({ at: when, recordedAt: when })

  test('matches every message with the consent that allowed it, and names those without one', async () => {
    const people: Record<string, string> = {}
    const known = async (name: string): Promise<string> => (people[name] = await scene.contact({ grants: [] }))
    const before = WEDNESDAY - 30 * DAY

    const plain = await known('plain')
    await say(database, plain, spoken(before))
    const regrets = await known('regrets later')
    await say(database, regrets, spoken(before))
    await say(database, regrets, { ...spoken(WEDNESDAY + HOUR), state: 'revoked' })
    const everything = await known('everything')
    await say(database, everything, { ...spoken(before), purpose: '*' })
    const back = await known('no to everything, then yes to this')
    await say(database, back, { ...spoken(before), purpose: '*', state: 'revoked' })
    await say(database, back, spoken(before + DAY))
    const allowed = new Set(await Promise.all([plain, regrets, everything, back].map((id) => sent(id, WEDNESDAY))))

    const lapsed = await known('lapsed')
    await say(database, lapsed, { ...spoken(before), expiresAt: WEDNESDAY })
    const refused = await known('said no')
    await say(database, refused, spoken(before))
    await say(database, refused, { ...spoken(WEDNESDAY - HOUR), purpose: '*', state: 'revoked' })
    const crossing = await known('said no at that moment')
    await say(database, crossing, spoken(before))
    await say(database, crossing, { ...spoken(WEDNESDAY - 2_000), state: 'revoked' })
    const late = await known('nobody knew yet')
    await say(database, late, { at: before, recordedAt: WEDNESDAY + HOUR })
    const asked = await known('was only asked')
    await say(database, asked, { ...spoken(before), state: 'requested' })
    const elsewhere = await known('agreed to something else')
    await say(database, elsewhere, { ...spoken(before), channel: 'email' })
    const others = { lapsed, refused, crossing, late, asked, elsewhere }
    const names = new Map<string, string>()
    for (const [name, id] of Object.entries(others)) names.set(await sent(id, WEDNESDAY), name)

    // None of these was handed over in this week.
    await sent(refused, WEEK.from - 1)
    await sent(refused, WEEK.to)
    for (const state of ['reserved', 'refused', 'held_out', 'shadow', 'rejected'])
      await sent(refused, WEDNESDAY, { state })

    const { sends } = await auditPeriod(database, WEEK, { now: WEEK.to })
    expect(sends.counts).toEqual({ matched: 4, crossed: 1, after_no: 1, lapsed: 1, no_consent: 3 })
    expect(Object.fromEntries(sends.named.map(({ send, verdict }) => [names.get(send) ?? send, verdict]))).toEqual({
      lapsed: 'lapsed',
      refused: 'after_no',
      crossing: 'crossed',
      late: 'no_consent',
      asked: 'no_consent',
      elsewhere: 'no_consent',
    })
    expect(sends.named.some(({ send }) => allowed.has(send))).toBe(false)
    expect(await database.query('select 1 as one from consent_reliance')).toEqual([])
  })

  test('keeps to the ledger that a message was claimed under when its contact was merged, and does not believe the claim', async () => {
    const [merged, survivor] = [await scene.contact({ grants: [] }), await scene.contact({ grants: [] })]
    const monday = weekOf(WEDNESDAY + 70 * DAY)
    const before = monday.from - DAY
    await say(database, merged, spoken(before))
    const [grant] = await entriesOf(database, merged)
    if (grant === undefined) throw new Error('there is no entry')
    await sent(survivor, monday.from + HOUR, { reliedOn: grant.id })
    const counts = async () => (await auditPeriod(database, monday, { now: monday.to })).sends.counts
    expect(await counts()).toMatchObject({ matched: 1, no_consent: 0 })
    await say(database, merged, { ...spoken(before + 1), state: 'revoked' })
    expect(await counts()).toMatchObject({ matched: 0, after_no: 1 })
  })

  test('counts what lapses soon, what is stale, and what has nothing to show', async () => {
    const now = WEEK.to + 400 * 7 * DAY
    const purpose = `standing-${randomUUID()}`
    const old = now - STALE_AFTER_MS - DAY
    const consenting = async (when: number, change: Parameters<typeof say>[2] = {}) => {
      const id = await scene.contact({ grants: [] })
      await say(database, id, { purpose, ...spoken(when), ...change })
      return id
    }
    await consenting(now - DAY)
    await consenting(now - DAY, { expiresAt: now + 29 * DAY })
    await consenting(now - DAY, { expiresAt: now + 31 * DAY })
    await consenting(now - DAY, { expiresAt: now })
    await consenting(now - DAY, { state: 'revoked' })
    await consenting(now - DAY, { proof: {} })
    await consenting(now - DAY, { proof: { page: '/join' } })
    await consenting(old)
    const [ordered, answered, converted] = [await consenting(old), await consenting(old), await consenting(old)]
    await database.query(
      `insert into event (message_id, contact_id, kind, name, at, received_at) values ($1, $2, 'track', 'order.placed', $3, $3)`,
      [randomUUID(), ordered, now - DAY],
    )
    await database.query(
      `insert into inbound_message (provider, provider_id, contact_id, meaning, body, received_at) values ('p', $1, $2, 'reply', '', $3)`,
      [randomUUID(), answered, now - DAY],
    )
    const run = await scene.enroll(converted, aJourney())
    await database.query('update enrollment set converted_at = $2 where id = $1', [run, now - DAY])

    const { standing } = await auditPeriod(database, WEEK, { now })
    expect(standing.filter((one) => one.purpose === purpose)).toEqual([
      { channel: 'sms', purpose, inForce: 9, expiring: 1, stale: 1, withoutProof: 1, withoutWording: 1 },
    ])
  })

  test('keeps one report a week however often and from how many places it is run, and tells of it once', async () => {
    await database.query('delete from consent_reliance')
    await behindItsBack(database, 'delete from consent_audit')
    await database.query('update send set handed_off_at = $1 where handed_off_at < $1', [WEEK.from])
    const told: string[] = []
    const run = (now: number) =>
      auditWeeks({
        database,
        now,
        tell: async (_statements, report) => {
          told.push(iso(report.period.from).slice(0, 10))
        },
      })
    const both = await Promise.all([run(WEEK.to + 1), run(WEEK.to + 1)])
    expect(both.map(({ weeks }) => weeks).toSorted((a, b) => a - b)).toEqual([0, 1])
    expect(told).toEqual(['2026-07-13'])
    expect(await run(WEEK.to + 6 * DAY)).toMatchObject({ weeks: 0, alarms: 0 })
    expect(await run(WEEK.to + 7 * DAY)).toMatchObject({ weeks: 1 })
    expect(told).toEqual(['2026-07-13', '2026-07-20'])
    const kept = await database.query<{ report: ConsentReport }>(
      'select report from consent_audit order by week_from_at',
    )
    expect(kept.map(({ report }) => report.kind)).toEqual(['segue.consent-audit', 'segue.consent-audit'])
    expect(JSON.stringify(kept)).not.toMatch(/@example\.com|\+1212555/)
    // What messages relied on is noted for the retention.
    expect(await database.query('select 1 as one from consent_reliance where last_at = $1', [WEDNESDAY])).toHaveLength(
      4,
    )
    await expect(database.query('delete from consent_audit')).rejects.toThrow(/never changed/)
  })

  test('a report that could not be told of is not kept, and the next run makes it again', async () => {
    const now = WEEK.to + 14 * DAY
    const failing = auditWeeks({ database, now, tell: () => Promise.reject(new Error('no mail today')) })
    await expect(failing).rejects.toThrow('no mail today')
    expect(await auditWeeks({ database, now, tell: () => Promise.resolve() })).toMatchObject({ weeks: 1 })
  })

  test('a ledger that was rewritten from end to end, hashes and heads and all, is found by the digest of the week before', async () => {
    const contactId = await scene.contact({ grants: [] })
    await say(database, contactId, spoken(WEDNESDAY))
    await say(database, contactId, { ...spoken(WEDNESDAY + 1), state: 'revoked' })
    await auditWeeks({ database, now: WEEK.to + 21 * DAY, tell: () => Promise.resolve() })
    expect(await checkLastDigest(database)).toMatchObject({ holds: true })
    // New entries and erasures are no tampering.
    await say(database, contactId, { ...spoken(WEDNESDAY + 2), state: 'requested' })
    await say(database, await scene.contact({ grants: [] }), spoken(WEDNESDAY))
    expect(await checkLastDigest(database)).toMatchObject({ holds: true })

    const [first] = await entriesOf(database, contactId)
    if (first === undefined) throw new Error('there is no entry')
    await behindItsBack(database, 'delete from consent where contact_id = $1', [contactId])
    await behindItsBack(database, 'delete from consent_event where contact_id = $1 and seq > 1', [contactId])
    await database.query('update consent_chain set seq = 1, hash = $2 where contact_id = $1', [
      contactId,
      entryHash({ ...first, prevHash: GENESIS }),
    ])
    await database.query(
      `insert into consent (contact_id, channel, purpose, state, at, event_id) values ($1, 'sms', 'cart-reminders', 'granted', $2, $3)`,
      [contactId, WEDNESDAY, first.id],
    )
    const report = await auditPeriod(database, WEEK, { now: WEEK.to + 28 * DAY })
    expect(report.ledger.problems.filter((problem) => problem.contactId === contactId)).toEqual([])
    expect(report.lastDigest).toMatchObject({ holds: false })
    expect(alarmsOf(report)).toBeGreaterThan(0)
    expect(reportMarkdown(report)).toContain('the ledger was rewritten')
  })
})

const QUIET: ConsentReport = {
  format: '1.0',
  kind: 'segue.consent-audit',
  period: WEEK,
  at: WEEK.to + 6 * HOUR,
  sends: { counts: { matched: 12_345, crossed: 0, after_no: 0, lapsed: 0, no_consent: 0 }, named: [] },
  ledger: { chains: 4_000, entries: 5_001, problems: [], unlisted: 0 },
  digest: { throughId: 5_001, chains: 4_000, digest: 'd'.repeat(64) },
  lastDigest: { weekFrom: WEEK.from - 7 * DAY, holds: true },
  standing: [
    {
      channel: 'sms',
      purpose: 'cart-reminders',
      inForce: 3_900,
      expiring: 12,
      stale: 7,
      withoutProof: 1,
      withoutWording: 2,
    },
  ],
}

test('the report says in one line whether there is anything to look at, and the rest as tables', async () => {
  expect(reportTitle(QUIET)).toBe('Consent audit 2026-07-13 to 2026-07-19: all in order')
  await expect(reportMarkdown(QUIET)).toMatchFileSnapshot('golden/audit-quiet.md')
  const alarming: ConsentReport = {
    ...QUIET,
    sends: {
      counts: { matched: 10, crossed: 1, after_no: 2, lapsed: 0, no_consent: 0 },
      named: [
        {
          send: '00000000-0000-4000-8000-000000000001',
          verdict: 'after_no',
          journey: 'cart-recovery',
          step: 'sms|code',
          channel: 'sms',
          purpose: 'cart-reminders',
          contact: '00000000-0000-4000-8000-000000000002',
          at: WEDNESDAY,
        },
      ],
    },
    ledger: {
      chains: 4_000,
      entries: 5_001,
      problems: [
        {
          fault: 'evidence_missing',
          contactId: '00000000-0000-4000-8000-000000000002',
          channel: 'sms',
          purpose: '*',
          seq: 3,
        },
        { fault: 'end', contactId: '00000000-0000-4000-8000-000000000003', channel: 'email', purpose: 'news', seq: 0 },
      ],
      unlisted: 5,
    },
    lastDigest: null,
    standing: [],
  }
  expect(alarmsOf(alarming)).toBe(9)
  await expect(reportMarkdown(alarming)).toMatchFileSnapshot('golden/audit-alarming.md')
})
