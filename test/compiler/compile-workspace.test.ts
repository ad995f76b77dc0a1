import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { messagesOfStep } from '../../src/core/compiled-journey.ts'
import { contentHash } from '../../src/core/canonical-json.ts'
import { baseJourney, compileWith, fixtureFiles, readFixture } from './workspace-fixture.ts'

const { text: everyWord } = await readFixture('ok', 'every-word.yaml')

async function journeyOf(text: string) {
  const { journeys, diagnostics } = await compileWith('base.yaml', text)
  const journey = journeys.find(({ id }) => id === 'base')
  if (journey === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return journey
}

describe('a compiled journey', () => {
  it('holds each word of the language in its own unit', async () => {
    const { journeys, contents } = await compileWith('every-word.yaml', everyWord)
    const journey = journeys.find(({ id }) => id === 'every-word')
    expect(journey).toMatchObject({
      semantics: 1,
      id: 'every-word',
      owner: 'growth',
      purpose: 'cart-reminders',
      policy: 'us-retail',
      enter: {
        event: 'cart.abandoned',
        if: { source: 'trigger.cart.total >= 30', reads: ['trigger.cart.total'] },
        key: { source: 'trigger.cart.id', reads: ['trigger.cart.id'] },
        reentry: { kind: 'after', ms: 604_800_000 },
        holdout: 0.025,
      },
      goal: { event: 'order.placed', withinMs: 432_000_000 },
      exitOn: [{ event: 'order.shipped' }, { event: 'order.placed', if: { source: 'event.total > 1000' } }],
      limits: { cap: { count: 3, windowMs: 604_800_000 }, minGapMs: 7_200_000, giveUpAfterMs: 21_600_000 },
      offers: {
        'ten-off': { percent: 10, codes: 'cart10', validForMs: 864_000_000 },
        'five-dollars': { amount: '5.00 USD', codes: 'cart10', validForMs: 864_000_000 },
      },
    })
    expect(journey?.steps).toMatchObject([
      {
        id: 'first',
        from: 'entry',
        offsetMs: 3_600_000,
        spread: { minMs: 0, maxMs: 1_800_000 },
        if: { reads: ['contact.country', 'contact.orders_count'] },
        action: {
          channel: 'email',
          template: 'cart/code',
          offer: 'ten-off',
          subject: { experiment: 'first-subject', arms: [{ name: 'plain', text: 'Your cart' }, { name: 'personal' }] },
        },
      },
      {
        id: 'text',
        from: 'first',
        offsetMs: 5_400_000,
        unless: { source: 'clicked("first")' },
        action: { channel: 'sms' },
        fallback: { channel: 'email', subject: 'Your code' },
        fallbackWithinMs: 7_200_000,
      },
      { id: 'last', from: 'entry', offsetMs: 172_800_000 },
    ])
    for (const action of journey?.steps.flatMap(messagesOfStep) ?? []) {
      const content = contents.get(action.content)
      expect(content?.kind).toBe(action.channel)
      expect(contentHash(content)).toBe(action.content)
    }
  })

  it('spells defaults out, so that a later default changes no old version', async () => {
    const journey = await journeyOf(
      baseJourney([
        'email: { template: cart/reminder }',
        'sms: { template: cart/nudge }\n    fallback: { email: { template: cart/reminder } }',
      ]),
    )
    expect(journey.enter.reentry).toEqual({ kind: 'never' })
    expect(journey.policy).toBe('us-retail')
    expect(journey.steps[0]).toMatchObject({ from: 'entry', fallbackWithinMs: 14_400_000 })
  })

  it('is frozen and JSON-safe', async () => {
    const journey = await journeyOf(baseJourney())
    expect(Object.isFrozen(journey.steps[0]?.action)).toBe(true)
    expect(JSON.parse(JSON.stringify(journey))).toEqual(journey)
  })

  it('keeps its version when comments, quotes, key order, annotations or line ends change', async () => {
    const version = contentHash(await journeyOf(baseJourney()))
    const rewritten = [
      baseJourney(['purpose: cart-reminders', '# why\npurpose: "cart-reminders"   # consent']),
      baseJourney([
        '  event: cart.abandoned\n  key: trigger.cart.id',
        '  key: trigger.cart.id\n  event: cart.abandoned',
      ]),
      baseJourney(['steps:', 'annotations: { ticket: MKT-1 }\nsteps:']),
      baseJourney().replaceAll('\n', '\r\n'),
    ]
    for (const text of rewritten) expect(contentHash(await journeyOf(text))).toBe(version)
  })

  it('gets another version when a delay, a text of its template or a step order changes', async () => {
    const version = contentHash(await journeyOf(baseJourney()))
    expect(contentHash(await journeyOf(baseJourney(['1h', '2h'])))).not.toBe(version)
    const template = fixtureFiles.get('messages/cart/reminder.md') ?? ''
    const { journeys } = await compileWith('messages/cart/reminder.md', template.replace('waiting.', 'still here.'))
    expect(contentHash(journeys.find(({ id }) => id === 'base'))).not.toBe(version)
  })

  it('leaves out a condition that the goal says already', async () => {
    const journey = await journeyOf(baseJourney(['at: 1h', 'at: 1h\n    unless: converted']))
    expect(journey.steps[0]).not.toHaveProperty('unless')
  })
})

describe('a compiled workspace', () => {
  it('holds purposes, policies, senders, pools, events and traits', async () => {
    const { workspace, environments } = await compileWorkspace(fixtureFiles)
    expect(environments).toEqual({ dev: { timeScale: 3600 }, prod: {} })
    expect(workspace).toMatchObject({
      zone: 'America/New_York',
      purposes: { 'order-updates': { class: 'transactional' } },
      senders: { 'shop-sms': { channel: 'sms', provider: 'twilio', number: '+12025550123' } },
      pools: { cart10: { kind: 'generated', prefix: 'CART10-', length: 8 } },
      contact: { properties: { plan: { type: 'string', enum: ['free', 'gold'] }, orders_count: { type: 'integer' } } },
    })
    expect(workspace?.policies['us-retail']).toMatchObject({
      senders: { email: 'shop-email', sms: 'shop-sms' },
      sendWindow: {
        email: { fromMinute: 480, toMinute: 1260 },
        sms: { fromMinute: 540, toMinute: 1200, days: [1, 2, 3, 4, 5, 6] },
      },
      caps: [{ count: 8, windowMs: 604_800_000 }],
      whenCapped: 'refuse',
      minGapMs: 3_600_000,
      giveUpAfterMs: 43_200_000,
    })
    expect(workspace?.policies['email-only']).toMatchObject({
      caps: [
        { count: 2, channel: 'email' },
        { count: 5, channel: 'email' },
      ],
      whenCapped: 'hold',
      utm: { utm_source: 'segue' },
    })
    expect(workspace?.events['cart.abandoned']).toMatchObject({
      required: ['cart'],
      properties: {
        cart: {
          type: 'object',
          required: ['id', 'total'],
          properties: { items: { type: 'array', items: { type: 'object' } } },
        },
      },
    })
  })

  it('is absent while a shared file has errors, which are found in that file alone', async () => {
    for (const path of ['segue.yaml', 'policies/us-retail.yaml', 'events/cart.abandoned.yaml', 'offers/cart10.yaml']) {
      const { workspace, diagnostics } = await compileWith(path, `${fixtureFiles.get(path) ?? ''}mistake: here\n`)
      expect(workspace).toBeUndefined()
      expect(diagnostics.map(({ file, code }) => `${file} ${code}`)).toEqual([`${path} SEG201`])
    }
  })

  it('leaves out a journey whose template has errors, which are found in the template alone', async () => {
    const { journeys, diagnostics } = await compileWith(
      'messages/cart/reminder.md',
      '---\nsubject: Hello\n---\nHello {{ contact.first_name\n',
    )
    expect(journeys).toEqual([])
    expect(diagnostics.map(({ file, code }) => `${file} ${code}`)).toEqual(['messages/cart/reminder.md SEG352'])
  })

  it('does not depend on the order in which files were read', async () => {
    const forwards = await compileWorkspace(fixtureFiles)
    const backwards = await compileWorkspace(new Map([...fixtureFiles].toReversed()))
    expect(backwards).toEqual(forwards)
  })

  it('ships the journey of the design, with its three messages at 1 h, 3 h and 48 h', async () => {
    const text = await readFile(new URL('../../journeys/cart-recovery.yaml', import.meta.url), 'utf8')
    expect(text.match(/^ {4}at: (\S+)$/gm)?.map((line) => line.trim())).toEqual(['at: 1h', 'at: 3h', 'at: 48h'])
  })
})
