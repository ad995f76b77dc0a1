import type { CompiledJourney } from '../../../../src/core/compiled-journey.ts'
import type { Evidence, Run, Send } from '../../../../src/cli/dev/sample/expectations/evidence.ts'
import type { LoggedHandOff } from '../../../../src/cli/dev/sample/hand-off.ts'
import type { Sample, SampleEvent, SamplePerson } from '../../../../src/cli/dev/sample/sample.ts'

export const HOUR = 3_600_000
/** Noon in New York. */
export const NOON = Date.UTC(2026, 10, 10, 17)
export const VERSION = 'a'.repeat(64)

const expression = (source: string) => ({ source, reads: [] })

/** An email, then a text with an email as its fallback: enough for every expectation to have something to look at. */
export const journey: CompiledJourney = {
  semantics: 1,
  id: 'cart-recovery',
  purpose: 'cart-reminders',
  policy: 'us-retail',
  enter: {
    kind: 'event',
    event: 'cart.abandoned',
    if: expression('trigger.cart.total >= 30'),
    key: expression('trigger.cart.id'),
    reentry: { kind: 'after', ms: 7 * 24 * HOUR },
  },
  goal: { event: 'order.placed', if: expression('event.cart_id == trigger.cart.id'), withinMs: 120 * HOUR },
  exitOn: [],
  limits: {},
  offers: {},
  steps: [
    {
      id: 'first-email',
      from: 'entry',
      offsetMs: HOUR,
      action: { kind: 'message', channel: 'email', template: 'cart/reminder', content: 'c'.repeat(64) },
    },
    {
      id: 'sms-code',
      from: 'entry',
      offsetMs: 3 * HOUR,
      action: { kind: 'message', channel: 'sms', template: 'cart/code', content: 'c'.repeat(64) },
      fallback: { kind: 'message', channel: 'email', template: 'cart/code', content: 'c'.repeat(64) },
      fallbackWithinMs: 4 * HOUR,
    },
  ],
}

export function person(number: number, changes: Partial<SamplePerson> = {}): SamplePerson {
  const consent = { purpose: 'cart-reminders', state: 'granted', at: NOON - 1000 * HOUR } as const
  return {
    userId: `person-${number}`,
    persona: 'usual',
    zone: 'America/New_York',
    traits: { firstName: 'Ada', email: `ada.${number}@example.com`, phone: `+1212555010${number}` },
    consents: [
      { ...consent, channel: 'email' },
      { ...consent, channel: 'sms' },
    ],
    suppressions: [],
    behaviours: [],
    faults: [],
    clicksAgain: false,
    ...changes,
  }
}

export function abandonment(number: number, changes: Partial<SampleEvent> = {}): SampleEvent {
  return {
    messageId: `abandoned-${number}`,
    userId: `person-${number}`,
    event: 'cart.abandoned',
    at: NOON,
    properties: { cart: { id: `cart-${number}`, total: 80 } },
    ...changes,
  }
}

export function order(number: number, at: number): SampleEvent {
  return {
    messageId: `ordered-${number}`,
    userId: `person-${number}`,
    event: 'order.placed',
    at,
    properties: { order_id: `order-${number}`, cart_id: `cart-${number}`, total: 80 },
  }
}

export function run(number: number, changes: Partial<Run> = {}): Run {
  return {
    id: `run-${number}`,
    journey: journey.id,
    version: VERSION,
    user: `person-${number}`,
    key: `cart-${number}`,
    trigger: { cart: { id: `cart-${number}`, total: 80 } },
    triggerMessageId: `abandoned-${number}`,
    state: 'ended',
    outcome: 'completed',
    enteredAt: NOON,
    endsAt: NOON + 7 * HOUR,
    ...changes,
  }
}

export function send(number: number, step: 'first-email' | 'sms-code', changes: Partial<Send> = {}): Send {
  const at = NOON + (step === 'first-email' ? HOUR : 3 * HOUR)
  return {
    id: `${step}-${number}`,
    enrollment: `run-${number}`,
    step,
    branch: 'action',
    channel: step === 'first-email' ? 'email' : 'sms',
    purpose: 'cart-reminders',
    class: 'marketing',
    state: 'delivered',
    reason: null,
    reservedAt: at,
    handedOffAt: at,
    updatedAt: at + 1000,
    unknownAt: null,
    ...changes,
  }
}

export function handOff(
  number: number,
  step: 'first-email' | 'sms-code',
  changes: Partial<LoggedHandOff> = {},
): LoggedHandOff {
  const { traits } = person(number)
  return {
    id: `log-${step}-${number}`,
    sendKey: `${step}-${number}`,
    channel: step === 'first-email' ? 'email' : 'sms',
    to: (step === 'first-email' ? traits['email'] : traits['phone']) ?? '',
    at: NOON + (step === 'first-email' ? HOUR : 3 * HOUR),
    ...changes,
  }
}

export function sampleOf(people: readonly SamplePerson[], events: readonly SampleEvent[]): Sample {
  return { name: 'test', startsAt: NOON - HOUR, people, events, notes: [] }
}

/** Two people through the whole journey with nothing to complain of; tests change one thing. */
export function evidence(changes: Partial<Evidence> & { readonly sample?: Sample } = {}): Evidence {
  const sample = changes.sample ?? sampleOf([person(1), person(2)], [abandonment(1), abandonment(2)])
  return {
    people: new Map(sample.people.map((one) => [one.userId, one])),
    handOffs: [handOff(1, 'first-email'), handOff(1, 'sms-code'), handOff(2, 'first-email'), handOff(2, 'sms-code')],
    serviceHandOffs: [],
    services: [],
    runs: [run(1), run(2)],
    sends: [send(1, 'first-email'), send(1, 'sms-code'), send(2, 'first-email'), send(2, 'sms-code')],
    revocations: [],
    receivedAt: new Map(sample.events.map((event) => [event.messageId, event.at])),
    versions: new Map([[VERSION, journey]]),
    deployed: [{ version: VERSION, deployedAt: NOON - HOUR, journey }],
    untold: [],
    now: NOON + 100 * HOUR,
    slackMs: 0,
    ...changes,
    sample,
  }
}
