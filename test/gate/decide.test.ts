import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { messageOf, type CompiledJourney, type MessageAction, type Step } from '../../src/core/compiled-journey.ts'
import { decide, type DecisionRequest } from '../../src/gate/decide.ts'
import type { Facts } from '../../src/gate/facts.ts'
import { HOLD_REASONS, REFUSAL_REASONS } from '../../src/gate/verdict.ts'
import { aJourney, anEmail, aStep, aWorkspace, DAY, HOUR, NOON } from './scene.ts'

function messageIn(step: Step): MessageAction {
  const message = messageOf(step, 'action')
  if (message === undefined) throw new Error(`${step.id} sends no message`)
  return message
}

interface Situation {
  readonly facts: Partial<Facts>
  readonly request: Partial<DecisionRequest>
  readonly journey: Partial<CompiledJourney>
}

const facts: Facts = {
  journey: 'cart-recovery',
  version: 'v',
  contactId: 'c',
  state: 'active',
  outcome: null,
  heldOut: false,
  traits: { timezone: 'America/New_York' },
  trigger: { cart: { total: 40 } },
  email: 'ada@example.com',
  phone: null,
  switches: [],
  consent: [{ purpose: 'cart-reminders', state: 'granted', at: 1 }],
  suppressions: [],
  contacts: [],
  steps: {},
  send: null,
  arm: null,
  code: null,
  engagedAt: null,
  rivals: [],
}

/**
 * Everything that can object, in the order in which it is asked. Each one's situation is only its own; the test puts them together.
 */
const objections: readonly { readonly answer: string; readonly situation: Partial<Situation> }[] = [
  { answer: 'hold paused', situation: { facts: { switches: [{ scope: 'all', name: '' }] } } },
  { answer: 'ended goal', situation: { facts: { state: 'ended', outcome: 'goal' } } },
  { answer: 'refuse condition', situation: { facts: { trigger: { cart: { total: 1 } } } } },
  { answer: 'refuse no_consent', situation: { facts: { consent: [] } } },
  { answer: 'refuse suppressed', situation: { facts: { suppressions: ['complaint'] } } },
  { answer: 'refuse no_address', situation: { request: { address: undefined } } },
  { answer: 'hold not_due', situation: { request: { dueAt: NOON + HOUR } } },
  { answer: 'refuse gave_up', situation: { request: { dueAt: NOON - 19 * HOUR } } },
  { answer: 'hold quiet_hours', situation: { facts: { traits: { timezone: 'Asia/Tokyo' } } } },
  {
    answer: 'hold min_gap',
    situation: { facts: { contacts: [{ channel: 'email', purpose: 'cart-reminders', at: NOON - HOUR }] } },
  },
  {
    answer: 'refuse cap',
    situation: {
      facts: {
        contacts: [4, 5, 6].map((h) => ({ channel: 'email' as const, purpose: 'cart-reminders', at: NOON - h * HOUR })),
      },
    },
  },
  { answer: 'refuse offer_expired', situation: { facts: { code: { code: 'X', validUntil: NOON } } } },
  { answer: 'ghost', situation: { facts: { heldOut: true } } },
]

function answer(situations: readonly Partial<Situation>[], action = anEmail({ offer: 'ten-off' })): string {
  const step = aStep({
    if: { source: 'trigger.cart.total >= 30', reads: ['trigger.cart.total'] },
    action,
  })
  const workspace = aWorkspace({
    sendWindow: { email: { fromMinute: 540, toMinute: 1_200 } },
    minGapMs: 2 * HOUR,
    caps: [{ count: 3, windowMs: DAY }],
  })
  const request: DecisionRequest = {
    enrollment: 'e',
    journey: aJourney({ steps: [step] }),
    step,
    branch: 'action',
    action: messageIn(step),
    dueAt: NOON,
    address: 'ada@example.com',
    workspace,
  }
  const decision = decide(
    Object.assign({}, request, ...situations.map((one) => one.request)),
    Object.assign({}, facts, ...situations.map((one) => one.facts)),
    NOON,
  )
  if (decision.kind === 'ended') return `ended ${decision.outcome}`
  return 'reason' in decision ? `${decision.kind} ${decision.reason}` : decision.kind
}

describe('the order of objections', () => {
  test('with none the message is sent', () => {
    expect(answer([])).toBe('send')
  })

  test.each(objections)('$answer is given when nothing else objects', (one) => {
    expect(answer([one.situation])).toBe(one.answer)
  })

  // Situations that set the same fact cannot be put together; the later one of a pair wins, so they are given in reverse.
  const pairs = objections.flatMap((first, i) => objections.slice(i + 1).map((second) => ({ first, second })))
  const exclusive = (a: Partial<Situation>, b: Partial<Situation>): boolean =>
    Object.keys(a.facts ?? {}).some((key) => key in (b.facts ?? {})) ||
    Object.keys(a.request ?? {}).some((key) => key in (b.request ?? {}))

  test.each(pairs.filter(({ first, second }) => !exclusive(first.situation, second.situation)))(
    '$first.answer comes before $second.answer',
    ({ first, second }) => {
      // A ghost takes no code, so an expired one is no objection for it.
      const expected = second.answer === 'ghost' && first.answer === 'refuse offer_expired' ? 'ghost' : first.answer
      expect(answer([second.situation, first.situation])).toBe(expected)
    },
  )

  test('unsubscribing ends marketing and lets what a person needs through; a STOP or a complaint does not', () => {
    const purposes = { 'cart-reminders': { class: 'transactional' as const, description: 'Receipts.' } }
    const answers = ['unsubscribe', 'stop', 'complaint'].map((reason) =>
      [aWorkspace(), aWorkspace({}, { purposes })].map((workspace) =>
        answer([{ request: { workspace }, facts: { suppressions: [reason] } }], anEmail()),
      ),
    )
    expect(answers).toEqual([
      ['refuse suppressed', 'send'],
      ['refuse suppressed', 'refuse suppressed'],
      ['refuse suppressed', 'refuse suppressed'],
    ])
  })

  test('a transactional message with an offer is refused, whatever its author calls it', () => {
    const workspace = aWorkspace(
      {},
      { purposes: { 'cart-reminders': { class: 'transactional', description: 'Receipts.' } } },
    )
    expect(answer([{ request: { workspace } }])).toBe('refuse marketing_in_transactional')
    expect(answer([{ request: { workspace } }], anEmail())).toBe('send')
  })

  test('an address that can never work is as good as none, unless somebody said no as well', () => {
    const answers = [['invalid'], ['bounce'], ['bounce', 'stop'], ['invalid', 'manual']].map((suppressions) =>
      answer([{ facts: { suppressions } }]),
    )
    expect(answers).toEqual(['refuse no_address', 'refuse no_address', 'refuse suppressed', 'refuse suppressed'])
  })

  test('whatever comes together, the answer is that of the first objection, and is always the same', () => {
    fc.assert(
      fc.property(fc.subarray([...objections]), (chosen) => {
        const compatible = chosen.filter((one, i) =>
          chosen.slice(0, i).every((earlier) => !exclusive(earlier.situation, one.situation)),
        )
        const ghost = compatible.some((one) => one.answer === 'ghost')
        const first = compatible.find((one) => !(ghost && one.answer === 'refuse offer_expired'))
        const situations = compatible.map((one) => one.situation)
        expect(answer(situations)).toBe(first?.answer ?? 'send')
        expect(answer(situations)).toBe(answer(situations))
      }),
      { numRuns: 500 },
    )
  })

  test('every reason that is given is in the list of reasons, in its order', () => {
    const given = objections.map((one) => one.answer.split(' '))
    const of = (kind: string) => given.filter(([word]) => word === kind).map(([, reason]) => reason)
    const holds: readonly string[] = HOLD_REASONS
    const refusals: readonly string[] = REFUSAL_REASONS
    for (const reason of of('hold')) expect(holds).toContain(reason)
    for (const reason of of('refuse')) expect(refusals).toContain(reason)
    const places = of('refuse').map((reason) => refusals.indexOf(reason ?? ''))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })
})

describe('a hold', () => {
  const held = (change: {
    giveUpAfterMs: number
    contactAt: number
    whenCapped?: 'hold'
    caps?: { count: number; windowMs: number }[]
  }) => {
    const step = aStep()
    return decide(
      {
        enrollment: 'e',
        journey: aJourney(),
        step,
        branch: 'action',
        action: messageIn(step),
        dueAt: NOON,
        address: 'ada@example.com',
        workspace: aWorkspace({
          minGapMs: change.caps === undefined ? 2 * HOUR : 0,
          giveUpAfterMs: change.giveUpAfterMs,
          whenCapped: change.whenCapped ?? 'refuse',
          caps: change.caps ?? [],
        }),
      },
      { ...facts, contacts: [{ channel: 'email', purpose: 'cart-reminders', at: change.contactAt }] },
      NOON,
    )
  }

  test('that would end after giving up is refused at once', () => {
    expect(held({ giveUpAfterMs: HOUR, contactAt: NOON - HOUR })).toMatchObject({ kind: 'hold', until: NOON + HOUR })
    expect(held({ giveUpAfterMs: HOUR - 1, contactAt: NOON - HOUR })).toMatchObject({
      kind: 'refuse',
      reason: 'gave_up',
    })
    const caps = [{ count: 1, windowMs: 3 * HOUR }]
    expect(held({ giveUpAfterMs: 2 * HOUR, contactAt: NOON - HOUR, whenCapped: 'hold', caps })).toMatchObject({
      kind: 'hold',
      reason: 'cap',
      until: NOON + 2 * HOUR,
    })
    expect(held({ giveUpAfterMs: HOUR, contactAt: NOON - HOUR, whenCapped: 'hold', caps })).toMatchObject({
      kind: 'refuse',
      reason: 'gave_up',
    })
  })
})
