import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { suppressionsOf } from '../../src/consent/suppression.ts'
import { recordConsent } from '../../src/consent/ledger.ts'
import { verifyLedger } from '../../src/consent/verify-ledger.ts'
import type { Database } from '../../src/core/database.ts'
import { ERASURE_RULES } from '../../src/rights/erasure-rules.ts'
import { erasePerson } from '../../src/rights/erase.ts'
import { workErasureTasks } from '../../src/rights/erasure-tasks.ts'
import { IMPERSONAL, MENTIONING } from '../../src/rights/mentions.ts'
import { findPeople } from '../../src/rights/person.ts'
import { reachFromContact } from '../../src/rights/reach.ts'
import { claimSend } from '../../src/delivery/send-ledger.ts'
import { lockContact } from '../../src/ingestion/contacts.ts'
import { KEYS, NOON, Scene, STORES } from '../gate/scene.ts'
import { scripted } from '../delivery/scripted-provider.ts'
import { everyRow, liveThrough, type Lived, QUAGGA, TRACES, tracesIn } from './person.ts'

const erases = (name: string) => (name === 'twilio' ? 'messages' : 'recipients')
const BY = { actor: 'operator test', at: NOON + 1, realNow: 1_000 } as const

describe.each(STORES)('erasing a person on $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  let lived: Lived
  const deps = () => ({ database, keys: KEYS, erases })

  beforeAll(async () => {
    ;({ database, close } = await open())
    lived = await liveThrough(database)
  })
  afterAll(() => close())

  it('has a rule for every table that speaks of people, and for every column of text in it', async () => {
    const reached = (await reachFromContact(database)).map(({ table }) => table)
    const personal = [...reached, ...Object.keys(MENTIONING), 'rejection']
    expect([...new Set(personal)].filter((table) => ERASURE_RULES[table] === undefined)).toEqual([])
    const columns = await database.query<{ table_name: string; column_name: string }>(
      `select table_name, column_name from information_schema.columns
        where table_schema = current_schema()
          and data_type in ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea') order by 1, 2`,
    )
    const forgotten = columns.filter(({ table_name, column_name }) => {
      const rule = ERASURE_RULES[table_name]
      return rule?.kind === 'clear' && !(column_name in rule.set) && !(column_name in rule.keeps)
    })
    expect(forgotten).toEqual([])
    expect(Object.keys(ERASURE_RULES).filter((table) => table in IMPERSONAL)).toEqual([])
  })

  it('finds traces of the person in many tables before, and in none after', async () => {
    const before = tracesIn(await everyRow(database))
    expect(new Set(before.map((line) => line.split(':')[0])).size).toBeGreaterThanOrEqual(8)
    const erased = await erasePerson(deps(), { id: lived.contact, ...BY })
    expect(erased).toMatchObject({ contact: lived.contact, runsEnded: 1 })
    const after = tracesIn(await everyRow(database))
    // What SendGrid must be asked to forget is kept until it has answered.
    expect(after.filter((line) => !line.startsWith('erasure_task:'))).toEqual([])
    expect(after.length).toBeGreaterThan(0)
  })

  it('asks each carrier for what it can remove, until it has answered, and then forgets the address', async () => {
    const asked: string[] = []
    const providers = new Map(
      (['twilio', 'sendgrid'] as const).map((name) => [
        name as string,
        {
          ...scripted(name),
          redact: async (request: { kind: string; providerId?: string; address?: string }) => {
            asked.push(`${name} ${request.kind} ${request.providerId ?? request.address ?? ''}`)
            return asked.length <= 4
              ? ({ kind: 'unavailable', cause: 'http_503' } as const)
              : ({ kind: 'done' } as const)
          },
        },
      ]),
    )
    const work = (realNow: number) =>
      workErasureTasks({
        database,
        time: { monotonicMs: () => 0, realNow: () => realNow },
        providers: (name) => providers.get(name),
      })
    expect(await work(2_000)).toEqual({ done: 0, open: 4, givenUp: 0 })
    expect(await work(3_000)).toMatchObject({ open: 4 })
    expect(asked).toHaveLength(4)
    expect(await work(10_000)).toEqual({ done: 4, open: 0, givenUp: 0 })
    expect(asked.slice(4).toSorted()).toEqual([
      `sendgrid recipient ${QUAGGA.email}`,
      'twilio message SM00000000000000000000000000000001',
      'twilio message SM00000000000000000000000000000002',
      'twilio message SM00000000000000000000000000000003',
    ])
    expect(tracesIn(await everyRow(database))).toEqual([])
  })

  it('asks no longer than a minute at a time, however slow a carrier is', async () => {
    const other = await database.query<{ id: string }>(
      `insert into erasure_task (dedupe_key, contact_id, provider, kind, provider_id, created_at)
       select 'slow:' || n, $1, 'twilio', 'message', 'SM' || n, 0 from generate_series(1, 20) n returning id`,
      [lived.contact],
    )
    let ms = 0
    const redact = async () => {
      ms += 10_000
      return { kind: 'unavailable', cause: 'timeout' } as const
    }
    const slow = { ...scripted('twilio'), redact }
    const time = { monotonicMs: () => ms, realNow: () => 20_000 }
    await workErasureTasks({ database, time, providers: () => slow })
    const [asked] = await database.query<{ n: number }>(
      'select count(*)::int as n from erasure_task where attempts > 0 and state = $1',
      ['open'],
    )
    expect(asked?.n).toBe(6)
    await database.query('delete from erasure_task where id = any($1::bigint[])', [other.map(({ id }) => id)])
  })

  it('is harmless to do again, and asks nobody twice', async () => {
    const again = await erasePerson(deps(), { id: lived.contact, ...BY, at: NOON + 2 })
    expect(again).toMatchObject({ runsEnded: 0, tasks: 0 })
    const audit = await database.query<{ act: string; subject: string; detail: { again: boolean } }>(
      `select act, subject, detail from audit where act = 'contact.erase' order by id`,
    )
    expect(audit.map(({ subject, detail }) => [subject, detail.again])).toEqual([
      [lived.contact, false],
      [lived.contact, true],
    ])
  })

  it('ends the run, tells the engine, and leaves nothing that could be claimed', async () => {
    const [run] = await database.query<{ state: string; outcome: string }>(
      'select state, outcome from enrollment where id = $1',
      [lived.run],
    )
    expect(run).toEqual({ state: 'ended', outcome: 'exited' })
    const told = await database.query<{ payload: unknown }>('select payload from outbox where enrollment_id = $1', [
      lived.run,
    ])
    expect(told.map(({ payload }) => payload)).toEqual([{ kind: 'exit', at: BY.at }])
    expect(await new Scene(database).ask(lived.run, { step: 'third', now: NOON + 3 })).toEqual({
      kind: 'ended',
      outcome: 'exited',
    })
    await database.query(`update send set state = 'reserved', reason = null where id = $1`, [lived.textSend])
    const claim = { sendId: lived.textSend, startedRealAt: 1, now: NOON, provider: 'twilio', bodyHash: 'b', links: [] }
    expect(await claimSend(database, claim)).toBe(false)
  })

  it('leaves ledger chains that verify, without evidence', async () => {
    expect((await verifyLedger(database)).problems).toEqual([])
  })

  it('leaves the suppression, and a person who comes back by the same id is somebody new who is still blocked', async () => {
    expect(await suppressionsOf(database, KEYS, 'sms', QUAGGA.phone)).toEqual(['stop'])
    const back = await database.transaction((statements) =>
      lockContact(statements, { userId: QUAGGA.externalId }, { id: '11111111-1111-4111-8111-111111111111', at: NOON }),
    )
    expect(back.id).not.toBe(lived.contact)
    expect(await findPeople(database, { kind: 'external', value: QUAGGA.externalId })).toEqual([back.id])
    await database.query('delete from contact where id = $1', [back.id])
  })
})

describe.each(STORES)('the word of an erased person on $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  beforeAll(async () => {
    ;({ database, close } = await open())
  })
  afterAll(() => close())

  it('is kept as a block of the address when it was a no to everything', async () => {
    const scene = new Scene(database)
    const id = await scene.contact({ email: 'ada@example.com' })
    await database.transaction((statements) =>
      recordConsent(statements, {
        contactId: id,
        channel: 'email',
        purpose: '*',
        state: 'revoked',
        source: 'preferences',
        proof: {},
        at: NOON,
        recordedAt: NOON,
      }),
    )
    await erasePerson({ database, keys: KEYS, erases }, { id, ...BY })
    expect(await suppressionsOf(database, KEYS, 'email', 'ada@example.com')).toEqual(['unsubscribe'])
  })

  it('does not touch anybody else: rejected calls of a person whose id is a part of theirs stay', async () => {
    const scene = new Scene(database)
    const [one, other] = [await scene.contact(), await scene.contact()]
    await database.query(`update contact set external_id = '1' where id = $1`, [one])
    await database.query(`update contact set external_id = '12' where id = $1`, [other])
    const theirs = JSON.stringify({ userId: '12', quantity: '1' })
    const mine = JSON.stringify({ userId: '1' })
    await database.query(
      `insert into rejection (source, reason, detail, payload, received_at) values ('api', 'schema', '', $1, 0), ('api', 'schema', '', $2, 0)`,
      [theirs, mine],
    )
    await erasePerson({ database, keys: KEYS, erases }, { id: one, ...BY })
    const left = await database.query<{ payload: string }>('select payload from rejection order by id')
    expect(left.map(({ payload }) => payload)).toEqual([theirs, ''])
    const [kept] = await database.query<{ email: string | null }>('select email from contact where id = $1', [other])
    expect(kept?.email).not.toBeNull()
  })

  it('lets a call that has begun finish: its row stays, and what the carrier has is asked for when its id is known', async () => {
    const scene = new Scene(database)
    const lived = await liveThrough(database)
    await database.query(`update send set state = 'attempting', provider_id = null where id = $1`, [lived.textSend])
    await erasePerson({ database, keys: KEYS, erases }, { id: lived.contact, ...BY })
    expect(await scene.sends(lived.contact)).toMatchObject([{ state: 'delivered' }, { state: 'attempting' }])
    const providers = (name: string) => scripted(name === 'twilio' ? 'twilio' : 'sendgrid')
    const work = (realNow: number) =>
      workErasureTasks({ database, time: { monotonicMs: () => 0, realNow: () => realNow }, providers }, lived.contact)
    expect(await work(1)).toEqual({ done: 3, open: 1, givenUp: 0 })
    await database.query(`update send set state = 'accepted', provider_id = 'SM9' where id = $1`, [lived.textSend])
    expect(await work(2)).toEqual({ done: 4, open: 0, givenUp: 0 })
    expect(TRACES.length).toBeGreaterThan(0)
    expect(tracesIn(await everyRow(database))).toEqual([])
  })
})
