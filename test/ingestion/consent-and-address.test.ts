import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { recordConsent } from '../../src/consent/ledger.ts'
import { suppress, suppressionsOf } from '../../src/consent/suppression.ts'
import type { Channel } from '../../src/core/compiled-journey.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { migrate } from '../../src/store/migrate.ts'
import type { Database } from '../../src/core/database.ts'
import { HOUR, KEYS, NOON } from '../delivery/fixture.ts'
import { emptyStore, openSurface, type Surface, basic, bearer, SERVER_KEY, WRITE_KEY } from '../http/surface.ts'
import { OptInScene, type Person } from './opt-in-scene.ts'
import { rows } from './shop.ts'

describe('a browser’s key', () => {
  let api: Surface
  beforeAll(async () => {
    api = await openSurface()
  })
  beforeEach(() => emptyStore(api.shop))
  afterAll(async () => {
    await api.app.close()
    await api.shop.database.close()
  })

  const identify = async (traits: object, userId = 'ada') => {
    const payload = { userId, traits }
    const headers = basic(WRITE_KEY)
    const response = await api.app.inject({ method: 'POST', url: '/v1/identify', payload, headers })
    expect(response.statusCode).toBe(200)
  }
  const consent = async (channel: Channel, more: object = {}) => {
    const proof = { wording: 'Yes, write to me', page: 'https://shop.example.com/checkout' }
    const payload = { userId: 'ada', channel, purpose: 'cart-reminders', state: 'granted', proof, ...more }
    const response = await api.app.inject({ method: 'POST', url: '/v1/consents', payload, headers: bearer(SERVER_KEY) })
    expect(response.statusCode).toBe(200)
  }
  const held = async () =>
    (await rows<{ channel: Channel }>(api.shop.database, `select channel from consent where state = 'granted'`)).map(
      ({ channel }) => channel,
    )

  test.each([
    ['sms', { phone: '+12025550142' }, { phone: '+12025550199' }],
    ['email', { email: 'ada@example.com' }, { email: 'eve@example.com' }],
  ] as const)(
    'cannot point a consent by %s at another address, before or after it is known',
    async (channel, own, other) => {
      await consent(channel)
      await identify(other)
      expect(await held()).toEqual([])

      await identify(own, 'bob')
      await consent(channel, { userId: 'bob' })
      await identify({ ...own, firstName: 'Bob' }, 'bob')
      expect(await held()).toEqual([channel])
      await identify(other, 'bob')
      expect(await held()).toEqual([])
      await identify(own, 'bob')
      expect(await held()).toEqual([])
    },
  )

  test('that changes one address leaves the consent by the other alone', async () => {
    await identify({ email: 'ada@example.com', phone: '+12025550142' })
    await consent('email')
    await consent('sms')
    await identify({ email: 'ada.l@example.com' })
    expect(await held()).toEqual(['sms'])
  })

  test('and a "no" that a server tells holds for everybody with the address', async () => {
    await identify({ phone: '+12025550142' })
    await consent('sms')
    await api.shop.database.query(
      `insert into contact (id, external_id, phone, created_at, updated_at)
       values ('00000000-0000-4000-8000-000000000001', 'bob', '+12025550142', 0, 0)`,
    )
    await consent('sms', { userId: 'bob' })
    await consent('sms', { state: 'revoked', purpose: '*', proof: {} })
    expect(
      await rows(
        api.shop.database,
        `select c.external_id as who from consent n join contact c on c.id = n.contact_id
                                      where purpose = '*' and state = 'revoked' order by 1`,
      ),
    ).toEqual([{ who: 'ada' }, { who: 'bob' }])
  })
})

describe('a wish for one purpose that ends a block', () => {
  let database: Database
  let scene: OptInScene
  let ada: Person
  beforeAll(async () => {
    database = await openPglite(undefined)
    await migrate(database)
    scene = new OptInScene(database)
    await scene.deploy()
  })
  beforeEach(async () => {
    ada = await scene.person()
  })
  afterAll(() => database.close())

  const agree = (person: Person, purpose: string, at: number) =>
    recordConsent(database, {
      contactId: person.contact,
      channel: 'sms',
      purpose,
      state: 'granted',
      source: 'form',
      proof: { page: 'checkout' },
      at,
      recordedAt: at,
    })
  const unsubscribe = (at: number) =>
    suppress(database, { keys: KEYS, channel: 'sms', address: ada.phone, reason: 'unsubscribe', source: 'link', at })

  test('brings no other purpose back that the block had silenced, for nobody with the address', async () => {
    const bob = await scene.person({ phone: ada.phone })
    await agree(ada, 'cart-reminders', NOON - 3 * HOUR)
    await agree(bob, 'cart-reminders', NOON - 3 * HOUR)
    await unsubscribe(NOON - 2 * HOUR)
    expect(await scene.text(ada.phone, 'FERNWAY')).toBe('confirmed')
    expect(await suppressionsOf(database, KEYS, 'sms', ada.phone)).toEqual([])
    const joined = [await scene.holds(ada.contact, 'newsletter'), await scene.holds(bob.contact, 'newsletter')]
    expect(joined.filter(Boolean)).toHaveLength(1)
    expect([await scene.holds(ada.contact), await scene.holds(bob.contact)]).toEqual([false, false])
  })

  test('leaves alone what was agreed to after the block', async () => {
    await unsubscribe(NOON - 2 * HOUR)
    await agree(ada, 'cart-reminders', NOON - HOUR)
    await scene.text(ada.phone, 'FERNWAY')
    expect(await scene.holds(ada.contact)).toBe(true)
  })
})
