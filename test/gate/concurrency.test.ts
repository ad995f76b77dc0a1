import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gate } from '../../src/gate/gate.ts'
import { aJourney, anEmail, aStep, aText, aWorkspace, DAY, HOUR, inWords, KEYS, NOON, Scene, STORES } from './scene.ts'
import { noes } from './noes.ts'

const PARALLEL = 50
const offerJourney = aJourney({ steps: [aStep({ action: anEmail({ offer: 'ten-off' }) })] })

describe.each(STORES)('gates at once on $store', ({ open }) => {
  let scene: Scene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    scene = new Scene(opened.database)
    close = opened.close
  })
  afterAll(() => close())

  /** As many runs of these contacts as there are gates, asked all at once; how often each answer came. */
  const rush = async (contacts: readonly string[], journey = aJourney(), at = NOON) => {
    const enrollments = await Promise.all(
      Array.from({ length: PARALLEL }, (_, i) => scene.enroll(contacts[i % contacts.length] ?? '', journey)),
    )
    const verdicts = await Promise.all(enrollments.map((enrollment, i) => scene.ask(enrollment, { now: at + (i % 3) })))
    const counts: Record<string, number> = {}
    for (const verdict of verdicts) counts[inWords(verdict)] = (counts[inWords(verdict)] ?? 0) + 1
    return { enrollments, verdicts, counts }
  }

  test('fifty gates of one contact never exceed a cap', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 3, windowMs: DAY }] }))
    const { counts } = await rush([await scene.contact()])
    expect(counts).toEqual({ send: 3, 'refuse cap': PARALLEL - 3 })
  })

  test('fifty gates of one contact never come closer than the minimum gap', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR }))
    const { counts } = await rush([await scene.contact()])
    expect(counts).toEqual({ send: 1, 'hold min_gap': PARALLEL - 1 })
  })

  test('fifty gates of one contact never exceed the cap of their purpose, and leave those of another purpose alone', async () => {
    await scene.deploy(
      aWorkspace(
        {
          caps: [
            { count: 2, windowMs: DAY, purpose: 'cart-reminders' },
            { count: 3, windowMs: DAY },
          ],
        },
        {
          purposes: {
            'cart-reminders': { class: 'marketing', description: 'Reminders of a cart' },
            news: { class: 'marketing', description: 'News' },
          },
        },
      ),
    )
    const contact = await scene.contact({ grants: ['cart-reminders', 'news'] })
    const { counts } = await rush([contact])
    expect(counts).toEqual({ send: 2, 'refuse cap': PARALLEL - 2 })
    const news = await rush([contact], aJourney({ id: 'news', purpose: 'news' }))
    expect(news.counts).toEqual({ send: 1, 'refuse cap': PARALLEL - 1 })
  })

  test('twenty journeys that race for the last place under a cap get it once', async () => {
    const caps = [{ count: 3, windowMs: DAY }]
    await scene.deploy(aWorkspace({ caps }))
    const contact = await scene.contact()
    for (const hours of [6, 4]) {
      const earlier = await scene.enroll(contact, aJourney())
      await scene.ask(earlier, { now: NOON - hours * HOUR })
      await scene.handOver(earlier, hours === 6 ? 'unknown' : 'delivered', NOON - hours * HOUR)
    }
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, i) => scene.enroll(contact, aJourney({ id: `journey-${i}` }))),
    )
    const words = (await Promise.all(runs.map((run, i) => scene.ask(run, { now: NOON + i })))).map(inWords)
    expect(words.filter((word) => word === 'send')).toHaveLength(1)
    expect(words.filter((word) => word === 'refuse cap')).toHaveLength(19)
  })

  test('twenty ranked journeys at once: one goes, nobody is lost, and none waits for one below it', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `journey-${i}`)
    await scene.deploy(aWorkspace({ minGapMs: HOUR, giveUpAfterMs: 48 * HOUR, priorities: names }))
    const contact = await scene.contact()
    const runs = await Promise.all(names.map((id) => scene.enroll(contact, aJourney({ id }))))
    const words = (await Promise.all(runs.map((run) => scene.ask(run)))).map(inWords)
    expect(words.filter((word) => word === 'send').length).toBeLessThanOrEqual(1)
    for (const word of words) expect(['send', 'hold outranked', 'hold min_gap']).toContain(word)
    expect(words[0]).not.toBe('hold outranked')
  })

  test('texts and emails of one contact keep the gap between the channels, and fifty at once take one place each', async () => {
    await scene.deploy(aWorkspace({ minGapMs: HOUR, channelGapMs: 4 * HOUR }))
    for (let i = 0; i < 5; i++) {
      const contact = await scene.contact()
      const answers = await Promise.all(
        Array.from({ length: PARALLEL }, async (_, n) => {
          const journey = n % 2 === 0 ? aJourney() : aJourney({ id: 'welcome', steps: [aStep({ action: aText() })] })
          return inWords(await scene.ask(await scene.enroll(contact, journey)))
        }),
      )
      expect(answers.filter((word) => word === 'send')).toHaveLength(1)
      expect(answers.filter((word) => word === 'hold min_gap')).toHaveLength(PARALLEL - 1)
    }
  })

  test('contacts with one address count as one, also when only one of them has consented', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 2, windowMs: DAY }] }))
    const shared = 'household@example.com'
    const contacts = [await scene.contact({ email: shared }), await scene.contact({ email: 'HOUSEHOLD@example.com' })]
    const { counts } = await rush(contacts)
    expect(counts).toEqual({ send: 2, 'refuse cap': PARALLEL - 2 })
  })

  test('one person entered twice, with the same email and number, counts as one over both channels', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 2, windowMs: DAY }] }))
    const twice = { email: 'twice@example.com', phone: '+12125550188' }
    const contacts = [await scene.contact(twice), await scene.contact(twice)]
    const answers = await Promise.all([
      rush(contacts),
      rush(contacts, aJourney({ id: 'welcome', steps: [aStep({ action: aText() })] })),
    ])
    const sent = answers.map(({ counts }) => counts['send'] ?? 0)
    expect(sent.reduce((sum, one) => sum + one)).toBe(2)
  })

  test('email and text of one contact share the minimum gap, also when they are asked at once', async () => {
    await scene.deploy(aWorkspace({ minGapMs: HOUR }))
    for (let i = 0; i < 10; i++) {
      const contactId = await scene.contact()
      const email = await scene.enroll(contactId, aJourney())
      const text = await scene.enroll(contactId, aJourney({ id: 'welcome', steps: [aStep({ action: aText() })] }))
      const words = (await Promise.all([scene.ask(email), scene.ask(text)])).map(inWords)
      expect(words.toSorted()).toEqual(['hold min_gap', 'send'])
    }
  })

  test('an address that was used under an old key still counts', async () => {
    await scene.deploy(aWorkspace({ minGapMs: HOUR }))
    const old = new Scene(scene.database)
    const before = await old.contact({ email: 'rotated@example.com' })
    const journey = aJourney()
    const earlier = await old.enroll(before, journey)
    const keys = { ...KEYS, current: 1 }
    await gate(
      scene.database,
      { ...old.deps, keys },
      { enrollment: earlier, step: 'first', branch: 'action', dueAt: NOON, now: NOON },
    )
    const after = await scene.contact({ email: 'rotated@example.com' })
    expect(inWords(await scene.ask(await scene.enroll(after, journey)))).toBe('hold min_gap')
  })

  test('fifty gates of one message reserve it once', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 1, windowMs: DAY }] }))
    const contactId = await scene.contact()
    const enrollment = await scene.enroll(contactId, offerJourney)
    const verdicts = await Promise.all(Array.from({ length: PARALLEL }, () => scene.ask(enrollment)))
    expect(new Set(verdicts.map(inWords))).toEqual(new Set(['send']))
    expect(await scene.sends(contactId)).toHaveLength(1)
    const codes = verdicts.map((verdict) => (verdict.kind === 'send' ? verdict.reservation.offer?.code : undefined))
    expect(new Set(codes).size).toBe(1)
    expect(codes[0]).toMatch(/^CART-[2-9B-Z]{8}$/)
  })

  test('fifty contacts get fifty different generated codes', async () => {
    await scene.deploy(aWorkspace())
    const contacts = await Promise.all(Array.from({ length: PARALLEL }, () => scene.contact()))
    const { verdicts } = await rush(contacts, offerJourney)
    const codes = verdicts.map((verdict) => (verdict.kind === 'send' ? verdict.reservation.offer?.code : undefined))
    expect(new Set(codes).size).toBe(PARALLEL)
  })

  test('a generated code that somebody has already is not given again', async () => {
    const pools = { cart10: { kind: 'generated', prefix: 'X', length: 1 } as const }
    await scene.deploy(aWorkspace({}, { pools }))
    const contacts = await Promise.all(Array.from({ length: PARALLEL }, () => scene.contact()))
    const { verdicts, counts } = await rush(contacts, offerJourney)
    const codes = verdicts.flatMap((verdict) => (verdict.kind === 'send' ? [verdict.reservation.offer?.code] : []))
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.length).toBeLessThanOrEqual(28)
    expect(counts['refuse codes_exhausted']).toBe(PARALLEL - codes.length)
  })

  test('loaded codes go to one contact each, and when they are used up the message is refused', async () => {
    await scene.deploy(aWorkspace({}, { pools: { cart10: { kind: 'file', file: 'cart10.txt' } } }))
    const loaded = Array.from({ length: 30 }, (_, i) => `LOADED${i}`)
    await scene.database.query(`insert into offer_code (pool, code) select 'cart10', unnest($1::text[])`, [loaded])
    const contacts = await Promise.all(Array.from({ length: PARALLEL }, () => scene.contact()))
    const { counts, verdicts } = await rush(contacts, offerJourney)
    // A gate that finds only codes that others are just taking may be refused as well; none is ever given twice.
    const codes = verdicts.flatMap((verdict) => (verdict.kind === 'send' ? [verdict.reservation.offer?.code] : []))
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.length).toBe(counts['send'])
    expect(codes.length).toBeLessThanOrEqual(30)
    expect(counts['refuse codes_exhausted']).toBe(PARALLEL - codes.length)
    const taken = await scene.database.query<{ n: number }>(
      `select count(*) as n from offer_code where pool = 'cart10' and code like 'LOADED%' and enrollment_id is not null`,
    )
    expect(taken).toEqual([{ n: codes.length }])
  })

  test('a run has one code for its offer, shared by its messages, and refuses when it has expired', async () => {
    await scene.deploy(aWorkspace({ giveUpAfterMs: 300 * HOUR }))
    const steps = [
      aStep({ action: anEmail({ offer: 'ten-off' }), fallback: aText({ offer: 'ten-off' }) }),
      aStep({ id: 'second', action: anEmail({ offer: 'ten-off' }) }),
    ]
    const contactId = await scene.contact()
    const enrollment = await scene.enroll(contactId, aJourney({ steps }))
    const first = await scene.ask(enrollment)
    const fallback = await scene.ask(enrollment, { branch: 'fallback', now: NOON + HOUR })
    const second = await scene.ask(enrollment, { step: 'second', now: NOON + 72 * HOUR - 1 })
    for (const verdict of [first, fallback, second]) {
      expect(verdict).toMatchObject({
        kind: 'send',
        reservation: { offer: { percent: 10, validUntil: NOON + 72 * HOUR } },
      })
    }
    expect(new Set((await scene.sends(contactId)).map(({ code }) => code)).size).toBe(1)
    expect(inWords(await scene.ask(enrollment, { step: 'second', now: NOON + 72 * HOUR }))).toBe('refuse offer_expired')
  })

  test('a code that was taken for a reservation that failed goes back with it', async () => {
    await scene.deploy(aWorkspace({}, { pools: { once: { kind: 'file', file: 'once.txt' } } }))
    await scene.database.query(`insert into offer_code (pool, code) values ('once', 'ONLY1')`)
    const offers = { 'ten-off': { codes: 'once', validForMs: HOUR } }
    const enrollment = await scene.enroll(await scene.contact(), aJourney({ ...offerJourney, offers }))
    const failing: Scene['database'] = {
      ...scene.database,
      transaction: (work) =>
        scene.database.transaction(async (statements) => {
          await work(statements)
          throw new Error('died before the commit')
        }),
    }
    const request = { enrollment, step: 'first', branch: 'action', dueAt: NOON, now: NOON } as const
    await expect(gate(failing, scene.deps, request)).rejects.toThrow('died before the commit')
    expect(await scene.ask(enrollment)).toMatchObject({ kind: 'send', reservation: { offer: { code: 'ONLY1' } } })
  })

  test.each(noes)(
    '$no that races with the gate is before it and refuses, or after it and refuses the next time',
    async (one) => {
      await scene.deploy(aWorkspace())
      for (let i = 0; i < 30; i++) {
        const email = `racer-${i}-of-${one.expected.replaceAll(' ', '-')}@example.com`
        const contactId = await scene.contact({ email })
        const enrollment = await scene.enroll(contactId, aJourney())
        const [verdict] = await Promise.all([
          scene.ask(enrollment),
          scene.database.transaction((statements) => one.say(statements, contactId, email)),
        ])
        expect(['send', one.expected]).toContain(inWords(verdict))
        const next = await scene.enroll(contactId, aJourney())
        await scene.database.query(`delete from send where enrollment_id = $1`, [enrollment])
        if (one.expected !== 'ended goal') expect(inWords(await scene.ask(next))).toBe(one.expected)
        expect(inWords(await scene.ask(enrollment))).toBe(one.expected)
      }
    },
  )
})
