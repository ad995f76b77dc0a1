import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  abandoned,
  anonymous,
  call,
  cartRecovery,
  DAY,
  deployShop,
  expression,
  HOUR,
  NOON,
  openShop,
  ordered,
  rows,
  type Shop,
} from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.database.close())
beforeEach(async () => {
  await shop.database.query(
    'truncate contact, consent_event, consent, event, enrollment, assignment, outbox, rejection cascade',
  )
  await deployShop(shop.database)
  shop.deps.journeys.notify()
})

const runs = () =>
  rows<{ state: string; outcome: string | null; key: string; entered_at: number; converted_at: number | null }>(
    shop.database,
    'select state, outcome, key, entered_at, ended_at, converted_at from enrollment order by entered_at, key',
  )
const outbox = () =>
  rows<{ kind: string; payload: object }>(shop.database, 'select kind, payload from outbox order by id')
const rejections = () =>
  rows<{ reason: string; detail: string }>(shop.database, 'select reason, detail from rejection order by id')
const contacts = () =>
  rows<{ external_id: string | null; anonymous_id: string | null; email: string | null; phone: string | null }>(
    shop.database,
    'select external_id, anonymous_id, email, phone, traits from contact order by created_at, external_id',
  )

describe('entering', () => {
  test('a trigger begins a run, assigns its experiments and tells the engine, in one go', async () => {
    const [result] = await shop.take(abandoned('c1'))
    expect(result).toMatchObject({ kind: 'accepted' })
    expect(await runs()).toMatchObject([{ state: 'active', key: 'c1', entered_at: NOON }])
    expect(await outbox()).toEqual([{ kind: 'start', payload: {} }])
    const assigned = await rows<{ salt: string; arm: string }>(shop.database, 'select salt, arm from assignment')
    expect(assigned).toHaveLength(1)
    expect(assigned[0]?.salt).toBe('cart-subject')
  })

  test('a trigger whose condition is false or unknown begins nothing', async () => {
    await shop.take(
      call('track', { event: 'cart.abandoned', properties: { cart: { id: 'c1', total: 29.99 } } }),
      call('track', { event: 'order.placed', properties: {} }),
    )
    expect(await runs()).toEqual([])
    expect(await outbox()).toEqual([])
  })

  test('a trigger without a key begins nothing and is kept with the reason', async () => {
    await shop.take(call('track', { event: 'cart.abandoned', properties: { cart: { total: 50 } } }))
    expect(await runs()).toEqual([])
    expect(await rejections()).toMatchObject([{ reason: 'no_key' }])
  })

  test('each cart is a run of its own, and a second trigger for a living one begins nothing', async () => {
    await shop.take(abandoned('c1'), abandoned('c2'), abandoned('c1'))
    expect((await runs()).map((run) => run.key)).toEqual(['c1', 'c2'])
  })

  test('the same key may enter again only after the re-entry time, counted from event to event', async () => {
    await shop.take(abandoned('c1'), ordered('c1'))
    const again = NOON + 7 * DAY
    await shop.takeAt(again - 1, abandoned('c1'))
    expect(await runs()).toHaveLength(1)
    await shop.takeAt(again, abandoned('c1'))
    expect(await runs()).toHaveLength(2)
  })

  test('with re-entry never, a key that has run once never runs again', async () => {
    const enter = { ...cartRecovery.enter, reentry: { kind: 'never' as const } }
    const once = await openShop([{ ...cartRecovery, enter }], shop.database)
    await once.take(abandoned('c1'), ordered('c1'))
    await once.takeAt(NOON + 365 * DAY, abandoned('c1'))
    expect(await rows(shop.database, 'select id from enrollment')).toHaveLength(1)
  })

  test('a held-out contact enters, marked, and stays held out when the share is lowered', async () => {
    const share = (holdout: number) => ({ ...cartRecovery, enter: { ...cartRecovery.enter, holdout } })
    const all = await openShop([share(1)], shop.database)
    await all.take(abandoned('c1'))
    const none = await openShop([share(0)], shop.database)
    await none.take(abandoned('c2'))
    const held = await rows<{ held_out: boolean }>(shop.database, 'select held_out from enrollment')
    expect(held.map((run) => run.held_out)).toEqual([true, true])
  })

  test('a late event enters at the time at which it happened', async () => {
    await shop.take(abandoned('c1', { originalTimestamp: NOON - 9 * HOUR, sentAt: NOON }))
    expect(await runs()).toMatchObject([{ entered_at: NOON - 9 * HOUR }])
  })

  test('a trigger that its goal has overtaken is written down as converted and never started', async () => {
    await shop.take(
      ordered('c1', { originalTimestamp: NOON - HOUR }),
      abandoned('c1', { originalTimestamp: NOON - 2 * HOUR }),
    )
    expect(await runs()).toMatchObject([{ state: 'ended', outcome: 'goal', converted_at: NOON - HOUR }])
    expect(await outbox()).toEqual([])
  })
})

describe('ending', () => {
  test('the goal ends the run, records when it was reached, and tells the engine after the start', async () => {
    await shop.take(abandoned('c1'))
    await shop.takeAt(NOON + HOUR, ordered('c1'))
    expect(await runs()).toMatchObject([{ state: 'ended', outcome: 'goal', converted_at: NOON + HOUR }])
    expect(await outbox()).toEqual([
      { kind: 'start', payload: {} },
      { kind: 'signal', payload: { kind: 'goal', at: NOON + HOUR } },
    ])
  })

  test('the goal of another cart, or of before the entry, ends nothing', async () => {
    await shop.take(abandoned('c1'), ordered('c2'), ordered('c1', { originalTimestamp: NOON - 1 }))
    expect(await runs()).toMatchObject([{ state: 'active' }])
  })

  test('the goal after its window ends nothing', async () => {
    await shop.take(abandoned('c1'))
    await shop.takeAt(NOON + 5 * DAY + 1, ordered('c1'))
    expect(await runs()).toMatchObject([{ state: 'active', converted_at: null }])
  })

  test('an exit ends the run without a conversion', async () => {
    await shop.take(abandoned('c1'))
    await shop.takeAt(NOON + HOUR, call('track', { event: 'cart.emptied', properties: { cart_id: 'c1' } }))
    expect(await runs()).toMatchObject([{ state: 'ended', outcome: 'exited', converted_at: null }])
    expect((await outbox()).at(-1)).toEqual({ kind: 'signal', payload: { kind: 'exit', at: NOON + HOUR } })
  })

  test('a run with nothing left to do is completed in passing, still converts, and is not told about it', async () => {
    await shop.take(abandoned('c1'))
    await shop.database.query('update enrollment set ends_at = $1', [NOON + HOUR])
    await shop.takeAt(NOON + 2 * HOUR, ordered('c1'))
    expect(await runs()).toMatchObject([
      { state: 'ended', outcome: 'completed', ended_at: NOON + HOUR, converted_at: NOON + 2 * HOUR },
    ])
    expect(await outbox()).toHaveLength(1)
  })

  test('an event that is one run’s goal and another’s trigger does not end the run that it begins', async () => {
    const repeat = {
      ...cartRecovery,
      id: 'repeat-purchase',
      enter: {
        kind: 'event' as const,
        event: 'order.placed',
        key: expression('trigger.cart_id'),
        reentry: { kind: 'never' as const },
      },
      goal: { event: 'order.placed' },
      exitOn: [],
    }
    const chain = await openShop([cartRecovery, repeat], shop.database)
    await chain.take(abandoned('c1'), ordered('c1'))
    const states = await rows(shop.database, 'select journey, state from enrollment order by journey')
    expect(states).toEqual([
      { journey: 'cart-recovery', state: 'ended' },
      { journey: 'repeat-purchase', state: 'active' },
    ])
  })
})

describe('what is taken', () => {
  test('a message id that is known changes nothing, whatever else the retry says', async () => {
    const first = abandoned('c1', { originalTimestamp: NOON - HOUR, sentAt: NOON })
    await shop.take(first)
    const retried = await shop.takeAt(NOON + 400 * DAY, { ...first, sentAt: NOON - 400 * DAY })
    expect(retried).toEqual([{ kind: 'duplicate', messageId: first.messageId }])
    expect(await runs()).toHaveLength(1)
    expect(await rejections()).toEqual([])
  })

  test('an unknown event and one with wrong properties are kept with their reasons', async () => {
    const results = await shop.take(
      call('track', { event: 'cart.forgotten' }),
      call('track', { event: 'cart.abandoned', properties: { cart: { id: 'c1', total: '50' } } }),
    )
    expect(results.map((result) => result.kind)).toEqual(['rejected', 'rejected'])
    expect(await rejections()).toEqual([
      { reason: 'unknown_event', detail: 'no schema in events/ is named "cart.forgotten"' },
      { reason: 'schema', detail: 'cart.abandoned.cart.total must be number' },
    ])
    expect(await contacts()).toEqual([])
  })

  test('null is the same as nothing: fine where a property is optional, missing where it is required', async () => {
    const results = await shop.take(
      ordered('c1', { properties: { cart_id: 'c1', total: null } }),
      call('track', { event: 'cart.abandoned', properties: { cart: { id: 'c1', total: null } } }),
    )
    expect(results.map((result) => result.kind)).toEqual(['accepted', 'rejected'])
    expect(await rejections()).toMatchObject([{ detail: "cart.abandoned.cart must have required property 'total'" }])
  })

  test('a clock that is months off is refused', async () => {
    await shop.take(abandoned('c1', { originalTimestamp: NOON - 90 * DAY, sentAt: NOON - 90 * DAY }))
    expect(await rejections()).toMatchObject([{ reason: 'clock_skew' }])
  })

  test('group and alias calls are kept as unsupported; pages are stored and match nothing', async () => {
    const results = await shop.take(call('group'), call('alias'), call('page', { properties: { title: 'Home' } }))
    expect(results.map((result) => result.kind)).toEqual(['rejected', 'rejected', 'accepted'])
    expect(await rows(shop.database, 'select kind, name from event')).toEqual([{ kind: 'page', name: 'page' }])
  })

  test('nothing deployed means that nothing is taken, and says what to do', async () => {
    await shop.database.query('delete from deployment')
    await shop.database.query('delete from workspace')
    shop.deps.journeys.notify()
    const [result] = await shop.take(abandoned('c1'))
    expect(result).toMatchObject({ kind: 'rejected', reason: 'unknown_event' })
  })
})

describe('people', () => {
  test('an identify normalises addresses and renames Segment’s traits', async () => {
    await shop.take(
      call('identify', {
        properties: {
          email: ' Ada@Example.COM ',
          phone: '(212) 555-0142',
          firstName: 'Ada',
          timezone: 'America/New_York',
          address: { state: 'NY', street: 'Main' },
        },
      }),
    )
    expect(await contacts()).toMatchObject([
      {
        email: 'ada@example.com',
        phone: '+12125550142',
        traits: { first_name: 'Ada', timezone: 'America/New_York', state: 'NY' },
      },
    ])
  })

  test('what cannot be an address, a zone or what the schema says is left out, and the rest is kept', async () => {
    await shop.take(
      call('identify', {
        properties: { email: 'nobody', phone: '12', timezone: 'Mars/Olympus', state: 'Texas', first_name: 'Ada' },
      }),
    )
    expect(await contacts()).toMatchObject([{ email: null, phone: null, traits: { first_name: 'Ada' } }])
    expect((await rejections()).map((row) => row.detail)).toEqual([
      'email is not a valid address',
      'phone is not a valid number',
      'timezone is not an IANA zone such as America/New_York',
      'state must be equal to one of the allowed values',
    ])
  })

  test('null takes a trait or an address away, and what is not mentioned stays', async () => {
    await shop.take(call('identify', { properties: { email: 'ada@example.com', first_name: 'Ada', age: 36 } }))
    await shop.take(call('identify', { properties: { email: null, age: null } }))
    expect(await contacts()).toMatchObject([{ email: null, traits: { first_name: 'Ada' } }])
  })

  test('an anonymous contact becomes the user’s when both ids are given', async () => {
    await shop.take(
      anonymous(abandoned('c1'), 'browser-1'),
      call('identify', { anonymousId: 'browser-1' }),
      ordered('c1'),
    )
    expect(await contacts()).toMatchObject([{ external_id: 'ada', anonymous_id: 'browser-1' }])
    expect(await runs()).toMatchObject([{ outcome: 'goal' }])
  })

  test('two known contacts stay two, and a shared browser never hands one user’s contact to another', async () => {
    await shop.take(
      call('identify', { userId: 'ada', anonymousId: 'browser-1' }),
      call('identify', { userId: 'bob' }),
      call('identify', { userId: 'bob', anonymousId: 'browser-1' }),
      call('identify', { userId: 'eve', anonymousId: 'browser-1' }),
    )
    expect((await contacts()).map((row) => [row.external_id, row.anonymous_id])).toEqual([
      ['ada', 'browser-1'],
      ['bob', null],
      ['eve', null],
    ])
  })

  test('no trait or property of any name gives consent', async () => {
    await shop.take(
      call('identify', { properties: { consent: true, sms_consent: 'granted', 'cart-reminders': 'granted' } }),
      ordered('c9', { properties: { consent: true, channel: 'sms', purpose: 'cart-reminders' } }),
    )
    expect(await rows(shop.database, 'select * from consent_event')).toEqual([])
  })

  test('a new number ends what was granted for texts to the old one, and leaves emails alone', async () => {
    await shop.take(call('identify', { properties: { phone: '212-555-0142' } }))
    await shop.database.query(
      `with said as (
         insert into consent_event (contact_id, channel, purpose, state, source, at, recorded_at)
         select c.id, channel, 'cart-reminders', 'granted', 'api', $1, $1
           from contact c, unnest(array['sms', 'email']) channel
         returning *)
       insert into consent (contact_id, channel, purpose, state, at, event_id)
       select contact_id, channel, purpose, state, at, id from said`,
      [NOON - DAY],
    )
    await shop.take(call('identify', { properties: { phone: '+1 212 555 0142' } }))
    const held = () => rows(shop.database, 'select channel, state from consent order by channel')
    expect(await held()).toEqual([
      { channel: 'email', state: 'granted' },
      { channel: 'sms', state: 'granted' },
    ])
    await shop.take(call('identify', { properties: { phone: '212-555-0199' } }))
    expect(await held()).toEqual([
      { channel: 'email', state: 'granted' },
      { channel: 'sms', state: 'revoked' },
    ])
  })
})
