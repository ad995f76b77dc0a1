import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allowsPurpose, type ConsentFact, recordConsent } from '../../src/consent/ledger.ts'
import { suppress } from '../../src/consent/suppression.ts'
import { verifyLedger } from '../../src/consent/verify-ledger.ts'
import type { Channel } from '../../src/core/compiled-journey.ts'
import type { Database } from '../../src/core/database.ts'
import { lockContact } from '../../src/ingestion/contacts.ts'
import { exportPerson } from '../../src/rights/export.ts'
import { erasePerson } from '../../src/rights/erase.ts'
import { forbidsPurpose } from '../../src/rights/merge-consents.ts'
import { MERGED_APART, mergePeople } from '../../src/rights/merge.ts'
import { findPeople, readPerson } from '../../src/rights/person.ts'
import { contactColumns } from '../../src/rights/reach.ts'
import { aJourney, aWorkspace, DAY, HOUR, inWords, KEYS, NOON, Scene, STORES } from '../gate/scene.ts'

const FRESH = '11111111-1111-4111-8111-111111111111'

describe.each(STORES)('merging two contacts on $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  let scene: Scene

  beforeAll(async () => {
    ;({ database, close } = await open())
    scene = new Scene(database)
    await scene.deploy(aWorkspace({ caps: [{ count: 2, windowMs: 7 * DAY }] }))
  })
  afterAll(() => close())

  const merge = (from: string, into: string) =>
    mergePeople({ database, keys: KEYS }, { from, into, actor: 'operator test', at: NOON + HOUR })

  async function say(
    contactId: string,
    channel: Channel,
    purpose: string,
    state: 'granted' | 'revoked',
    at: number,
  ): Promise<void> {
    await database.transaction((statements) =>
      recordConsent(statements, {
        contactId,
        channel,
        purpose,
        state,
        source: 'form',
        proof: { page: 'p' },
        at,
        recordedAt: at,
      }),
    )
  }

  async function factsOf(contactId: string, channel: Channel): Promise<readonly ConsentFact[]> {
    return database.query(
      `select purpose, state, at, expires_at as "expiresAt" from consent where contact_id = $1 and channel = $2`,
      [contactId, channel],
    )
  }

  it('moves whatever points at a contact, and says which tables it sees to apart', async () => {
    const columns = await contactColumns(database)
    expect(columns.map(({ table }) => table)).toEqual(
      expect.arrayContaining(['event', 'enrollment', 'send', 'inbound_message', 'service_message', 'opt_in_request']),
    )
    expect(columns.map(({ table }) => table)).toEqual(expect.arrayContaining(Object.keys(MERGED_APART)))
    // What is one row for each contact collides when it is moved: it has to be seen to apart.
    const unique = await database.query<{ name: string }>(
      `select distinct t.relname as name from pg_index i
         join pg_class t on t.oid = i.indrelid
         join pg_attribute a on a.attrelid = t.oid and a.attnum = any(i.indkey)
        where i.indisunique and a.attname = 'contact_id' and t.relnamespace = current_schema()::regnamespace order by 1`,
    )
    const seen = new Set([...Object.keys(MERGED_APART), 'enrollment'])
    expect(unique.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([])
  })

  it('lets both ids lead to the survivor, for names and for events, and makes nobody new', async () => {
    const [from, into] = [await scene.contact(), await scene.contact()]
    await database.query(`update contact set external_id = 'old-id', anonymous_id = 'browser-1' where id = $1`, [from])
    await database.query(`update contact set external_id = 'new-id' where id = $1`, [into])
    expect(await merge(from, into)).toMatchObject({ kind: 'merged', contact: into })
    expect(await findPeople(database, { kind: 'external', value: 'old-id' })).toEqual([into])
    for (const identity of [
      { userId: 'old-id' },
      { userId: 'new-id' },
      { anonymousId: 'browser-1' },
      { userId: 'old-id', anonymousId: 'browser-2' },
      { userId: 'new-id', anonymousId: 'browser-1' },
    ]) {
      const found = await database.transaction((statements) =>
        lockContact(statements, identity, { id: FRESH, at: NOON }),
      )
      expect(found.id).toBe(into)
    }
    const rows = await database.query('select id from contact where id = $1', [FRESH])
    expect(rows).toEqual([])
    const [kept] = await database.query<{ external_id: string }>('select external_id from contact where id = $1', [
      into,
    ])
    expect(kept?.external_id).toBe('new-id')
  })

  it('makes two runs of one journey and key one: the elder goes on, the younger ends as merged', async () => {
    const [from, into] = [await scene.contact(), await scene.contact()]
    const [elder, younger, other] = [
      await scene.enroll(from, aJourney()),
      await scene.enroll(into, aJourney()),
      await scene.enroll(from, aJourney()),
    ]
    await database.query(`update enrollment set key = 'cart-1', entered_at = $2 where id = $1`, [elder, NOON - 2])
    await database.query(`update enrollment set key = 'cart-1', entered_at = $2 where id = $1`, [younger, NOON - 1])
    expect(await merge(from, into)).toMatchObject({ runsEnded: 1, moved: { enrollment: 2 } })
    const runs = await database.query<{ id: string; state: string; outcome: string | null }>(
      'select id, state, outcome from enrollment where contact_id = $1',
      [into],
    )
    expect(runs.find(({ id }) => id === elder)).toMatchObject({ state: 'active' })
    expect(runs.find(({ id }) => id === other)).toMatchObject({ state: 'active' })
    expect(runs.find(({ id }) => id === younger)).toMatchObject({ state: 'ended', outcome: 'merged' })
    const told = await database.query<{ kind: string }>('select kind from outbox where enrollment_id = $1', [younger])
    expect(told).toEqual([{ kind: 'signal' }])
    expect(inWords(await scene.ask(younger))).toBe('ended exited')
    expect(inWords(await scene.ask(elder))).toBe('send')
  })

  it('counts both histories for caps from the next gate on', async () => {
    const [from, into] = [await scene.contact(), await scene.contact()]
    for (const contact of [from, into]) {
      const run = await scene.enroll(contact, aJourney())
      await scene.ask(run)
      await scene.handOver(run)
    }
    const run = await scene.enroll(into, aJourney())
    await merge(from, into)
    expect(inWords(await scene.ask(run))).toBe('refuse cap')
  })

  it('keeps blocks with their addresses', async () => {
    const [from, into] = [await scene.contact({ phone: '+12125550188' }), await scene.contact({ phone: null })]
    await database.transaction((statements) =>
      suppress(statements, {
        keys: KEYS,
        channel: 'sms',
        address: '+12125550188',
        reason: 'stop',
        source: 'twilio',
        at: NOON,
      }),
    )
    await merge(from, into)
    const person = await readPerson(database, KEYS, into)
    expect(person?.contact.phone).toBe('+12125550188')
    const bundle = person === undefined ? undefined : await exportPerson(database, person, NOON)
    expect(bundle?.tables['suppression']).toMatchObject([{ reason: 'stop' }])
    expect(bundle?.merged).toEqual([from])
  })

  it('keeps the longer pause and a ceiling that keeps both', async () => {
    const [from, into] = [await scene.contact(), await scene.contact()]
    await database.query(
      `insert into contact_preference (contact_id, paused_until_at, cap_count, cap_window_ms, language, updated_at)
       values ($1, 9, 1, 100, 'es', 0), ($2, 5, 4, 900, null, 0)`,
      [from, into],
    )
    await merge(from, into)
    expect(
      await database.query(
        'select paused_until_at, cap_count, cap_window_ms, language from contact_preference where contact_id = any($1::uuid[])',
        [[from, into]],
      ),
    ).toEqual([{ paused_until_at: 9, cap_count: 1, cap_window_ms: 900, language: 'es' }])
  })

  it(
    'never turns a no into a yes, over random words of two people who may share an address',
    { timeout: 120_000 },
    async () => {
      const word = fc.record({
        who: fc.constantFrom(0, 1),
        channel: fc.constantFrom<Channel>('email', 'sms'),
        purpose: fc.constantFrom('*', 'cart-reminders', 'news'),
        state: fc.constantFrom('granted' as const, 'revoked' as const),
        at: fc.integer({ min: 1, max: 4 }),
      })
      const address = fc.constantFrom(0, 1, 2)
      await fc.assert(
        fc.asyncProperty(
          fc.array(word, { maxLength: 8 }),
          fc.tuple(address, address),
          fc.tuple(address, address),
          async (words, emails, phones) => {
            const addressed = (n: number, kind: 'email' | 'phone') =>
              n === 2 ? null : kind === 'email' ? `p${n}@example.com` : `+1212555019${n}`
            const people: string[] = []
            for (const who of [0, 1] as const) {
              people.push(
                await scene.contact({
                  email: addressed(emails[who], 'email'),
                  phone: addressed(phones[who], 'phone'),
                  grants: [],
                }),
              )
            }
            const [from = '', into = ''] = people
            for (const { who, channel, purpose, state, at } of words)
              await say(people[who] ?? '', channel, purpose, state, at)
            const before = new Map<string, readonly ConsentFact[]>()
            const address = new Map<string, { email: string | null; phone: string | null }>()
            for (const id of people) {
              for (const channel of ['email', 'sms'] as const)
                before.set(`${id} ${channel}`, await factsOf(id, channel))
              const person = await readPerson(database, KEYS, id)
              if (person !== undefined) address.set(id, person.contact)
            }
            expect((await merge(from, into)).kind).toBe('merged')
            const survivor = (await readPerson(database, KEYS, into))?.contact
            for (const channel of ['email', 'sms'] as const) {
              const after = await factsOf(into, channel)
              const column = channel === 'email' ? 'email' : 'phone'
              for (const purpose of ['cart-reminders', 'news', 'of-next-year']) {
                const saidNo = people.some((id) => forbidsPurpose(purpose, before.get(`${id} ${channel}`) ?? [], NOON))
                const saidYes = people.some(
                  (id) =>
                    address.get(id)?.[column] === survivor?.[column] &&
                    survivor?.[column] !== null &&
                    allowsPurpose(purpose, before.get(`${id} ${channel}`) ?? [], NOON),
                )
                if (allowsPurpose(purpose, after, NOON))
                  expect({ purpose, saidNo, saidYes }).toEqual({ purpose, saidNo: false, saidYes: true })
              }
            }
            await erasePerson(
              { database, keys: KEYS, erases: () => undefined },
              { id: into, actor: 't', at: NOON + DAY, realNow: 1 },
            )
          },
        ),
        { numRuns: 40 },
      )
      expect((await verifyLedger(database)).problems).toEqual([])
    },
  )

  it('does not lose a no that was under way to the merged contact, and takes no yes from there', async () => {
    const [from, into] = [await scene.contact(), await scene.contact()]
    await merge(from, into)
    await say(from, 'email', 'cart-reminders', 'revoked', NOON + 2 * HOUR)
    await say(from, 'email', 'news', 'granted', NOON + 2 * HOUR)
    expect(allowsPurpose('cart-reminders', await factsOf(into, 'email'), NOON + DAY)).toBe(false)
    expect(allowsPurpose('news', await factsOf(into, 'email'), NOON + DAY)).toBe(false)
  })

  it('keeps a yes that was given at the address they share', async () => {
    const both = { email: 'shared@example.com', grants: [] }
    const [from, into] = [await scene.contact(both), await scene.contact(both)]
    await say(from, 'email', 'cart-reminders', 'granted', NOON)
    await merge(from, into)
    expect(allowsPurpose('cart-reminders', await factsOf(into, 'email'), NOON)).toBe(true)
    const entries = await database.query<{ source: string; proof: Record<string, unknown> }>(
      'select source, proof from consent_event where contact_id = $1',
      [into],
    )
    expect(entries).toMatchObject([{ source: 'merge', proof: { page: 'p', mergedFrom: from } }])
  })

  it('changes nothing for one contact twice, an unknown one, a merged one, or an erased one', async () => {
    const [one, two, three] = [await scene.contact(), await scene.contact(), await scene.contact()]
    expect(await merge(one, one)).toEqual({ kind: 'same' })
    expect(await merge(FRESH, one)).toEqual({ kind: 'unknown' })
    await merge(one, two)
    expect(await merge(one, three)).toEqual({ kind: 'unknown' })
    await erasePerson({ database, keys: KEYS, erases: () => undefined }, { id: two, actor: 't', at: NOON, realNow: 1 })
    expect(await merge(two, three)).toEqual({ kind: 'erased' })
  })

  it('is seen whole by gates that run at the same time: none passes the cap, and none is lost', async () => {
    const [from, into] = [await scene.contact(), await scene.contact()]
    const runs: string[] = []
    for (let index = 0; index < 12; index++) runs.push(await scene.enroll(index % 2 === 0 ? from : into, aJourney()))
    const [merged, ...verdicts] = await Promise.all([merge(from, into), ...runs.map((run) => scene.ask(run))])
    expect(merged).toMatchObject({ kind: 'merged' })
    expect(verdicts).toHaveLength(12)
    // Two by each contact's own cap may have been reserved before the merge; nothing afterwards.
    expect(verdicts.filter((verdict) => verdict.kind === 'send').length).toBeLessThanOrEqual(4)
    const next = await scene.enroll(into, aJourney())
    expect(inWords(await scene.ask(next))).toBe('refuse cap')
    for (const run of runs) expect(['settled refused', 'refuse cap', 'send']).toContain(inWords(await scene.ask(run)))
  })
})
