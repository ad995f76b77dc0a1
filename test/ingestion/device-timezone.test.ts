import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readSegmentCall } from '../../src/ingestion/segment-call.ts'
import { call, deployShop, openShop, rows, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.database.close())
beforeEach(async () => {
  await shop.database.query('truncate contact, event, rejection cascade')
  await deployShop(shop.database)
  shop.deps.journeys.notify()
})

const traits = async () => {
  const found = await rows<{ traits: Record<string, unknown> }>(shop.database, 'select traits from contact')
  return found.map((row) => row.traits)
}

describe('the zone of a device', () => {
  test('is read from context.timezone, as Segment’s libraries write it', () => {
    const read = readSegmentCall(
      { userId: 'u', context: { timezone: 'Europe/Paris' } },
      { kind: 'page', newMessageId: () => 'm' },
    )
    expect(read).toMatchObject({ kind: 'call', call: { deviceTimezone: 'Europe/Paris' } })
    const none = readSegmentCall({ userId: 'u', context: 'x' }, { kind: 'page', newMessageId: () => 'm' })
    expect(none).not.toHaveProperty('call.deviceTimezone')
  })

  test('is kept as the trait device_timezone, the latest one, beside what an identify says', async () => {
    await shop.take({ ...call('page', {}), deviceTimezone: 'Europe/Paris' })
    await shop.take(call('identify', { properties: { plan: 'gold' } }))
    expect(await traits()).toEqual([{ device_timezone: 'Europe/Paris', plan: 'gold' }])
    await shop.take({
      ...call('identify', { properties: { timezone: 'America/New_York' } }),
      deviceTimezone: 'Asia/Tokyo',
    })
    expect(await traits()).toEqual([{ device_timezone: 'Asia/Tokyo', plan: 'gold', timezone: 'America/New_York' }])
  })

  test('that nobody knows is left out, and no identify can claim one', async () => {
    await shop.take({ ...call('page', {}), deviceTimezone: 'Mars/Base' })
    await shop.take(call('identify', { properties: { device_timezone: 'Asia/Tokyo' } }))
    expect(await traits()).toEqual([{}])
    expect(await rows(shop.database, 'select reason from rejection')).toEqual([{ reason: 'bad_trait' }])
  })

  test('of a message that is known changes nothing', async () => {
    const first = { ...call('page', {}), deviceTimezone: 'Europe/Paris' }
    await shop.take(first)
    await shop.take({ ...first, deviceTimezone: 'Asia/Tokyo' })
    expect(await traits()).toEqual([{ device_timezone: 'Europe/Paris' }])
  })
})
