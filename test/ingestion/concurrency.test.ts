import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { relay } from '../../src/engine/relay.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { abandoned, anonymous, call, HOUR, NOON, openShop, ordered, rows, type Shop } from './shop.ts'

let postgres: TestPostgres
let shop: Shop

beforeAll(async () => {
  postgres = await startPostgres()
  shop = await openShop(undefined, await openPostgres(await postgres.url()))
})
afterAll(async () => {
  await shop.database.close()
  await postgres.stop()
})

const count = async (query: string): Promise<number> => (await rows(shop.database, query)).length

test('fifty parallel retries of one call are one event and one run', async () => {
  const trigger = abandoned('retried', { userId: 'retrier' })
  const results = await Promise.all(Array.from({ length: 50 }, () => shop.take(trigger)))
  expect(results.flat().filter((result) => result.kind === 'accepted')).toHaveLength(1)
  expect(await count(`select id from event where message_id = '${trigger.messageId}'`)).toBe(1)
  expect(await count("select id from enrollment where key = 'retried'")).toBe(1)
  expect(await count("select id from contact where external_id = 'retrier'")).toBe(1)
})

test('fifty different triggers for one key at once begin one run', async () => {
  await Promise.all(Array.from({ length: 50 }, () => shop.take(abandoned('raced', { userId: 'racer' }))))
  expect(
    await count("select id from event where name = 'cart.abandoned' and properties -> 'cart' ->> 'id' = 'raced'"),
  ).toBe(50)
  expect(await count("select id from enrollment where key = 'raced'")).toBe(1)
  expect(
    await count("select o.id from outbox o join enrollment e on e.id = o.enrollment_id where e.key = 'raced'"),
  ).toBe(1)
})

test('fifty calls that name one new person, some with a second id, make one contact', async () => {
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => {
      const both = call('identify', { userId: 'many', anonymousId: 'screen' })
      return shop.take(i % 3 === 0 ? both : call('identify', { userId: 'many' }))
    }),
  )
  expect(await count("select id from contact where external_id = 'many'")).toBe(1)
})

test('ids that are learned and given away at the same moment fail no call', async () => {
  for (let round = 0; round < 20; round++) {
    const [ada, bob, screen] = [`ada-${round}`, `bob-${round}`, `screen-${round}`]
    if (round % 2 === 0) await shop.take(anonymous(ordered('none'), screen))
    await Promise.all([
      shop.take(call('identify', { userId: ada, anonymousId: screen })),
      shop.take(call('identify', { userId: ada })),
      shop.take(call('identify', { userId: bob, anonymousId: screen })),
      shop.take(call('identify', { userId: bob })),
      shop.take(anonymous(ordered('none'), screen)),
    ])
    expect(await count(`select id from contact where external_id in ('${ada}', '${bob}')`)).toBe(2)
    expect(await count(`select id from contact where anonymous_id = '${screen}'`)).toBe(1)
  }
})

test('a trigger and its goal at once leave no run alive that has both', async () => {
  await Promise.all(
    Array.from({ length: 25 }, async (_, i) => {
      const userId = `buyer-${i}`
      const orders = [abandoned(`b${i}`, { userId }), ordered(`b${i}`, { userId })]
      await Promise.all(orders.map((order) => shop.take(order)))
    }),
  )
  expect(await count("select id from enrollment where key like 'b%' and state = 'active'")).toBe(0)
  expect(await count("select id from enrollment where key like 'b%' and converted_at is not null")).toBe(25)
})

test('the goal waits for whoever holds the contact, and is committed with the end of the run', async () => {
  await shop.take(abandoned('held', { userId: 'holder' }))
  const order: string[] = []
  let begin = (): void => undefined
  const locked = new Promise<void>((resolve) => {
    begin = resolve
  })
  const taken = locked.then(() => shop.take(ordered('held', { userId: 'holder' }))).then(() => order.push('goal'))
  await shop.database.transaction(async (statements) => {
    await statements.query("select id from contact where external_id = 'holder' for update")
    begin()
    await statements.query('select pg_sleep(0.2)')
    order.push('gate')
  })
  await taken
  expect(order).toEqual(['gate', 'goal'])
  expect(await rows(shop.database, "select state, outcome from enrollment where key = 'held'")).toEqual([
    { state: 'ended', outcome: 'goal' },
  ])
})

test('eight relays at once tell each enrollment its start before its signals', async () => {
  await shop.database.query('update outbox set done_at = 0')
  const buyers = Array.from({ length: 60 }, (_, i) => `relayed-${i}`)
  for (const cart of buyers) {
    const userId = cart
    await shop.take(abandoned(cart, { userId }), ordered(cart, { userId }))
  }
  const told = new Map<string, string[]>()
  const hear = async (enrollment: string, what: string): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    told.set(enrollment, [...(told.get(enrollment) ?? []), what])
  }
  const engine: Engine = {
    start: (run) => hear(run.enrollment, 'start'),
    signal: (_journey, enrollment, event) => hear(enrollment, event.kind),
    serve: async () => undefined,
  }
  const pending = () => count('select id from outbox where done_at is null')
  while ((await pending()) > 0) {
    await Promise.all(Array.from({ length: 8 }, () => relay({ database: shop.database, engine }, NOON + HOUR)))
  }
  expect(told.size).toBe(60)
  for (const heard of told.values()) expect(heard).toEqual(['start', 'goal'])
})
