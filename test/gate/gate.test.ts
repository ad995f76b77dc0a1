import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordConsent } from '../../src/consent/ledger.ts'
import { suppress } from '../../src/consent/suppression.ts'
import { sendId } from '../../src/core/send-id.ts'
import type { SceneContact } from './scene.ts'
import { aJourney, anEmail, aStep, aText, aWorkspace, DAY, HOUR, inWords, KEYS, NOON, Scene, STORES } from './scene.ts'

const expression = (source: string, reads: readonly string[] = []) => ({ source, reads })
const textJourney = aJourney({ steps: [aStep({ action: aText() })] })

describe.each(STORES)('the gate on $store', ({ open }) => {
  let scene: Scene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    scene = new Scene(opened.database)
    close = opened.close
  })
  afterAll(() => close())

  const someone = async (
    journey = aJourney(),
    contact: SceneContact = {},
    change: Parameters<Scene['enroll']>[2] = {},
  ) => {
    const contactId = await scene.contact(contact)
    return { contactId, enrollment: await scene.enroll(contactId, journey, change) }
  }
  const say = (contactId: string, state: 'granted' | 'revoked', at: number, purpose = 'cart-reminders') =>
    scene.database.transaction((statements) =>
      recordConsent(statements, {
        contactId,
        channel: 'email',
        purpose,
        state,
        source: 'api',
        proof: {},
        at,
        recordedAt: at,
      }),
    )

  test('a message that nothing forbids is reserved, with all that rendering and hand-off need', async () => {
    await scene.deploy(aWorkspace())
    const { contactId, enrollment } = await someone(
      aJourney(),
      { email: 'Ada.Example@EXAMPLE.com', traits: { first_name: 'Ada' } },
      { trigger: { cart: { total: 40 } } },
    )
    const verdict = await scene.ask(enrollment)
    expect(verdict).toMatchObject({
      kind: 'send',
      reservation: {
        sendId: sendId(enrollment, 'first', 'action'),
        contactId,
        address: 'ada.example@example.com',
        traits: { first_name: 'Ada' },
        trigger: { cart: { total: 40 } },
        policy: { name: 'us-retail' },
        sender: { email: 'shop@example.com' },
        journey: 'cart-recovery',
        channel: 'email',
      },
    })
    expect(await scene.sends(contactId)).toEqual([{ state: 'reserved', reason: null, code: null }])
    expect(await scene.decisions(enrollment)).toMatchObject([{ verdict: 'send', reason: 'allowed' }])
  })

  test('a decision is explained by facts without addresses and names', async () => {
    await scene.deploy(aWorkspace())
    const { enrollment } = await someone(
      aJourney({ steps: [aStep({ if: expression('contact.first_name == "Grace" && contact.plan == "gold"') })] }),
      { email: 'grace@example.com', traits: { first_name: 'Grace', plan: 'gold' } },
    )
    await scene.ask(enrollment)
    const [decision] = await scene.decisions(enrollment)
    expect(decision?.facts).toMatchObject({ condition: { 'contact.plan': 'gold' }, held_out: false })
    expect(JSON.stringify({ ...decision?.facts, if: '' })).not.toMatch(/grace|Grace|@|\+1/)
  })

  test('asked again before the hand-off, it decides afresh and keeps one row', async () => {
    await scene.deploy(aWorkspace())
    const { contactId, enrollment } = await someone()
    await scene.ask(enrollment)
    expect(inWords(await scene.ask(enrollment))).toBe('send')
    await say(contactId, 'revoked', NOON)
    expect(inWords(await scene.ask(enrollment, { now: NOON + 1 }))).toBe('refuse no_consent')
    expect(await scene.sends(contactId)).toEqual([{ state: 'refused', reason: 'no_consent', code: null }])
  })

  test.each(['accepted', 'delivered', 'rejected', 'unknown', 'refused', 'held_out'])(
    'a send that is %s is settled, whatever changed since',
    async (state) => {
      await scene.deploy(aWorkspace())
      const { contactId, enrollment } = await someone()
      await scene.ask(enrollment)
      await scene.handOver(enrollment, state)
      await say(contactId, 'revoked', NOON)
      const decisions = await scene.decisions(enrollment)
      expect(await scene.ask(enrollment, { now: NOON + HOUR })).toMatchObject({ kind: 'settled', state, at: NOON })
      expect(await scene.decisions(enrollment)).toEqual(decisions)
    },
  )

  test('an attempt that never reported is unknown from then on, and is never made again', async () => {
    await scene.deploy(aWorkspace())
    const { contactId, enrollment } = await someone()
    await scene.ask(enrollment)
    await scene.database.query(`update send set state = 'attempting' where enrollment_id = $1`, [enrollment])
    expect(await scene.ask(enrollment, { now: NOON + HOUR })).toMatchObject({
      kind: 'settled',
      state: 'unknown',
      at: NOON,
    })
    expect(await scene.sends(contactId)).toMatchObject([{ state: 'unknown' }])
    expect(inWords(await scene.ask(enrollment, { now: NOON + 2 * HOUR }))).toBe('settled unknown')
  })

  test('kill switches hold everything, a channel or a journey, and half an hour later it is asked again', async () => {
    await scene.deploy(aWorkspace())
    const { enrollment } = await someone()
    const cases = [
      ['all', '', 'hold paused'],
      ['channel', 'email', 'hold paused'],
      ['channel', 'sms', 'send'],
      ['journey', 'cart-recovery', 'hold paused'],
      ['journey', 'welcome', 'send'],
    ] as const
    for (const [scope, name, expected] of cases) {
      await scene.database.query('insert into kill_switch (scope, name, reason, at) values ($1, $2, $3, 0)', [
        scope,
        name,
        'test',
      ])
      const verdict = await scene.ask(enrollment)
      await scene.database.query('delete from kill_switch')
      expect([scope, name, inWords(verdict)]).toEqual([scope, name, expected])
      if (verdict.kind === 'hold') expect(verdict.until).toBe(NOON + HOUR / 2)
    }
  })

  test('what the live workspace no longer has holds its runs instead of losing them', async () => {
    await scene.deploy(aWorkspace({}, { purposes: {} }))
    const { enrollment } = await someone()
    expect(inWords(await scene.ask(enrollment))).toBe('hold paused')
    await scene.deploy(aWorkspace({ senders: {} }))
    expect(inWords(await scene.ask(enrollment))).toBe('hold paused')
    await scene.deploy(aWorkspace())
    expect(inWords(await scene.ask(enrollment))).toBe('send')
    const { enrollment: other } = await someone(aJourney({ policy: 'gone' }))
    expect(inWords(await scene.ask(other))).toBe('hold paused')
    expect(await scene.decisions(other)).toMatchObject([{ facts: { missing: 'policy gone' } }])
  })

  test('a changed policy acts at once on runs under way', async () => {
    await scene.deploy(aWorkspace())
    const { enrollment } = await someone(textJourney)
    expect(inWords(await scene.ask(enrollment))).toBe('send')
    await scene.deploy(aWorkspace({ sendWindow: { sms: { fromMinute: 15 * 60, toMinute: 16 * 60 } } }))
    expect(inWords(await scene.ask(enrollment))).toBe('hold quiet_hours')
  })

  test('a goal, an exit and any other end end the run, and its reserved message is refused', async () => {
    await scene.deploy(aWorkspace())
    for (const [outcome, expected, reason] of [
      ['goal', 'ended goal', 'goal_reached'],
      ['exited', 'ended exited', 'exited'],
      ['completed', 'ended exited', 'exited'],
    ] as const) {
      const { contactId, enrollment } = await someone()
      await scene.ask(enrollment)
      await scene.database.query(`update enrollment set state = 'ended', outcome = $2 where id = $1`, [
        enrollment,
        outcome,
      ])
      expect(inWords(await scene.ask(enrollment))).toBe(expected)
      expect(await scene.sends(contactId)).toMatchObject([{ state: 'refused', reason }])
      expect((await scene.decisions(enrollment)).at(-1)).toMatchObject({ verdict: 'refuse', reason })
    }
  })

  test.each([
    ['if', 'trigger.cart.total >= 30', { cart: { total: 30 } }, 'send'],
    ['if', 'trigger.cart.total >= 30', { cart: { total: 29 } }, 'refuse condition'],
    ['if', 'trigger.cart.total >= 30', {}, 'refuse condition_unknown'],
    ['unless', 'trigger.cart.total >= 30', { cart: { total: 29 } }, 'send'],
    ['unless', 'trigger.cart.total >= 30', { cart: { total: 30 } }, 'refuse condition'],
    ['unless', 'trigger.cart.total >= 30', {}, 'refuse condition_unknown'],
  ])('%s %s with %o: %s', async (word, source, trigger, expected) => {
    await scene.deploy(aWorkspace())
    const { enrollment } = await someone(aJourney({ steps: [aStep({ [word]: expression(source) })] }), {}, { trigger })
    expect(inWords(await scene.ask(enrollment))).toBe(expected)
  })

  test('a click by a person on an earlier message is seen, one by a machine is not', async () => {
    await scene.deploy(aWorkspace())
    const steps = [aStep(), aStep({ id: 'second', unless: expression('clicked("first")') })]
    for (const [machine, expected] of [
      [true, 'send'],
      [false, 'refuse condition'],
    ] as const) {
      const { enrollment } = await someone(aJourney({ steps }))
      await scene.ask(enrollment)
      await scene.handOver(enrollment)
      await scene.database.query('insert into link (token, send_id, url) values ($1, $2, $3)', [
        enrollment,
        sendId(enrollment, 'first', 'action'),
        'https://shop.example.com',
      ])
      await scene.database.query('insert into click (token, machine, at) values ($1, $2, $3)', [
        enrollment,
        machine,
        NOON + 1,
      ])
      expect(inWords(await scene.ask(enrollment, { step: 'second', now: NOON + HOUR }))).toBe(expected)
    }
  })

  test.each([
    ['nothing said', [], 'refuse no_consent'],
    ['another purpose granted', [['granted', 1, 'orders']], 'refuse no_consent'],
    ['the purpose granted', [['granted', 1, 'cart-reminders']], 'send'],
    ['everything granted', [['granted', 1, '*']], 'send'],
    [
      'the purpose revoked, everything granted later',
      [
        ['revoked', 1, 'cart-reminders'],
        ['granted', 2, '*'],
      ],
      'refuse no_consent',
    ],
    [
      'the purpose granted, everything revoked later',
      [
        ['granted', 1, 'cart-reminders'],
        ['revoked', 2, '*'],
      ],
      'refuse no_consent',
    ],
    [
      'both at one instant',
      [
        ['granted', 1, 'cart-reminders'],
        ['revoked', 1, '*'],
      ],
      'refuse no_consent',
    ],
    [
      'everything revoked, the purpose granted later',
      [
        ['revoked', 1, '*'],
        ['granted', 2, 'cart-reminders'],
      ],
      'send',
    ],
  ] as const)('consent: %s', async (_said, statements, expected) => {
    await scene.deploy(aWorkspace())
    const { contactId, enrollment } = await someone(aJourney(), { grants: [] })
    for (const [state, at, purpose] of statements) await say(contactId, state, at, purpose)
    expect(inWords(await scene.ask(enrollment))).toBe(expected)
  })

  test('consent for one channel is none for the other', async () => {
    await scene.deploy(aWorkspace())
    const { contactId, enrollment } = await someone(textJourney, { grants: [] })
    await say(contactId, 'granted', 1)
    expect(inWords(await scene.ask(enrollment))).toBe('refuse no_consent')
  })

  test('a suppression under an old key still blocks, and one of the other channel does not', async () => {
    await scene.deploy(aWorkspace())
    const { enrollment } = await someone(aJourney(), { email: 'old-key@example.com' })
    const block = (keys: typeof KEYS, channel: 'email' | 'sms', address: string) =>
      scene.database.transaction((statements) =>
        suppress(statements, { keys, channel, address, reason: 'manual', source: 'operator', at: NOON }),
      )
    await block(KEYS, 'sms', '+12125550100')
    expect(inWords(await scene.ask(enrollment))).toBe('send')
    await block({ ...KEYS, current: 1 }, 'email', 'OLD-key@example.com')
    expect(inWords(await scene.ask(enrollment))).toBe('refuse suppressed')
  })

  test('without an address on the channel, or with one that cannot be, it is refused', async () => {
    await scene.deploy(aWorkspace())
    for (const email of [null, 'not an address']) {
      const { enrollment } = await someone(aJourney(), { email })
      expect(inWords(await scene.ask(enrollment))).toBe('refuse no_address')
    }
  })

  test('too early it is held until due, a millisecond of a timer aside; too late it is refused', async () => {
    await scene.deploy(aWorkspace({ giveUpAfterMs: 4 * HOUR }))
    const { enrollment } = await someone()
    expect(await scene.ask(enrollment, { dueAt: NOON + 2 })).toEqual({
      kind: 'hold',
      until: NOON + 2,
      reason: 'not_due',
    })
    expect(inWords(await scene.ask(enrollment, { dueAt: NOON + 1 }))).toBe('send')
    expect(inWords(await scene.ask(enrollment, { dueAt: NOON - 4 * HOUR }))).toBe('send')
    expect(inWords(await scene.ask(enrollment, { dueAt: NOON - 4 * HOUR - 1 }))).toBe('refuse gave_up')
    const { enrollment: strict } = await someone(aJourney({ limits: { giveUpAfterMs: HOUR } }))
    expect(inWords(await scene.ask(strict, { dueAt: NOON - HOUR - 1 }))).toBe('refuse gave_up')
  })

  test('at night it is held to the opening and a little more, the same for a run every time, and not beyond giving up', async () => {
    await scene.deploy(
      aWorkspace({ sendWindow: { sms: { fromMinute: 540, toMinute: 1_200 } }, giveUpAfterMs: 18 * HOUR }),
    )
    const night = NOON + 9 * HOUR // 21:00 in New York
    const opening = NOON + 21 * HOUR // 09:00 the next day
    const untils = new Set<number>()
    for (let i = 0; i < 20; i++) {
      const { enrollment } = await someone(textJourney)
      const verdict = await scene.ask(enrollment, { now: night })
      expect(await scene.ask(enrollment, { now: night })).toEqual(verdict)
      if (verdict.kind !== 'hold') throw new Error(inWords(verdict))
      expect(verdict.until).toBeGreaterThanOrEqual(opening)
      expect(verdict.until).toBeLessThan(opening + HOUR / 2)
      untils.add(verdict.until)
    }
    expect(untils.size).toBeGreaterThan(15)
    const { enrollment } = await someone(textJourney)
    expect(inWords(await scene.ask(enrollment, { now: night, dueAt: opening - 18 * HOUR - 1 }))).toBe('refuse gave_up')
    const { enrollment: last } = await someone(textJourney)
    const verdict = await scene.ask(last, { now: night, dueAt: opening - 18 * HOUR })
    expect(verdict).toEqual({ kind: 'hold', until: opening, reason: 'quiet_hours' })
  })

  test('the reservation says when the window closes', async () => {
    await scene.deploy(aWorkspace({ sendWindow: { sms: { fromMinute: 540, toMinute: 1_200 } } }))
    const { enrollment } = await someone(textJourney)
    const verdict = await scene.ask(enrollment)
    expect(verdict).toMatchObject({ kind: 'send', reservation: { windowClosesAt: NOON + 8 * HOUR } })
  })

  test('the gap is held to the millisecond, over journeys and channels, and ghosts and refused messages do not count', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR }))
    const contactId = await scene.contact()
    const first = await scene.enroll(contactId, aJourney())
    const second = await scene.enroll(contactId, aJourney({ id: 'welcome', steps: [aStep({ action: aText() })] }))
    await scene.ask(first)
    for (const state of ['attempting', 'accepted', 'unknown', 'delivered', 'complained']) {
      await scene.handOver(first, state)
      expect(await scene.ask(second, { now: NOON + HOUR })).toEqual({
        kind: 'hold',
        until: NOON + 2 * HOUR,
        reason: 'min_gap',
      })
    }
    expect(inWords(await scene.ask(second, { now: NOON + 2 * HOUR - 1 }))).toBe('hold min_gap')
    expect(inWords(await scene.ask(second, { now: NOON + 2 * HOUR }))).toBe('send')
    for (const state of ['held_out', 'refused', 'rejected', 'undelivered', 'bounced', 'shadow']) {
      await scene.handOver(first, state)
      expect(inWords(await scene.ask(second, { now: NOON + HOUR }))).toBe('send')
    }
  })

  test('a cap rolls, refuses or holds as the policy says, and a journey can only make it stricter', async () => {
    const caps = [{ count: 2, windowMs: DAY }]
    await scene.deploy(aWorkspace({ caps }))
    const contactId = await scene.contact()
    for (const at of [NOON - 20 * HOUR, NOON - 10 * HOUR]) {
      const earlier = await scene.enroll(contactId, aJourney())
      await scene.ask(earlier, { now: at })
      await scene.handOver(earlier, 'accepted', at)
    }
    const enrollment = await scene.enroll(contactId, aJourney())
    const strict = await scene.enroll(contactId, aJourney({ limits: { cap: { count: 1, windowMs: DAY } } }))
    expect(inWords(await scene.ask(enrollment, { now: NOON + 4 * HOUR }))).toBe('send')
    await scene.database.query('delete from send where enrollment_id = $1', [enrollment])
    expect(inWords(await scene.ask(strict, { now: NOON + 4 * HOUR }))).toBe('refuse cap')
    await scene.deploy(aWorkspace({ caps, whenCapped: 'hold' }))
    expect(await scene.ask(enrollment)).toEqual({ kind: 'hold', until: NOON + 4 * HOUR, reason: 'cap' })
    await scene.deploy(aWorkspace({ caps: [{ count: 2, windowMs: DAY, channel: 'sms' }] }))
    expect(inWords(await scene.ask(enrollment))).toBe('send')
  })

  test('the cap of a state with a limit of its own holds besides the policy', async () => {
    await scene.deploy(aWorkspace())
    const contactId = await scene.contact({ phone: '+13055550123' })
    for (let i = 0; i < 3; i++) {
      expect(inWords(await scene.ask(await scene.enroll(contactId, textJourney), { now: NOON + i }))).toBe('send')
    }
    expect(inWords(await scene.ask(await scene.enroll(contactId, textJourney)))).toBe('refuse cap')
  })

  test('a transactional message passes hours, gap and cap, but never a suppression or missing consent', async () => {
    await scene.deploy(aWorkspace({ minGapMs: DAY, caps: [{ count: 1, windowMs: DAY }] }))
    const journey = aJourney({ id: 'receipt', purpose: 'orders', steps: [aStep({ action: aText() })] })
    const contactId = await scene.contact({ phone: '+12125550777', grants: ['cart-reminders', 'orders'] })
    const night = NOON + 14 * HOUR
    await scene.ask(await scene.enroll(contactId, textJourney), { now: NOON + 8 * HOUR })
    for (let i = 0; i < 2; i++) {
      const verdict = await scene.ask(await scene.enroll(contactId, journey), { now: night })
      expect(inWords(verdict)).toBe('send')
      if (verdict.kind === 'send') expect(verdict.reservation.windowClosesAt).toBeUndefined()
    }
    const { enrollment } = await someone(journey)
    expect(inWords(await scene.ask(enrollment))).toBe('refuse no_consent')
    await scene.database.transaction((statements) =>
      suppress(statements, {
        keys: KEYS,
        channel: 'sms',
        address: '+12125550777',
        reason: 'stop',
        source: 'twilio',
        at: NOON,
      }),
    )
    expect(inWords(await scene.ask(await scene.enroll(contactId, journey)))).toBe('refuse suppressed')
  })

  test('transactional messages take no place of marketing', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 1, windowMs: DAY }] }))
    const contactId = await scene.contact({ grants: ['cart-reminders', 'orders'] })
    await scene.ask(await scene.enroll(contactId, aJourney({ id: 'receipt', purpose: 'orders' })))
    expect(inWords(await scene.ask(await scene.enroll(contactId, aJourney())))).toBe('send')
  })

  test('a held-out run gets a dated ghost and no code, and takes no place', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 1, windowMs: DAY }] }))
    const steps = [aStep({ action: anEmail({ offer: 'ten-off' }) })]
    const { contactId, enrollment } = await someone(aJourney({ steps }), {}, { heldOut: true })
    expect(inWords(await scene.ask(enrollment))).toBe('ghost')
    const sends = await scene.database.query('select state, code, handed_off_at from send where contact_id = $1', [
      contactId,
    ])
    expect(sends).toEqual([{ state: 'held_out', code: null, handed_off_at: NOON }])
    expect(await scene.database.query('select 1 from offer_code where enrollment_id = $1', [enrollment])).toEqual([])
    expect(inWords(await scene.ask(await scene.enroll(contactId, aJourney())))).toBe('send')
    expect(inWords(await scene.ask(enrollment))).toBe('settled held_out')
  })

  test('a held-out contact who said no is refused, not a ghost', async () => {
    await scene.deploy(aWorkspace())
    const { enrollment } = await someone(aJourney(), { grants: [] }, { heldOut: true })
    expect(inWords(await scene.ask(enrollment))).toBe('refuse no_consent')
  })

  test('the stored arm is the arm; without one it is the hash of contact and experiment', async () => {
    await scene.deploy(aWorkspace())
    const arms = ['a', 'b', 'c'].map((name) => ({ name, text: name }))
    const journey = aJourney({ steps: [aStep({ action: anEmail({ subject: { experiment: 'subject', arms } }) })] })
    const { contactId, enrollment } = await someone(journey)
    const first = await scene.ask(enrollment)
    expect(await scene.ask(enrollment)).toEqual(first)
    if (first.kind !== 'send') throw new Error(inWords(first))
    const other = arms.find(({ name }) => name !== first.reservation.arm)?.name
    await scene.database.query('insert into assignment (contact_id, salt, arm, at) values ($1, $2, $3, 0)', [
      contactId,
      'subject',
      other,
    ])
    expect(await scene.ask(enrollment)).toMatchObject({ kind: 'send', reservation: { arm: other } })
    expect(await scene.database.query('select arm from send where enrollment_id = $1', [enrollment])).toEqual([
      { arm: other },
    ])
  })

  test('a run and a step that are not in the store are a bug, not a verdict', async () => {
    await scene.deploy(aWorkspace())
    const { enrollment } = await someone()
    await expect(scene.ask('00000000-0000-4000-8000-000000000000')).rejects.toThrow(/not in the store/)
    await expect(scene.ask(enrollment, { step: 'nowhere' })).rejects.toThrow(/no action for step nowhere/)
    await expect(scene.ask(enrollment, { branch: 'fallback' })).rejects.toThrow(/no fallback for step first/)
  })
})
