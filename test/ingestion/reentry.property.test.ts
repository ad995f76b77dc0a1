import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { abandoned, cartRecovery, HOUR, NOON, openShop, ordered, rows, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  const enter = { ...cartRecovery.enter, reentry: { kind: 'never' as const } }
  shop = await openShop([{ ...cartRecovery, enter }])
})
afterAll(() => shop.database.close())

const happening = fc.record({
  what: fc.constantFrom('abandoned' as const, 'ordered' as const),
  cart: fc.constantFrom('c1', 'c2'),
  person: fc.constantFrom('ada', 'bob'),
  hoursAgo: fc.integer({ min: 0, max: 60 }),
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

function toCall({ what, cart, person, hoursAgo }: Happening, index: number) {
  const fields = { messageId: `m${index}`, userId: person, originalTimestamp: NOON - hoursAgo * HOUR, sentAt: NOON }
  return what === 'abandoned' ? abandoned(cart, fields) : ordered(cart, fields)
}

test('whatever the order and repetition of the same events, no key runs twice, and every start is told once', async () => {
  const scenario = fc.array(happening, { minLength: 1, maxLength: 8 }).chain((happenings) =>
    fc.record({
      happenings: fc.constant(happenings),
      // Every call at least once, in any order, some again.
      order: fc
        .array(fc.nat({ max: happenings.length - 1 }), { maxLength: 6 })
        .chain((again) =>
          fc.shuffledSubarray([...happenings.keys(), ...again], { minLength: happenings.length + again.length }),
        ),
    }),
  )
  await fc.assert(
    fc.asyncProperty(scenario, async ({ happenings, order }) => {
      await shop.database.query('truncate contact, event, enrollment, assignment, outbox, rejection cascade')
      const calls = happenings.map(toCall)
      await shop.take(...order.flatMap((index) => calls[index] ?? []))

      const runs = await rows<{ who: string; key: string; state: string; starts: number }>(
        shop.database,
        `select c.external_id as who, e.key, e.state, e.outcome,
                (select count(*) from outbox o where o.enrollment_id = e.id and o.kind = 'start') as starts
           from enrollment e join contact c on c.id = e.contact_id`,
      )
      const entered = new Set(
        happenings.filter(({ what }) => what === 'abandoned').map(({ person, cart }) => `${person} ${cart}`),
      )
      expect(runs.map((run) => `${run.who} ${run.key}`).toSorted()).toEqual([...entered].toSorted())
      expect(runs.every((run) => run.starts === 1 || (run.starts === 0 && run.state === 'ended'))).toBe(true)
      expect(await rows(shop.database, 'select id from event')).toHaveLength(happenings.length)
    }),
    { numRuns: 40 },
  )
})
