import { expect, it } from 'vitest'
import {
  decideServiceMessage,
  OPT_OUT_CONFIRMATION_MS,
  type ServiceMessageFacts,
} from '../../../src/delivery/service-message/decide.ts'
import { SERVICE_MESSAGE_KINDS } from '../../../src/delivery/service-message/service-message.ts'

const SAID = 1_000_000_000
const DAY = 86_400_000

function decide(more: Partial<ServiceMessageFacts>, now = SAID + 1_000, scale = 1) {
  const facts: ServiceMessageFacts = {
    kind: 'help',
    asked: false,
    saidAt: SAID,
    validUntil: SAID + DAY,
    suppressions: [],
    revokedAt: null,
    paused: false,
    hasSender: true,
    ...more,
  }
  const decision = decideServiceMessage(facts, now, scale)
  return decision.kind === 'send' ? 'send' : decision.reason
}

const suppressed = (reason: string, at = SAID) => [{ reason, at }]

it.each(SERVICE_MESSAGE_KINDS)('%s goes to somebody who has nothing against it', (kind) => {
  expect(decide({ kind })).toBe('send')
})

it.each([
  // kind, block, asked, passes
  ['opt_out_confirmation', 'stop', false, true],
  ['opt_out_confirmation', 'bounce', false, false],
  ['opt_out_confirmation', 'complaint', false, false],
  ['help', 'stop', false, true],
  ['help', 'unsubscribe', false, true],
  ['help', 'bounce', false, false],
  ['help', 'invalid', false, false],
  ['help', 'a reason of tomorrow', false, false],
  ['opt_in_request', 'stop', false, false],
  ['opt_in_request', 'unsubscribe', false, false],
  ['opt_in_request', 'complaint', true, false],
  ['opt_in_request', 'bounce', true, false],
  ['opt_in_request', 'invalid', true, false],
  ['opt_in_request', 'manual', true, false],
  ['opt_in_confirmation', 'stop', false, false],
  ['opt_in_confirmation', 'manual', true, false],
  ['report', 'stop', false, true],
  ['report', 'bounce', false, false],
  ['reply_forward', 'complaint', false, true],
  ['reply_forward', 'invalid', false, false],
] as const)('%s at an address with the block "%s", asked for by the person: %s', (kind, reason, asked, passes) => {
  expect(decide({ kind, asked, suppressions: suppressed(reason, SAID - 1) })).toBe(passes ? 'send' : 'suppressed')
})

it.each(['opt_in_request', 'opt_in_confirmation'] as const)(
  '%s passes an older STOP when the person has asked from that address, and never a STOP said since',
  (kind) => {
    expect(decide({ kind, asked: true, suppressions: suppressed('stop', SAID - 1) })).toBe('send')
    expect(decide({ kind, asked: true, suppressions: suppressed('stop', SAID) })).toBe('suppressed')
    expect(decide({ kind, asked: true, suppressions: suppressed('stop', SAID + 1) })).toBe('suppressed')
  },
)

it('a "no" to the purpose since the wish stops what follows from the wish, and nothing else', () => {
  expect(decide({ kind: 'opt_in_request', revokedAt: SAID - 1 })).toBe('send')
  expect(decide({ kind: 'opt_in_request', revokedAt: SAID })).toBe('revoked')
  expect(decide({ kind: 'opt_in_confirmation', revokedAt: SAID + 1 })).toBe('revoked')
  expect(decide({ kind: 'help', revokedAt: SAID + 1 })).toBe('send')
  expect(decide({ kind: 'opt_out_confirmation', revokedAt: SAID })).toBe('send')
})

it('the confirmation of an opt-out goes within five minutes or never, whatever its writer allows', () => {
  const confirmation = { kind: 'opt_out_confirmation', suppressions: suppressed('stop') } as const
  expect(decide(confirmation, SAID + OPT_OUT_CONFIRMATION_MS - 1)).toBe('send')
  expect(decide(confirmation, SAID + OPT_OUT_CONFIRMATION_MS)).toBe('expired')
})

it('a message that is too late is refused, also while a kill switch holds it', () => {
  expect(decide({ validUntil: SAID + 500 }, SAID + 499)).toBe('send')
  expect(decide({ validUntil: SAID + 500 }, SAID + 500)).toBe('expired')
  expect(decide({ validUntil: SAID + 500, paused: true }, SAID + 500)).toBe('expired')
})

it('under an accelerated clock a message has as much real time as in production', () => {
  const confirmation = { kind: 'opt_out_confirmation' } as const
  expect(decide(confirmation, SAID + OPT_OUT_CONFIRMATION_MS * 100 - 1, 100)).toBe('send')
  expect(decide(confirmation, SAID + OPT_OUT_CONFIRMATION_MS * 100, 100)).toBe('expired')
})

it('a kill switch or a missing sender only holds it', () => {
  expect(decide({ paused: true })).toBe('paused')
  expect(decide({ hasSender: false })).toBe('no_sender')
})
