import { ENTRY, type CompiledJourney, type MessageAction, type Step } from '../../src/core/compiled-journey.ts'

/** Compiled journeys with every field filled, of which a test names only those it is about. */

const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export function aMessage(overrides: Partial<MessageAction> = {}): MessageAction {
  return { kind: 'message', channel: 'email', template: 'cart/reminder', content: '0'.repeat(64), ...overrides }
}

export function anSms(overrides: Partial<MessageAction> = {}): MessageAction {
  return aMessage({ channel: 'sms', template: 'cart/code', ...overrides })
}

/** An email at entry, unless said otherwise. */
export function aStep(id = 'first-email', overrides: Partial<Omit<Step, 'id'>> = {}): Step {
  return { id, from: ENTRY, offsetMs: 0, action: aMessage(), ...overrides }
}

/** One email an hour after entry, no goal and no limits, unless said otherwise. */
export function aJourney(overrides: Partial<CompiledJourney> = {}): CompiledJourney {
  return {
    semantics: 1,
    id: 'cart-recovery',
    purpose: 'cart-reminders',
    policy: 'us-retail',
    enter: { kind: 'event', event: 'cart.abandoned', reentry: { kind: 'never' } },
    exitOn: [],
    limits: {},
    offers: {},
    steps: [aStep('first-email', { offsetMs: HOUR })],
    ...overrides,
  }
}
