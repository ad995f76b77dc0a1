import type { DecisionEvidence, MessageEvidence } from '../../src/explain/evidence.ts'
import { HOLD_REASONS, type HoldReason, REFUSAL_REASONS, type RefusalReason } from '../../src/gate/verdict.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A Wednesday, noon in New York. */
export const NOON = Date.UTC(2026, 6, 15, 16)

const CONSENT = [{ purpose: 'cart-reminders', state: 'granted', at: NOON - 30 * DAY }]

/** What the gate notes on its way to each check. */
const SEEN = {
  consent: CONSENT,
  suppressions: [],
  due_at: NOON - HOUR,
  give_up_at: NOON + 17 * HOUR,
  place: { evidence: ['timezone', 'area_code'], zones: ['America/New_York'], laws: ['US', 'US-FL'] },
} as const
const CAP = { count: 2, windowMs: 7 * DAY, used: 2 }
const GAP = { ...SEEN, min_gap_ms: 2 * HOUR, last_contact_at: NOON - HOUR }

export const FACTS: Readonly<
  Record<HoldReason | RefusalReason | 'allowed' | 'held_out', Readonly<Record<string, unknown>>>
> = {
  not_due: { consent: CONSENT, suppressions: [], due_at: NOON + HOUR },
  paused: { switches: ['channel sms', 'journey cart-recovery'] },
  paused_by_person: { consent: CONSENT, suppressions: [], paused_until: NOON + 9 * DAY },
  needs_person: { consent: CONSENT, suppressions: [], due_at: NOON - HOUR, doubt_since: NOON - 2 * HOUR },
  conversation: { consent: CONSENT, suppressions: [], due_at: NOON - HOUR, replied_at: NOON - 2 * HOUR },
  quiet_hours: { ...SEEN, opens_at: NOON + 18 * HOUR },
  min_gap: GAP,
  cap: {
    ...GAP,
    last_contact_at: NOON - 5 * HOUR,
    caps: [
      { ...CAP, channel: 'sms' },
      { ...CAP, count: 9 },
    ],
    personal_cap: { count: 1, windowMs: DAY, used: 1 },
  },
  outranked: {
    ...GAP,
    caps: [],
    outranked_by: 'price-drop',
    outranked_run: 'r-2',
    outranked_step: 'first',
    outranked_due_at: NOON + HOUR,
  },
  throttled: { carrier: '20429' },
  goal_reached: { outcome: 'goal' },
  exited: { outcome: 'exited' },
  condition: { if: 'trigger.cart.total >= 30', condition: { 'trigger.cart.total': 12 } },
  condition_unknown: { unless: 'clicked("sms-code")', condition: {}, unknown: 'contact.age' },
  no_consent: { consent: [] },
  suppressed: { consent: CONSENT, suppressions: ['stop'] },
  no_address: { consent: CONSENT, suppressions: ['invalid'] },
  marketing_in_transactional: { consent: CONSENT, suppressions: [], offer: 'ten-off' },
  sunset: { consent: CONSENT, suppressions: [], engaged_at: NOON - 400 * DAY, sunset_after_ms: 365 * DAY },
  gave_up: { ...SEEN, due_at: NOON - 17 * HOUR, give_up_at: NOON + HOUR / 2, opens_at: NOON + HOUR },
  offer_expired: { ...GAP, last_contact_at: null, caps: [], offer_valid_until: NOON - HOUR },
  codes_exhausted: { ...GAP, last_contact_at: null, caps: [], held_out: false },
  content: { content: 'missing trigger.cart.url' },
  allowed: { ...GAP, last_contact_at: null, caps: [{ ...CAP, used: 0 }], held_out: false, workspace: 'f00d' },
  held_out: { ...GAP, last_contact_at: null, caps: [], held_out: true },
}

export type Reason = keyof typeof FACTS

export function aDecision(reason: Reason, verdict?: DecisionEvidence['verdict']): DecisionEvidence {
  const isHold = HOLD_REASONS.some((one) => one === reason) && verdict !== 'refuse'
  const kind = reason === 'allowed' ? 'send' : reason === 'held_out' ? 'ghost' : isHold ? 'hold' : 'refuse'
  return {
    id: 1,
    verdict: verdict ?? kind,
    reason,
    until: kind === 'hold' ? NOON + 18 * HOUR : null,
    at: NOON,
    facts: FACTS[reason],
    consents:
      reason === 'no_consent'
        ? []
        : [
            {
              purpose: 'cart-reminders',
              state: 'granted',
              source: 'double_opt_in',
              at: NOON - 30 * DAY,
              recordedAt: NOON - 30 * DAY + 60_000,
              proof: { page: 'https://shop.example.com/checkout', wordingVersion: '3', ip: '192.0.2.1' },
            },
          ],
    suppressions: [
      { reason: 'stop', source: 'twilio', at: NOON - DAY, liftedAt: null },
      { reason: 'invalid', source: 'twilio', at: NOON - DAY, liftedAt: null },
    ],
    laws:
      'place' in FACTS[reason]
        ? [
            {
              jurisdiction: 'US',
              source: '47 CFR 64.1200(c)(1)',
              basis: 'law',
              confidence: 'primary',
              reviewed: '2026-01-31',
            },
            {
              jurisdiction: 'US-FL',
              source: 'Fla. Stat. 501.616(6)',
              basis: 'law',
              confidence: 'primary',
              reviewed: '2026-01-31',
              cap: { count: 3, windowMs: DAY },
            },
          ]
        : [],
    contacts: [
      {
        send: 's-9',
        journey: 'welcome',
        step: 'hello',
        channel: 'sms',
        purpose: 'news',
        state: 'delivered',
        at: NOON - 5 * HOUR,
      },
    ],
  }
}

export function aMessage(change: Partial<MessageEvidence> = {}): MessageEvidence {
  return {
    contact: 'c-1',
    run: {
      id: 'r-1',
      journey: 'cart-recovery',
      state: 'active',
      outcome: null,
      endReason: null,
      enteredAt: NOON - 4 * HOUR,
      endedAt: null,
      heldOut: false,
    },
    version: {
      hash: '5f3c9a1e77aa0011223344556677889900aabbccddeeff001122334455667788',
      commit: 'c0ffee1',
      author: 'Ada Example',
      approver: null,
      deployedAt: NOON - 60 * DAY,
    },
    step: 'sms-code',
    branch: 'action',
    channel: 'sms',
    purpose: 'cart-reminders',
    decisions: [],
    send: null,
    waits: { from: 'entry', dueAt: NOON - HOUR },
    zone: 'America/New_York',
    ...change,
  }
}

/** Every reason that the gate may give, each once, under the verdicts it is given with. */
export const CASES: readonly { readonly name: string; readonly decision: DecisionEvidence }[] = [
  ...HOLD_REASONS.map((reason) => ({ name: `hold-${reason}`, decision: aDecision(reason, 'hold') })),
  ...REFUSAL_REASONS.map((reason) => ({ name: `refuse-${reason}`, decision: aDecision(reason, 'refuse') })),
  { name: 'send-allowed', decision: aDecision('allowed') },
  { name: 'ghost-held_out', decision: aDecision('held_out') },
]
