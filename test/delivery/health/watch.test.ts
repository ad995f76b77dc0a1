import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listSwitches, setSwitch } from '../../../src/administration/kill-switch.ts'
import type { Database } from '../../../src/core/database.ts'
import { HEALTH_ACTOR, watchHealth } from '../../../src/delivery/health/watch.ts'
import { deploy, enter, HOUR, JOURNEY, NOON, type Run } from '../fixture.ts'
import { pgliteStore, postgresStore } from '../stores.ts'

const DAY = 24 * HOUR

describe.each([pgliteStore(), postgresStore()])('the health watch on $name', (store) => {
  let database: Database
  let run: Run

  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
    await database.query(
      `update workspace set compiled = compiled || '{"reports": {"to": ["ops@example.com"], "sender": "shop-email"}}'`,
    )
    run = await enter(database)
  })
  afterAll(async () => {
    await database.close()
    await store.stop()
  })

  /** Emails of a journey that went out at an instant; `bad` of them ended in a state. */
  const sent = async (
    count: number,
    bad: number,
    state: string,
    at: number,
    journey = JOURNEY.id,
    channel = 'email',
  ) => {
    await database.query(
      `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state, reserved_at,
                         handed_off_at, updated_at)
       select gen_random_uuid(), e.id, $3 || n, 'action', $4, e.version, e.contact_id, $5, 'cart-reminders', 'marketing',
              case when n <= $6 then $7 else 'delivered' end, $8, $8, $8
         from enrollment e, generate_series(1, $2::int) n where e.id = $1`,
      [run.enrollment, count, randomUUID(), journey, channel, bad, state, at],
    )
  }
  const mails = () =>
    database.query<{ dedupe_key: string; subject: string; address: string; body: string }>(
      'select dedupe_key, subject, address, body from service_message order by said_at, dedupe_key',
    )
  const forget = async () => {
    await database.query('delete from send')
    await database.query('delete from service_message')
    await database.query('delete from kill_switch')
    await database.query('delete from audit')
  }
  const resume = (at: number) =>
    setSwitch(database, { scope: 'journey', name: JOURNEY.id, on: false, reason: 'looked into', actor: 'ops', at })

  test('pauses a journey whose mail is reported as spam, says why, and tells operators once', async () => {
    await forget()
    await sent(1_000, 3, 'complained', NOON - HOUR)
    await sent(1_000, 0, 'delivered', NOON - HOUR, 'welcome')
    expect(await watchHealth(database, NOON)).toEqual({ paused: [JOURNEY.id], warned: [] })
    const reason = 'complaints: 3 of 1000 emails, 0.3 % (stops at 0.3 %)'
    expect(await listSwitches(database)).toEqual([
      { scope: 'journey', name: JOURNEY.id, reason, actor: HEALTH_ACTOR, at: NOON },
    ])
    const acts = await database.query('select actor, act, subject, detail from audit')
    expect(acts).toEqual([
      { actor: HEALTH_ACTOR, act: 'switch.on', subject: `journey ${JOURNEY.id}`, detail: { reason } },
    ])
    expect(await mails()).toMatchObject([{ subject: `Paused: ${JOURNEY.id}`, address: 'ops@example.com' }])

    expect(await watchHealth(database, NOON + HOUR)).toEqual({ paused: [], warned: [] })
    expect(await mails()).toHaveLength(1)
  })

  test('a journey resumed by an operator is not paused again by the old complaints, but by new ones', async () => {
    await forget()
    await sent(1_000, 5, 'complained', NOON - HOUR)
    expect((await watchHealth(database, NOON)).paused).toEqual([JOURNEY.id])
    await resume(NOON + HOUR)
    // Another complaint about the old mail comes in, and new mail that nobody minds goes out.
    await sent(1, 1, 'complained', NOON - HOUR)
    await sent(500, 0, 'delivered', NOON + 2 * HOUR)
    expect(await watchHealth(database, NOON + 3 * HOUR)).toEqual({ paused: [], warned: [] })

    await sent(500, 4, 'complained', NOON + 4 * HOUR)
    expect((await watchHealth(database, NOON + 5 * HOUR)).paused).toEqual([JOURNEY.id])
    expect((await mails()).map(({ subject }) => subject)).toEqual([`Paused: ${JOURNEY.id}`, `Paused: ${JOURNEY.id}`])
  })

  test('warns once a day, and pauses nothing', async () => {
    await forget()
    await sent(1_000, 2, 'complained', NOON - HOUR)
    await sent(300, 30, 'undelivered', NOON - HOUR, 'welcome', 'sms')
    for (const at of [NOON, NOON + HOUR]) {
      expect(await watchHealth(database, at)).toEqual({ paused: [], warned: [JOURNEY.id, 'welcome'] })
    }
    expect(await listSwitches(database)).toEqual([])
    expect((await mails()).map(({ subject }) => subject)).toEqual([`Warning: ${JOURNEY.id}`, 'Warning: welcome'])
    expect((await watchHealth(database, NOON + 12 * HOUR)).warned).toHaveLength(2)
    expect(await mails()).toHaveLength(4)
  })

  test('looks at the last day only, and at what certainly went to a carrier', async () => {
    await forget()
    await sent(1_000, 1_000, 'complained', NOON - DAY)
    await sent(1_000, 0, 'delivered', NOON - HOUR)
    await sent(1_000, 1_000, 'unknown', NOON - HOUR)
    expect(await watchHealth(database, NOON)).toEqual({ paused: [], warned: [] })
  })

  test("goes by the policy's own shares, and keeps quiet where nobody is to be told", async () => {
    await forget()
    const health = { complaintWarn: 0.01, complaintStop: 0.1, bounceWarn: 0.5, bounceStop: 0.9, leastMessages: 20 }
    const [before] = await database.query<{ compiled: unknown }>('select compiled from workspace')
    await database.query(
      `update workspace set compiled = jsonb_set(compiled - 'reports', '{policies,us-retail,health}', $1)`,
      [JSON.stringify(health)],
    )
    await sent(1_000, 9, 'complained', NOON - HOUR)
    expect(await watchHealth(database, NOON)).toEqual({ paused: [], warned: [] })
    await sent(100, 100, 'complained', NOON - HOUR)
    await sent(20, 20, 'complained', NOON - HOUR, 'welcome')
    expect((await watchHealth(database, NOON)).paused).toEqual(['welcome'])
    expect(await mails()).toEqual([])
    await database.query('update workspace set compiled = $1', [JSON.stringify(before?.compiled)])
  })
})
