import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendId } from '../../src/core/send-id.ts'
import type { Database } from '../../src/core/database.ts'
import { answerWhy } from '../../src/explain/answer.ts'
import { renderExplanation } from '../../src/explain/render-text.ts'
import { aJourney, aStep, aText, aWorkspace, DAY, HOUR, KEYS, NOON, Scene, STORES } from '../gate/scene.ts'

describe.each(STORES)('why, asked of $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  let scene: Scene
  let contact = ''
  let run = ''
  const journey = aJourney({
    steps: [
      aStep(),
      aStep({ id: 'second', offsetMs: HOUR, action: aText() }),
      aStep({ id: 'third', offsetMs: DAY }),
      aStep({ id: 'fourth', from: 'third', offsetMs: DAY }),
    ],
  })

  beforeAll(async () => {
    ;({ database, close } = await open())
    scene = new Scene(database)
    await scene.deploy(aWorkspace({ caps: [{ count: 1, windowMs: 7 * DAY }] }))
    contact = await scene.contact({ traits: { timezone: 'America/New_York' } })
    run = await scene.enroll(contact, journey)
    await scene.ask(run)
    await scene.handOver(run, 'delivered')
    await scene.ask(run, { step: 'second', now: NOON + HOUR })
  })
  afterAll(() => close())

  it('is answered for every message of a run, with ledger, caps and law, and what is still to come', async () => {
    const [answer] = await answerWhy(database, KEYS, { kind: 'contact', contact })
    expect(answer?.messages.map(({ step, summary }) => [step, summary])).toEqual([
      ['first', 'It was allowed to go; it is delivered now.'],
      ['second', 'It was not sent, and will not be: cap.'],
      [
        'third',
        'It has not been decided about yet: the run waits until it is due at Thu 16 Jul 2026 12:00:00 America/New_York, counted from the entry.',
      ],
      ['fourth', 'It has not been decided about: it counts from third, which has not happened.'],
    ])
    const text = answer === undefined ? '' : renderExplanation(answer)
    expect(text).toContain('cart-reminders by email was granted at Tue 14 Jul 2026 12:00:00 America/New_York, by api')
    expect(text).toContain(
      '1 of 1 in 7 days, namely email cart-recovery/first at Wed 15 Jul 2026 12:00:00 America/New_York (delivered)',
    )
    expect(text).toContain('47 CFR 64.1200(c)(1)')
    expect(text).toMatch(/The policy was that of the workspace [0-9a-f]{64}/)
    expect(text).not.toMatch(/@|\+1212/)
  })

  it('is answered for one message by the id of its send, for one journey, for one step, and not at all for what never was', async () => {
    const [one] = await answerWhy(database, KEYS, { kind: 'send', send: sendId(run, 'first', 'action') })
    expect(one?.messages.map(({ step }) => step)).toEqual(['first'])
    const [step] = await answerWhy(database, KEYS, {
      kind: 'contact',
      contact,
      journey: 'cart-recovery',
      step: 'second',
    })
    expect(step?.messages.map(({ step: id }) => id)).toEqual(['second'])
    for (const question of [
      { kind: 'send', send: 'nonsense' },
      { kind: 'send', send: '11111111-1111-4111-8111-111111111111' },
      { kind: 'contact', contact, journey: 'no-such' },
      { kind: 'contact', contact, step: 'no-such' },
    ] as const) {
      expect(await answerWhy(database, KEYS, question)).toEqual([])
    }
  })

  it('counts the fallback apart, and only once there was one', async () => {
    const withFallback = aJourney({
      id: 'with-fallback',
      steps: [aStep({ action: aText(), fallback: { kind: 'message', channel: 'email', template: 't', content: 'c' } })],
    })
    const other = await scene.contact({ phone: null })
    const texted = await scene.enroll(other, withFallback)
    await scene.ask(texted)
    const before = await answerWhy(database, KEYS, { kind: 'contact', contact: other })
    expect(before[0]?.messages.map(({ branch }) => branch)).toEqual(['action'])
    await scene.ask(texted, { branch: 'fallback' })
    const after = await answerWhy(database, KEYS, { kind: 'contact', contact: other })
    expect(after[0]?.messages.map(({ branch, summary }) => [branch, summary])).toEqual([
      ['action', 'It was not sent, and will not be: no_address.'],
      ['fallback', 'It was allowed to go; it is reserved and not yet handed over now.'],
    ])
  })
})
