import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { suppress } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { deliver, type DeliverDeps } from '../../src/delivery/deliver.ts'
import type { HandOff } from '../../src/delivery/message-provider.ts'
import { clockAt, deliverDeps, deploy, dueNow, enter, HOUR, KEYS, NOON, type Run } from '../delivery/fixture.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { carriers, randomFrom } from './at-once.ts'

/** Everything that may happen to a person before a message is due. */
const BEFORE: readonly ((database: Database, run: Run) => Promise<unknown>)[] = [
  async () => undefined,
  (database, { phone }) =>
    suppress(database, { keys: KEYS, channel: 'sms', address: phone, reason: 'stop', source: 'twilio', at: NOON }),
  (database, { contact }) => database.query('delete from consent where contact_id = $1', [contact]),
  (database, { contact }) => database.query('update contact set phone = null where id = $1', [contact]),
  (database, { enrollment }) =>
    database.query(`update enrollment set state = 'ended', outcome = 'goal' where id = $1`, [enrollment]),
  (database, { enrollment }) => database.query('update enrollment set held_out = true where id = $1', [enrollment]),
]
const ANSWERS: readonly HandOff[] = [
  { kind: 'accepted', providerId: 'id' },
  { kind: 'unknown', cause: 'timeout' },
  { kind: 'rejected', class: 'bad_recipient', code: '21211' },
  { kind: 'rejected', class: 'throttled', code: '429' },
  { kind: 'rejected', class: 'opt_out', code: '21610' },
]

interface Explained {
  readonly id: string
  readonly state: string
  readonly reason: string | null
  readonly verdicts: readonly {
    readonly verdict: string
    readonly reason: string
    readonly facts: object
    readonly commit: string | null
    readonly author: string | null
  }[]
}

/** Every send with all that was ever decided about it, and with the commit that each decision's version was compiled from. */
const EXPLAINED = `select s.id, s.state, s.reason, coalesce((
    select json_agg(json_build_object('verdict', d.verdict, 'reason', d.reason, 'facts', d.facts,
                                      'commit', v.commit_hash, 'author', v.author) order by d.id)
      from decision d left join journey_version v on v.hash = d.version
     where d.enrollment_id = s.enrollment_id and d.step = s.step and d.branch = s.branch), '[]') as verdicts
  from send s`

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`G6, every send and every non-send is explained, on ${store.name}`, () => {
    let database: Database
    beforeAll(async () => {
      await store.start()
      database = await store.open()
      await deploy(database)
      const random = randomFrom(6)
      for (let round = 0; round < 150; round++) {
        const run = await enter(database)
        await BEFORE[Math.floor(random() * BEFORE.length)]?.(database, run)
        await walk(run, ANSWERS[Math.floor(random() * ANSWERS.length)], random)
      }
    })
    afterAll(async () => {
      await database.close()
      await store.stop()
    })

    /** Some steps of the run, at some hour, each asked about more than once. */
    async function walk(run: Run, answer: HandOff | undefined, random: () => number): Promise<void> {
      const clock = clockAt(NOON + Math.floor(random() * 24) * HOUR)
      const unrenderable = random() < 0.1
      const deps: DeliverDeps = deliverDeps(
        database,
        carriers(() => answer ?? { kind: 'unknown', cause: 'none' }).providers,
        {
          clock,
          ...(unrenderable ? { render: async () => ({ kind: 'unrenderable', detail: 'a variable is missing' }) } : {}),
        },
      )
      for (const step of ['code', 'alone', 'mail']) {
        for (let times = 0; times < 2; times++) await deliver(deps, dueNow(run, step, { dueAt: clock.now() }))
      }
    }

    test('no send is without a decision, and no decision is without facts, version, commit and author', async () => {
      const sends = await database.query<Explained>(EXPLAINED)
      expect(sends.length).toBeGreaterThan(200)
      for (const { id, state, verdicts } of sends) {
        expect(verdicts.length, `${id} (${state})`).toBeGreaterThan(0)
        for (const { verdict, reason, facts, commit, author } of verdicts) {
          expect(
            [verdict, reason].every((word) => word.length > 0),
            id,
          ).toBe(true)
          expect(Object.keys(facts).length, `${id}: ${verdict} ${reason}`).toBeGreaterThan(0)
          expect({ commit, author }, id).toEqual({ commit: 'c0ffee', author: 'growth' })
        }
      }
    })

    test('the state of a send is what its last decision says', async () => {
      const states = new Set<string>()
      for (const { id, state, reason, verdicts } of await database.query<Explained>(EXPLAINED)) {
        states.add(state)
        const last = verdicts.at(-1)
        if (state === 'refused') expect(last, id).toMatchObject({ verdict: 'refuse', reason })
        else if (state === 'held_out') expect(last, id).toMatchObject({ verdict: 'ghost' })
        else if (state === 'reserved') expect(last, id).toMatchObject({ verdict: 'hold' })
        else expect(last, `${id} ${state}`).toMatchObject({ verdict: 'send', reason: 'allowed' })
      }
      expect(states).toEqual(new Set(['accepted', 'unknown', 'rejected', 'reserved', 'refused', 'held_out']))
    })

    test('a message that is not sent and has no row yet has its decision all the same', async () => {
      const held = await database.query<{ reason: string; until_at: number | null }>(
        `select d.reason, d.until_at from decision d where d.verdict = 'hold'
          and not exists (select 1 from send s where s.enrollment_id = d.enrollment_id and s.step = d.step and s.branch = d.branch)`,
      )
      expect(held.length).toBeGreaterThan(0)
      for (const { until_at } of held) expect(until_at).not.toBeNull()
    })

    test('no decision holds an address or a name', async () => {
      const rows = await database.query<{ facts: string }>('select facts::text as facts from decision')
      const text = rows.map(({ facts }) => facts).join('\n')
      expect(text).not.toMatch(/@example\.com|\+1\d{10}/)
    })
  })
}
