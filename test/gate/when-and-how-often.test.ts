import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Channel, CompiledJourney } from '../../src/core/compiled-journey.ts'
import { sendId } from '../../src/core/send-id.ts'
import { recordConsent } from '../../src/consent/ledger.ts'
import { aJourney, anEmail, aStep, aText, aWorkspace, DAY, HOUR, inWords, NOON, Scene, STORES } from './scene.ts'

const MINUTE = 60_000
const text = (id: string): CompiledJourney => aJourney({ id, steps: [aStep({ action: aText() })] })

describe.each(STORES)('when and how often, on $store', ({ open }) => {
  let scene: Scene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    scene = new Scene(opened.database)
    close = opened.close
  })
  afterAll(() => close())

  /** A message that went to the contact at an instant. */
  const sent = async (contact: string, journey: CompiledJourney, at: number, state = 'delivered') => {
    const run = await scene.enroll(contact, journey)
    await scene.ask(run, { now: at })
    await scene.handOver(run, state, at)
    return run
  }

  test('texts without a policy have the hours from 9 to 20, and from 12 on Sundays; emails have none', async () => {
    await scene.deploy(aWorkspace())
    const cases: readonly (readonly [string, Channel, string])[] = [
      ['2026-07-15T12:59:59Z', 'sms', 'hold quiet_hours'],
      ['2026-07-15T13:00:00Z', 'sms', 'send'],
      ['2026-07-15T23:59:59Z', 'sms', 'send'],
      ['2026-07-16T00:00:00Z', 'sms', 'hold quiet_hours'],
      ['2026-07-19T15:59:59Z', 'sms', 'hold quiet_hours'],
      ['2026-07-19T16:00:00Z', 'sms', 'send'],
      ['2026-07-16T07:00:00Z', 'email', 'send'],
    ]
    for (const [at, channel, expected] of cases) {
      const journey = channel === 'sms' ? text('welcome') : aJourney()
      const run = await scene.enroll(await scene.contact(), journey)
      expect([at, inWords(await scene.ask(run, { now: Date.parse(at) }))]).toEqual([at, expected])
    }
  })

  test('a policy may open texts earlier than those hours, but never earlier than the law', async () => {
    await scene.deploy(aWorkspace({ sendWindow: { sms: { fromMinute: 0, toMinute: 1_440 } } }))
    const at = (hour: string) => ({ now: Date.parse(`2026-07-15T${hour}:00Z`) })
    const run = async () => scene.enroll(await scene.contact(), text('welcome'))
    expect(inWords(await scene.ask(await run(), at('11:59')))).toBe('hold quiet_hours')
    expect(inWords(await scene.ask(await run(), at('12:00')))).toBe('send')
  })

  test('what was held over night leaves within the spread of the policy, each run at its own instant', async () => {
    await scene.deploy(aWorkspace({ openingSpreadMs: 3 * HOUR, giveUpAfterMs: 2 * DAY }))
    const night = Date.parse('2026-07-16T02:00:00Z')
    const opening = Date.parse('2026-07-16T13:00:00Z')
    const untils: number[] = []
    for (let i = 0; i < 30; i++) {
      const verdict = await scene.ask(await scene.enroll(await scene.contact(), text('welcome')), { now: night })
      if (verdict.kind !== 'hold') throw new Error(inWords(verdict))
      untils.push(verdict.until)
    }
    expect(Math.min(...untils)).toBeGreaterThanOrEqual(opening)
    expect(Math.max(...untils)).toBeLessThan(opening + 3 * HOUR)
    expect(Math.max(...untils) - Math.min(...untils)).toBeGreaterThan(HOUR)
    expect(new Set(untils).size).toBe(30)
    await scene.deploy(aWorkspace({ openingSpreadMs: 0 }))
    const verdict = await scene.ask(await scene.enroll(await scene.contact(), text('welcome')), { now: night })
    expect(verdict).toEqual({ kind: 'hold', until: opening, reason: 'quiet_hours' })
  })

  test('a message on one channel pauses the other for the channel gap, and its own for the minimum gap', async () => {
    await scene.deploy(aWorkspace({ minGapMs: HOUR, channelGapMs: 5 * HOUR }))
    const contact = await scene.contact()
    await sent(contact, aJourney(), NOON)
    const ask = async (journey: CompiledJourney, at: number) =>
      scene.ask(await scene.enroll(contact, journey), { now: at })
    expect(await ask(text('welcome'), NOON + HOUR)).toEqual({ kind: 'hold', until: NOON + 5 * HOUR, reason: 'min_gap' })
    expect(inWords(await ask(aJourney({ id: 'news' }), NOON + HOUR - 1))).toBe('hold min_gap')
    expect(inWords(await ask(aJourney({ id: 'news' }), NOON + HOUR))).toBe('send')
  })

  test('without a channel gap the minimum gap holds across channels; a journey can only lengthen either', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR }))
    const contact = await scene.contact()
    await sent(contact, aJourney(), NOON)
    expect(await scene.ask(await scene.enroll(contact, text('welcome')), { now: NOON + HOUR })).toMatchObject({
      kind: 'hold',
      until: NOON + 2 * HOUR,
    })
    await scene.deploy(aWorkspace({ minGapMs: HOUR, channelGapMs: HOUR }))
    const strict = { ...text('strict'), limits: { minGapMs: 4 * HOUR } }
    expect(await scene.ask(await scene.enroll(contact, strict), { now: NOON + 2 * HOUR })).toMatchObject({
      kind: 'hold',
      until: NOON + 4 * HOUR,
    })
  })

  test('a cap of a purpose counts its messages only, on both channels, the unknown ones too, and frees places as they age', async () => {
    const purposes = {
      'cart-reminders': { class: 'marketing' as const, description: 'Reminders of a cart' },
      news: { class: 'marketing' as const, description: 'News' },
    }
    const caps = [{ count: 2, windowMs: DAY, purpose: 'news' }]
    await scene.deploy(aWorkspace({ caps, whenCapped: 'hold' }, { purposes }))
    const contact = await scene.contact({ grants: ['cart-reminders', 'news'] })
    const news = aJourney({ id: 'news', purpose: 'news' })
    await sent(contact, news, NOON - 20 * HOUR, 'unknown')
    await sent(contact, { ...text('news-text'), purpose: 'news' }, NOON - 3 * HOUR)
    await sent(contact, aJourney(), NOON - HOUR)
    expect(await scene.ask(await scene.enroll(contact, news))).toEqual({
      kind: 'hold',
      until: NOON + 4 * HOUR,
      reason: 'cap',
    })
    expect(inWords(await scene.ask(await scene.enroll(contact, aJourney())))).toBe('send')
    expect(inWords(await scene.ask(await scene.enroll(contact, news), { now: NOON + 4 * HOUR }))).toBe('send')
  })

  test('marketing to somebody who has not clicked, ordered, written or consented for long is refused; each of them ends that', async () => {
    await scene.deploy(aWorkspace({ sunsetAfterMs: 10 * DAY }))
    const later = NOON + 20 * DAY
    const quiet = async () => {
      const contact = await scene.contact({ grants: ['cart-reminders', 'orders'] })
      const earlier = await sent(contact, aJourney(), NOON)
      return { contact, earlier, send: sendId(earlier, 'first', 'action') }
    }
    const ask = async (contact: string, journey = aJourney()) =>
      inWords(await scene.ask(await scene.enroll(contact, journey), { now: later }))

    expect(await ask((await quiet()).contact)).toBe('refuse sunset')
    expect(await ask((await quiet()).contact, aJourney({ id: 'receipt', purpose: 'orders' }))).toBe('send')

    const signs: readonly (readonly [
      string,
      (who: Awaited<ReturnType<typeof quiet>>, at: number) => Promise<unknown>,
    ])[] = [
      [
        'a click',
        async ({ send }, at) => {
          await scene.database.query('insert into link (token, send_id, url) values ($1, $2, $3)', [
            send,
            send,
            'https://example.com',
          ])
          await scene.database.query('insert into click (token, at) values ($1, $2)', [send, at])
        },
      ],
      [
        'a click that the provider saw',
        ({ send }, at) =>
          scene.database.query(
            `insert into feedback (send_id, provider, event, at, received_at) values ($1, 'p', 'clicked', $2, $2)`,
            [send, at],
          ),
      ],
      [
        'a goal',
        ({ earlier }, at) =>
          scene.database.query('update enrollment set converted_at = $2 where id = $1', [earlier, at]),
      ],
      [
        'an order',
        ({ contact }, at) =>
          scene.database.query(
            `insert into event (message_id, contact_id, kind, name, at, received_at) values (gen_random_uuid(), $1, 'track', 'order.placed', $2, $2)`,
            [contact, at],
          ),
      ],
      [
        'a reply',
        ({ contact }, at) =>
          scene.database.query(
            `insert into inbound_message (provider, provider_id, contact_id, meaning, body, received_at)
             values ('p', gen_random_uuid()::text, $1, 'reply', 'Thanks', $2)`,
            [contact, at],
          ),
      ],
      [
        'a consent',
        ({ contact }, at) =>
          scene.database.transaction((statements) =>
            recordConsent(statements, {
              contactId: contact,
              channel: 'sms',
              purpose: 'news',
              state: 'granted',
              source: 'api',
              proof: {},
              at,
              recordedAt: at,
            }),
          ),
      ],
    ]
    for (const [sign, give] of signs) {
      const recent = await quiet()
      await give(recent, later - 10 * DAY)
      expect([sign, await ask(recent.contact)]).toEqual([sign, 'send'])
      const old = await quiet()
      await give(old, later - 10 * DAY - 1)
      expect([sign, await ask(old.contact)]).toEqual([sign, 'refuse sunset'])
    }
  })

  test('a click by a machine is no sign of life, and the decision says when the last one was', async () => {
    await scene.deploy(aWorkspace({ sunsetAfterMs: 10 * DAY }))
    const contact = await scene.contact()
    const send = sendId(await sent(contact, aJourney(), NOON), 'first', 'action')
    await scene.database.query('insert into link (token, send_id, url) values ($1, $2, $3)', [
      send,
      send,
      'https://example.com',
    ])
    await scene.database.query('insert into click (token, machine, at) values ($1, true, $2)', [send, NOON + 15 * DAY])
    const run = await scene.enroll(contact, aJourney())
    expect(inWords(await scene.ask(run, { now: NOON + 20 * DAY }))).toBe('refuse sunset')
    expect((await scene.decisions(run)).at(-1)?.facts).toMatchObject({
      engaged_at: NOON - DAY,
      sunset_after_ms: 10 * DAY,
    })
  })

  test('a purpose that became transactional after the deployment carries no offer any more', async () => {
    await scene.deploy(aWorkspace())
    const journey = aJourney({ steps: [aStep({ action: anEmail({ offer: 'ten-off' }) })] })
    const run = await scene.enroll(await scene.contact(), journey)
    await scene.deploy(aWorkspace({}, { purposes: { 'cart-reminders': { class: 'transactional', description: 'x' } } }))
    expect(inWords(await scene.ask(run))).toBe('refuse marketing_in_transactional')
  })

  test('a person on a journey is texted in hours that are fit there and at home, and the decision says so without an address', async () => {
    await scene.deploy(aWorkspace({ giveUpAfterMs: 3 * DAY }))
    const contact = await scene.contact({ traits: { device_timezone: 'Europe/Paris' } })
    const run = await scene.enroll(contact, text('welcome'))
    const verdict = await scene.ask(run, { now: Date.parse('2026-07-15T23:00:00Z') })
    // 19:00 in New York, 1:00 in Paris. Open from 10 in New York, by the French rule, to 20 in Paris.
    if (verdict.kind !== 'hold') throw new Error(inWords(verdict))
    expect(verdict.until).toBeGreaterThanOrEqual(Date.parse('2026-07-16T14:00:00Z'))
    expect(verdict.until).toBeLessThan(Date.parse('2026-07-16T14:00:00Z') + 30 * MINUTE)
    const [decision] = await scene.decisions(run)
    expect(JSON.stringify(decision?.facts)).not.toMatch(/@|\+1/)
    expect(decision?.facts).toMatchObject({
      place: {
        evidence: ['area_code', 'device_timezone'],
        travelling: true,
        zones: ['America/New_York', 'Europe/Paris'],
        laws: ['FR', 'US'],
      },
    })
  })
})
