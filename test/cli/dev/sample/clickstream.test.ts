import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { inventPeople } from '../../../../src/cli/dev/sample/clickstream-people.ts'
import { NotAClickstream, readClickRows } from '../../../../src/cli/dev/sample/clickstream-rows.ts'
import { clickstreamSample } from '../../../../src/cli/dev/sample/clickstream.ts'
import type { Figures } from '../../../../src/cli/dev/sample/figures.ts'
import { measureCarts, measureOrders } from '../../../../src/cli/dev/sample/measurement.ts'
import { readRetailOrders } from '../../../../src/cli/dev/sample/retail-orders.ts'

const folder = mkdtempSync(join(tmpdir(), 'segue-clickstream-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const HEADER = 'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session'
type Row = readonly [time: string, type: string, product: string, price: string, user: string, session: string]

function file(rows: readonly Row[], header = HEADER): string {
  const path = join(folder, `${Math.abs(rows.length * 7919 + JSON.stringify(rows).length)}-${rows.length}.csv`)
  const lines = rows.map(
    ([time, type, product, price, user, session]) =>
      `2030-01-01 ${time} UTC,${type},${product},1,home.kitchen.tea_pot,acme,${price},${user},${session}`,
  )
  writeFileSync(path, `${[header, ...lines].join('\n')}\n`)
  return path
}

const at = (time: string) => Date.parse(`2030-01-01T${time}Z`)
const sampleOf = async (...rows: Row[]) => clickstreamSample(file(rows))

describe('a clickstream', () => {
  test('a cart that nothing is bought from is abandoned half an hour after the last addition', async () => {
    const sample = await sampleOf(
      ['10:00:00', 'view', 'p1', '10.00', 'u1', 's1'],
      ['10:01:00', 'cart', 'p1', '10.00', 'u1', 's1'],
      ['10:02:00', 'cart', 'p2', '25.50', 'u1', 's1'],
      ['10:03:00', 'cart', 'p1', '10.00', 'u1', 's1'],
      ['10:09:00', 'view', 'p3', '99.00', 'u1', 's1'],
    )
    expect(sample.events).toMatchObject([
      {
        event: 'cart.abandoned',
        at: at('10:33:00'),
        properties: {
          cart: {
            total: 45.5,
            currency: 'USD',
            items: [
              { name: 'acme tea pot', price: 10, quantity: 2 },
              { name: 'acme tea pot', price: 25.5, quantity: 1 },
            ],
          },
        },
      },
    ])
  })

  test('a purchase within half an hour is an order and no abandonment', async () => {
    const sample = await sampleOf(
      ['10:00:00', 'cart', 'p1', '10.00', 'u1', 's1'],
      ['10:30:00', 'purchase', 'p1', '10.00', 'u1', 's1'],
    )
    expect(sample.events.map((event) => event.event)).toEqual(['order.placed'])
  })

  test('a purchase after it, also in another session, is the order of that cart', async () => {
    const sample = await sampleOf(
      ['10:00:00', 'cart', 'p1', '10.00', 'u1', 's1'],
      ['10:30:01', 'purchase', 'p1', '10.00', 'u1', 's2'],
    )
    expect(sample.events.map((event) => event.event)).toEqual(['cart.abandoned', 'order.placed'])
    const [abandoned, order] = sample.events
    expect(abandoned).toBeDefined()
    expect(order?.properties['cart_id']).toBe((abandoned?.properties['cart'] as { id: string } | undefined)?.id)
    expect(order).toMatchObject({ at: at('10:30:01'), userId: abandoned?.userId, properties: { total: 10 } })
  })

  test("another user's purchase changes nothing", async () => {
    const sample = await sampleOf(
      ['10:00:00', 'cart', 'p1', '10.00', 'u1', 's1'],
      ['10:10:00', 'purchase', 'p1', '10.00', 'u2', 's2'],
    )
    expect(sample.events.map((event) => event.event)).toEqual(['order.placed', 'cart.abandoned'])
    expect(sample.events[0]?.properties['cart_id']).toBeUndefined()
  })

  test('what was bought before the last addition is not in the abandoned cart', async () => {
    const sample = await sampleOf(
      ['10:00:00', 'cart', 'p1', '10.00', 'u1', 's1'],
      ['10:05:00', 'purchase', 'p1', '10.00', 'u1', 's1'],
      ['10:06:00', 'cart', 'p2', '40.00', 'u1', 's1'],
    )
    const abandoned = sample.events.find((event) => event.event === 'cart.abandoned')
    expect(abandoned).toMatchObject({ at: at('10:36:00'), properties: { cart: { total: 40 } } })
  })

  test('rows of one second and session are one order', async () => {
    const sample = await sampleOf(
      ['10:00:00', 'cart', 'p1', '10.00', 'u1', 's1'],
      ['10:01:00', 'purchase', 'p1', '10.00', 'u1', 's1'],
      ['10:01:00', 'purchase', 'p2', '5.25', 'u1', 's1'],
    )
    expect(sample.events).toMatchObject([{ event: 'order.placed', properties: { total: 15.25 } }])
  })

  test('repeated rows count once and are told of; broken rows too', async () => {
    const cart: Row = ['10:00:00', 'cart', 'p1', '30.00', 'u1', 's1']
    const sample = await sampleOf(cart, cart, ['10:01:00', 'cart', 'p2', '0.00', 'u1', 's1'])
    expect(sample.events).toMatchObject([{ properties: { cart: { total: 30 } } }])
    expect(sample.notes).toContain('1 row was a repetition of another and left out')
    expect(sample.notes).toContain('1 rows without a usable time, price, user or session were left out')
  })

  test('no id of the data leaves the file', async () => {
    const sample = await sampleOf(['10:00:00', 'cart', 'product-7', '30.00', 'user-8', 'session-9'])
    expect(JSON.stringify(sample)).not.toMatch(/product-7|user-8|session-9/)
  })

  test('the same file gives the same people and message ids', async () => {
    const rows: Row[] = [['10:00:00', 'cart', 'p1', '30.00', 'u1', 's1']]
    expect(await sampleOf(...rows)).toEqual(await sampleOf(...rows))
  })

  test('a file without the columns, or of no fixed width, is refused by name', async () => {
    await expect(clickstreamSample(file([], 'a,b,c'))).rejects.toThrow(NotAClickstream)
    await expect(clickstreamSample(file([], 'a,b,c'))).rejects.toThrow(/has no column event_time, event_type/)
    await expect(clickstreamSample(file([['10:00:00', 'cart', 'p', '1,5', 'u', 's']]))).rejects.toThrow(NotAClickstream)
  })

  test("a file that is not there is the system's own error", async () => {
    await expect(clickstreamSample(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('a file with nothing but a header is an empty sample', async () => {
    expect(await sampleOf()).toMatchObject({ people: [], events: [] })
  })
})

describe('invented people', () => {
  const people = inventPeople(
    Array.from({ length: 1000 }, (_, i) => `user ${i}`),
    at('10:00:00'),
  )

  test('have numbers of their own that reach nobody, in seven zones', () => {
    const phones = people.flatMap((person) => person.traits['phone'] ?? [])
    expect(new Set(phones).size).toBe(phones.length)
    expect(phones.every((phone) => /^\+1[2-9]\d\d55501\d\d$/.test(phone))).toBe(true)
    expect(new Set(people.map((person) => person.zone)).size).toBe(7)
  })

  test('consent in about four of five cases, channel by channel, so that some lack each', () => {
    for (const channel of ['email', 'sms'] as const) {
      const consenting = people.filter((person) => person.consents.some((consent) => consent.channel === channel))
      expect(consenting.length / people.length).toBeGreaterThan(0.75)
      expect(consenting.length / people.length).toBeLessThan(0.85)
    }
    expect(people.some((person) => person.consents.length === 0)).toBe(true)
  })

  test('have no consent from the future of the data', () => {
    expect(people.every((person) => person.consents.every((consent) => consent.at < at('10:00:00')))).toBe(true)
  })
})

const data = process.env['SEGUE_DATA'] ?? join(import.meta.dirname, '../../../../../shared/data')
const clicks = join(data, 'rees46-2019-10-01-sample.csv')
const retail = join(data, 'online-retail.csv.gz')
const present = existsSync(clicks) && existsSync(retail)
const figures = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../journeys/sample/figures.json'), 'utf8'),
) as Figures

describe(`the real data (${present ? 'found' : 'not here: set SEGUE_DATA to run on it'})`, () => {
  test.runIf(present)('the figures that ship are those of the files', async () => {
    expect(measureCarts(figures.carts.source, await readClickRows(clicks))).toEqual(figures.carts)
    expect(measureOrders(figures.orders.source, await readRetailOrders(retail))).toEqual(figures.orders)
  })

  test.runIf(present)("gives a sample with abandonments and orders, in the data's own hours", async () => {
    const sample = await clickstreamSample(clicks)
    expect(sample.events.filter((event) => event.event === 'cart.abandoned')).toHaveLength(55)
    expect(sample.events.filter((event) => event.event === 'order.placed').length).toBeGreaterThan(200)
    expect(sample.notes).toContain('5 rows were a repetition of another and left out')
    expect(sample.events.every((event) => event.at >= sample.startsAt)).toBe(true)
    expect(new Set(sample.events.map((event) => event.messageId)).size).toBe(sample.events.length)
  })
})

test('what ships of the data is figures with their sources, and no row or id of it', () => {
  expect(Object.keys(figures.carts.categories).every((name) => /^[a-z]+$/.test(name))).toBe(true)
  expect(figures.carts.source).toContain('REES46')
  expect(figures.orders.source).toContain('10.1057/dbm.2012.17')
  const sum = (shares: readonly number[]) => shares.reduce((total, share) => total + share, 0)
  expect(sum(figures.orders.hours)).toBeCloseTo(1, 2)
  expect(sum(figures.orders.weekdays)).toBeCloseTo(1, 2)
  expect(sum(Object.values(figures.carts.categories))).toBeCloseTo(1, 2)
})
