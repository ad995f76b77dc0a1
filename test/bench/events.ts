import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeDevSecrets } from '../../src/cli/dev/dev-secrets.ts'
import { freePort } from '../../src/cli/dev/ports.ts'
import { startStack, type Stack } from '../../src/cli/dev/stack.ts'
import { virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import type { Database } from '../../src/core/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { workflowId } from '../../workers/protocol.ts'
import { startTestTemporal } from '../temporal.ts'
import { actionCount, eventCount } from '../workers/history.ts'
import { type Benchmark, type Finding, inLanes, round } from './benchmark.ts'
import { person, TRIGGER } from './people.ts'
import { compileShipped, deployFor, NOON } from './workspace.ts'

const JOURNEY = 'cart-recovery'
/** Virtual per real milliseconds: 48 hours in 72 seconds, and the first hour takes 1.5, so that every wait really is one. */
const SCALE = 2_400
const RUNS = 4
const HOUR_MS = 3_600_000

/** The shipped journey, except that nobody is held out. */
function everybody(text: string): string {
  return text.replace('holdout: 10%', 'holdout: 0%')
}

/** What a run costs on a real Temporal server with the whole product behind it, counted in its history afterwards. */
export const events: Benchmark = {
  name: 'events',
  measures: `History events and billable actions of a run; the worst of ${RUNS}, every check of the gate on`,
  async run(say) {
    const temporal = await startTestTemporal()
    const closing: (() => Promise<void>)[] = [() => temporal.stop()]
    try {
      const database = await openPglite(undefined)
      closing.push(() => database.close())
      const origin: ClockOrigin = { virtual: NOON - 9 * HOUR_MS, real: Date.now(), scale: SCALE }
      const clock = { origin, scale: SCALE, now: () => virtualNow(origin, Date.now()) }
      await migrate(database, clock.now())
      await deployFor(database, await compileShipped({ 'cart-recovery.yaml': everybody }), JOURNEY, clock.now())
      const secrets = makeDevSecrets()
      const ports = { apiPort: await freePort(), sandboxPort: await freePort() }
      const stack = await startStack({ database, clock, temporal, secrets, environment: 'bench', ...ports })
      closing.push(() => stack.stop())
      await untilMorning(clock)
      return await walk(new Shop(stack, secrets.writeKey, secrets.serverKey), database, say)
    } finally {
      for (const close of closing.toReversed()) await close()
    }
  },
}

/**
 * Starting takes hours of such a clock. The runs begin at ten in New York, so that all their messages fall inside the window,
 * however long it took.
 */
async function untilMorning(clock: { now(): number }): Promise<void> {
  const sinceTen = clock.now() - (NOON - 4 * HOUR_MS)
  const untilTen = sinceTen < 0 ? -sinceTen : 24 * HOUR_MS - (sinceTen % (24 * HOUR_MS))
  await sleep(untilTen / SCALE)
}

async function walk(shop: Shop, database: Database, say: (line: string) => void): Promise<Finding> {
  const buyers = Array.from({ length: RUNS }, (_, index) => person(index).email)
  const readers = Array.from({ length: RUNS }, (_, index) => person(RUNS + index).email)
  await shop.introduce([...buyers, ...readers])
  await shop.track(buyers, 'cart.abandoned', (userId) => ({ cart: { ...TRIGGER.cart, id: userId } }))
  await shop.track(buyers, 'order.placed', (userId) => ({ order_id: randomUUID(), cart_id: userId, total: 118.5 }))
  await shop.track(readers, 'cart.abandoned', (userId) => ({ cart: { ...TRIGGER.cart, id: userId } }))
  say(`the runs take ${Math.round((48 * HOUR_MS) / SCALE / 1_000)} s`)
  const goal = await costOf(shop, database, buyers, 'goal reached')
  const three = await costOf(shop, database, readers, 'all steps done')
  const sent = await database.query<{ count: number }>(
    `select count(*) as count from send where state in ('accepted', 'delivered')`,
  )
  if (sent[0]?.count !== RUNS * 3) throw new Error(`${String(sent[0]?.count)} messages were sent, not ${RUNS * 3}`)
  return {
    figures: { three_messages: three.events, goal_first: goal.events },
    rows: [
      ['three messages, events', String(three.events), '<= 33'],
      ['three messages, actions', String(three.actions), '<= 6'],
      ['goal before the first, events', String(goal.events), '<= 6'],
      ['goal before the first, actions', String(goal.actions), ''],
      ['three messages, history KB', String(round(three.bytes / 1_024, 1)), ''],
    ],
  }
}

/** The dearest of these people's runs. Throws if one of them ended otherwise. */
async function costOf(shop: Shop, database: Database, userIds: readonly string[], outcome: string) {
  const runs = await database.query<{ id: string }>(
    'select e.id from enrollment e join contact c on c.id = e.contact_id where c.external_id = any($1::text[])',
    [userIds],
  )
  if (runs.length !== userIds.length) throw new Error(`${runs.length} of ${userIds.length} people entered`)
  const cost = { events: 0, actions: 0, bytes: 0 }
  await inLanes(runs, runs.length, async ({ id }) => {
    const handle = shop.stack.client.workflow.getHandle(workflowId(JOURNEY, id))
    const result: unknown = await handle.result()
    const ended = typeof result === 'object' && result !== null && 'outcome' in result ? result.outcome : undefined
    if (ended !== outcome) throw new Error(`a run ended with ${JSON.stringify(result)}, not with "${outcome}"`)
    const history = await handle.fetchHistory()
    const { historySizeBytes } = (await handle.describe()).raw.workflowExecutionInfo ?? {}
    cost.events = Math.max(cost.events, eventCount(history))
    cost.actions = Math.max(cost.actions, actionCount(history))
    cost.bytes = Math.max(cost.bytes, Number(historySizeBytes ?? 0))
  })
  return cost
}

/** A shop that talks to the public API. */
class Shop {
  readonly stack: Stack
  readonly #writeKey: string
  readonly #serverKey: string

  constructor(stack: Stack, writeKey: string, serverKey: string) {
    this.stack = stack
    this.#writeKey = writeKey
    this.#serverKey = serverKey
  }

  /** Makes them known by email, phone and state, with consent to reminders on both channels. */
  async introduce(userIds: readonly string[]): Promise<void> {
    const at = new Date(this.stack.foundation.clock.now()).toISOString()
    const batch = userIds.map((userId, index) => ({
      type: 'identify',
      messageId: randomUUID(),
      userId,
      traits: { email: userId, phone: person(index).phone, state: 'NY', timezone: 'America/New_York' },
      timestamp: at,
    }))
    await this.#post('/v1/batch', this.#writeKey, { batch })
    // The shipped purpose asks for a double opt-in by text.
    const confirmation = { at, method: 'reply' }
    const proof = { wording: 'Remind me of my basket.', page: 'https://shop.example.com/basket', confirmation }
    const consents = userIds.flatMap((userId) =>
      ['email', 'sms'].map((channel) => ({ userId, channel, purpose: 'cart-reminders', state: 'granted', at, proof })),
    )
    await this.#post('/v1/consents', this.#serverKey, consents)
  }

  async track(userIds: readonly string[], event: string, properties: (userId: string) => object): Promise<void> {
    const timestamp = new Date(this.stack.foundation.clock.now()).toISOString()
    const batch = userIds.map((userId) => ({
      type: 'track',
      messageId: randomUUID(),
      userId,
      event,
      properties: properties(userId),
      timestamp,
    }))
    await this.#post('/v1/batch', this.#writeKey, { batch })
    // Written down and on its way to the engine before the next thing happens.
    await sleep(50)
  }

  async #post(path: string, key: string, body: unknown): Promise<void> {
    const answer = await fetch(this.stack.apiUrl + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok || text.includes('rejected')) throw new Error(`${path}: ${answer.status} ${text}`)
  }
}
