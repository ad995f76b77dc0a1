import { describe, expect, test } from 'vitest'
import {
  everyRunFinished,
  everyStepIsAccountedFor,
  everythingWasTold,
} from '../../../../src/cli/dev/sample/expectations/accounting.ts'
import { everyEventArrived, exactlyTheRightOnesEntered } from '../../../../src/cli/dev/sample/expectations/arrival.ts'
import { unmet } from '../../../../src/cli/dev/sample/expectations/check.ts'
import {
  badNewsWasHeard,
  logAndStoreAgree,
  noKeyWasHandedOverTwice,
  serviceMessagesAgree,
  theUndeliverableFellBack,
} from '../../../../src/cli/dev/sample/expectations/hand-overs.ts'
import {
  nobodyWasContactedWithoutPermission,
  noTextWentOutAtNight,
  nothingWentOutAfterANo,
  nothingWentOutAfterTheGoal,
} from '../../../../src/cli/dev/sample/expectations/permission.ts'
import { abandonment, evidence, handOff, HOUR, journey, NOON, order, person, run, sampleOf, send } from './evidence.ts'

const good = evidence()

test('a sample in which all went well meets every expectation', () => {
  expect(unmet(good)).toEqual([])
})

test('of many complaints of one kind only ten are listed', () => {
  const runs = Array.from({ length: 15 }, () => run(1, { state: 'active', endsAt: null }))
  expect(unmet(evidence({ runs })).filter((line) => line.endsWith('has not finished'))).toHaveLength(10)
  expect(unmet(evidence({ runs }))).toContain('and 5 more of this kind')
})

describe('what arrived and entered', () => {
  test('an event that the store does not have is missed', () => {
    expect(everyEventArrived(evidence({ receivedAt: new Map([['abandoned-1', NOON]]) }))).toEqual([
      'the event abandoned-2 of the sample is not in the store',
    ])
  })

  test('somebody who should have entered and did not is missed', () => {
    expect(exactlyTheRightOnesEntered(evidence({ runs: [run(1)] }))).toEqual([
      'abandoned-2 should have entered cart-recovery and did not',
    ])
  })

  test('a cart under the condition must not enter', () => {
    const small = abandonment(2, { properties: { cart: { id: 'cart-2', total: 29.99 } } })
    const sample = sampleOf([person(1), person(2)], [abandonment(1), small])
    expect(exactlyTheRightOnesEntered(evidence({ sample }))).toEqual([
      'abandoned-2 should not have entered cart-recovery and did',
    ])
    expect(exactlyTheRightOnesEntered(evidence({ sample, runs: [run(1)] }))).toEqual([])
  })

  test('the same cart within the reentry time, and the same message id, enter once', () => {
    const again = abandonment(1, { messageId: 'abandoned-again', at: NOON + 24 * HOUR })
    const sample = sampleOf([person(1)], [abandonment(1), abandonment(1), again])
    expect(exactlyTheRightOnesEntered(evidence({ sample, runs: [run(1)] }))).toEqual([])
    const twice = [run(1), run(1, { id: 'run-x', triggerMessageId: 'abandoned-again' })]
    expect(exactlyTheRightOnesEntered(evidence({ sample, runs: twice }))).toEqual([
      'abandoned-again should not have entered cart-recovery and did',
    ])
    const double = [run(1), run(1, { id: 'run-x' })]
    expect(exactlyTheRightOnesEntered(evidence({ sample, runs: double }))).toEqual([
      'cart-recovery was entered 1 times too often by the same events',
    ])
  })

  test('the same cart after the reentry time enters again', () => {
    const later = abandonment(1, { messageId: 'abandoned-later', at: NOON + 7 * 24 * HOUR })
    const sample = sampleOf([person(1)], [abandonment(1), later])
    expect(exactlyTheRightOnesEntered(evidence({ sample, runs: [run(1)] }))).toEqual([
      'abandoned-later should have entered cart-recovery and did not',
    ])
  })

  test('a journey that was added after the sample had come is not expected to have let anybody in', () => {
    const deployed = evidence().deployed.map((one) => ({ ...one, deployedAt: NOON + 1 }))
    expect(exactlyTheRightOnesEntered(evidence({ deployed, runs: [] }))).toEqual([])
    const receivedAt = new Map([
      ['abandoned-1', NOON],
      ['abandoned-2', NOON + 2],
    ])
    expect(exactlyTheRightOnesEntered(evidence({ deployed, runs: [], receivedAt }))).toEqual([
      'abandoned-2 should have entered cart-recovery and did not',
    ])
  })

  test('runs of events that are not of the sample, and journeys edited in between, are left alone', () => {
    const mine = run(1, { id: 'mine', triggerMessageId: 'typed-by-hand' })
    expect(exactlyTheRightOnesEntered(evidence({ runs: [run(1), run(2), mine] }))).toEqual([])
    expect(exactlyTheRightOnesEntered(evidence({ runs: [run(1, { version: 'b'.repeat(64) })] }))).toEqual([])
  })
})

describe('every step of every run', () => {
  test('a run that has not ended is named', () => {
    const runs = [run(1), run(2, { state: 'active', outcome: null, endsAt: null })]
    expect(everyRunFinished(evidence({ runs }))).toEqual(['cart-recovery of person-2 has not finished'])
  })

  test('a run whose last receipt is overdue has ended, one that still waits for it has not', () => {
    const waiting = run(2, { state: 'active', outcome: null, endsAt: good.now + 1 })
    const overdue = run(1, { state: 'active', outcome: null, endsAt: good.now })
    expect(everyRunFinished(evidence({ runs: [overdue, waiting] }))).toEqual([
      'cart-recovery of person-2 has not finished',
    ])
  })

  test('an outbox entry that the engine was not told is named', () => {
    expect(everythingWasTold(evidence({ untold: [{ enrollment: 'run-1', kind: 'start', attempts: 3 }] }))).toEqual([
      'cart-recovery of person-1: the engine was not told of a start, after 3 attempts',
    ])
  })

  test('a step of which nothing became is lost', () => {
    const sends = good.sends.filter((one) => one.id !== 'sms-code-2')
    expect(everyStepIsAccountedFor(evidence({ sends }))).toEqual([
      'cart-recovery of person-2: nothing became of sms-code',
    ])
  })

  test('a step that was not due because the goal came first is accounted for', () => {
    const sends = good.sends.filter((one) => one.id !== 'sms-code-2')
    expect(everyStepIsAccountedFor(evidence({ sends, runs: [run(1), run(2, { outcome: 'goal' })] }))).toEqual([])
  })

  test('a step whose anchor was refused is not due; one whose anchor was sent is', () => {
    const chained = {
      ...journey,
      steps: journey.steps.map((step, i) => (i === 1 ? { ...step, from: 'first-email' } : step)),
    }
    const versions = new Map([[run(1).version, chained]])
    const base = { versions, runs: [run(1)] }
    const refused = send(1, 'first-email', { state: 'refused', reason: 'no_consent' })
    expect(everyStepIsAccountedFor(evidence({ ...base, sends: [refused] }))).toEqual([])
    expect(everyStepIsAccountedFor(evidence({ ...base, sends: [send(1, 'first-email')] }))).toHaveLength(1)
  })

  test.each(['attempting', 'unknown', 'reserved'])('a message that is still %s at the end is named', (state) => {
    const sends = good.sends.map((one) => (one.id === 'sms-code-2' ? { ...one, state } : one))
    expect(everyStepIsAccountedFor(evidence({ sends }))).toEqual([
      `cart-recovery of person-2: sms-code is still ${state}`,
    ])
  })

  test('a fallback without bad news before it is named', () => {
    const fallback = send(1, 'sms-code', { id: 'fallback-1', branch: 'fallback', channel: 'email' })
    expect(everyStepIsAccountedFor(evidence({ sends: [...good.sends, fallback] }))).toEqual([
      'cart-recovery of person-1: the fallback of sms-code was decided although its message was not undeliverable',
    ])
  })
})

describe('the log of the carriers', () => {
  test('a send key that was handed over twice is named', () => {
    const again = handOff(1, 'sms-code', { id: 'again' })
    expect(noKeyWasHandedOverTwice(evidence({ handOffs: [...good.handOffs, again] }))).toEqual([
      'the message sms-code-1 was handed over 2 times',
    ])
  })

  test('a message without a send key cannot be matched and is named', () => {
    expect(noKeyWasHandedOverTwice(evidence({ handOffs: [handOff(1, 'sms-code', { sendKey: null })] }))).toEqual([
      'handed over without a send key, times: 1',
    ])
  })

  test('messages that belong to no journey tell the same story on both sides, too', () => {
    const service = { id: 's-1', kind: 'help', channel: 'sms', state: 'delivered' } as const
    const served = handOff(1, 'sms-code', { id: 'log-s-1', sendKey: 's-1' })
    expect(serviceMessagesAgree(evidence({ services: [service], serviceHandOffs: [served] }))).toEqual([])
    expect(serviceMessagesAgree(evidence({ services: [service] }))).toEqual([
      'the help s-1 is delivered, but no carrier has seen it',
    ])
    const refused = { ...service, state: 'refused' }
    expect(serviceMessagesAgree(evidence({ services: [refused], serviceHandOffs: [served] }))).toEqual([
      'the help s-1 was handed over, but the store says refused',
    ])
    expect(noKeyWasHandedOverTwice(evidence({ serviceHandOffs: [served, served] }))).toEqual([
      'the message s-1 was handed over 2 times',
    ])
  })

  test('a hand-off that the store does not have, or calls refused, is named', () => {
    const stranger = handOff(1, 'sms-code', { id: 'x', sendKey: 'not-a-send' })
    const refused = good.sends.map((one) => (one.id === 'sms-code-2' ? { ...one, state: 'refused' } : one))
    expect(logAndStoreAgree(evidence({ handOffs: [...good.handOffs, stranger] }))).toEqual([
      'the message not-a-send was handed over and the store does not have it',
    ])
    expect(logAndStoreAgree(evidence({ sends: refused }))).toEqual([
      'cart-recovery of person-2: the sms of sms-code was handed over, but the store says refused',
    ])
  })

  test('a send that the store calls delivered and no carrier has seen is named', () => {
    expect(logAndStoreAgree(evidence({ handOffs: good.handOffs.slice(1) }))).toEqual([
      'cart-recovery of person-1: first-email is delivered, but no carrier has seen it',
    ])
  })

  test('a message that went to another address or by another channel is named', () => {
    const other = [handOff(1, 'first-email', { to: 'ada.2@example.com' }), ...good.handOffs.slice(1)]
    const crossed = [handOff(1, 'first-email', { channel: 'sms' }), ...good.handOffs.slice(1)]
    expect(logAndStoreAgree(evidence({ handOffs: other }))).toEqual([
      'cart-recovery of person-1: the email of first-email went to somebody else',
    ])
    expect(logAndStoreAgree(evidence({ handOffs: crossed }))).toEqual([
      'cart-recovery of person-1: the email of first-email was handed over as sms',
    ])
  })

  test('an undeliverable text without its fallback is named, unless the goal came first, the news came too late, or its outcome was unknown', () => {
    const lost = send(1, 'sms-code', { state: 'undelivered' })
    const sends = [send(1, 'first-email'), lost]
    expect(theUndeliverableFellBack(evidence({ sends, runs: [run(1)] }))).toEqual([
      'cart-recovery of person-1: sms-code is undeliverable and no fallback followed',
    ])
    const fallback = send(1, 'sms-code', { id: 'fallback-1', branch: 'fallback', channel: 'email' })
    expect(theUndeliverableFellBack(evidence({ sends: [...sends, fallback] }))).toEqual([])
    expect(theUndeliverableFellBack(evidence({ sends, runs: [run(1, { outcome: 'goal' })] }))).toEqual([])
    const late = { ...lost, updatedAt: lost.reservedAt + 5 * HOUR }
    expect(theUndeliverableFellBack(evidence({ sends: [late] }))).toEqual([])
    const interrupted = { ...lost, unknownAt: lost.reservedAt }
    expect(theUndeliverableFellBack(evidence({ sends: [interrupted] }))).toEqual([])
  })

  test('a text to an unreachable number that the store believes delivered is named', () => {
    const unreachable = person(1, { faults: [{ channel: 'sms', to: '+12125550101', undeliverable: 30006 }] })
    const sample = sampleOf([unreachable, person(2)], [abandonment(1), abandonment(2)])
    expect(badNewsWasHeard(evidence({ sample }))).toEqual([
      'the message sms-code-1 did not arrive, and the store does not know it',
    ])
  })
})

describe('permission', () => {
  const withFirst = (changes: Parameters<typeof person>[1]) =>
    evidence({ sample: sampleOf([person(1, changes), person(2)], [abandonment(1), abandonment(2)]) })

  test('a message without consent, or after the consent was taken back, is named', () => {
    const [email] = person(1).consents
    expect(nobodyWasContactedWithoutPermission(withFirst({ consents: email === undefined ? [] : [email] }))).toEqual([
      'cart-recovery of person-1: the sms of sms-code went out without consent',
    ])
    const revoked = { channel: 'email', purpose: 'cart-reminders', state: 'revoked', at: NOON - HOUR } as const
    expect(nobodyWasContactedWithoutPermission(withFirst({ consents: [revoked, ...person(1).consents] }))).toEqual([
      'cart-recovery of person-1: the email of first-email went out without consent',
    ])
  })

  test('consent to another purpose is no consent', () => {
    const consents = person(1).consents.map((consent) => ({ ...consent, purpose: 'newsletter' }))
    expect(nobodyWasContactedWithoutPermission(withFirst({ consents }))).toHaveLength(2)
  })

  test('a message to a suppressed address is named', () => {
    const suppressions = [{ channel: 'email', address: 'ada.1@example.com', reason: 'manual' } as const]
    expect(nobodyWasContactedWithoutPermission(withFirst({ suppressions }))).toEqual([
      'cart-recovery of person-1: the email of first-email went out to a suppressed address',
    ])
  })

  test('a message that was reserved after a recorded opt-out is named, one from the same moment is not', () => {
    const no = { user: 'person-1', channel: 'sms', purpose: '*', recordedAt: NOON + 2 * HOUR } as const
    const complaint = ['cart-recovery of person-1: the sms of sms-code went out after an opt-out']
    expect(nothingWentOutAfterANo(evidence({ revocations: [no] }))).toEqual(complaint)
    expect(nothingWentOutAfterANo(evidence({ revocations: [no], slackMs: HOUR }))).toEqual([])
    expect(nothingWentOutAfterANo(evidence({ revocations: [{ ...no, user: 'person-3' }] }))).toEqual([])
    expect(nothingWentOutAfterANo(evidence({ revocations: [{ ...no, channel: 'email' }] }))).toEqual([])
  })

  test('a text after the person answered STOP is named even if the store never heard of it', () => {
    const behaviours = [{ address: '+12125550101', replies: { body: 'STOP', afterMs: 15 * 60_000 } }]
    const second = send(1, 'sms-code', { id: 'second', reservedAt: NOON + 30 * HOUR })
    const base = withFirst({ behaviours })
    expect(nothingWentOutAfterANo(base)).toEqual([])
    expect(
      nothingWentOutAfterANo({
        ...base,
        sends: [...base.sends, second],
        handOffs: [...base.handOffs, handOff(1, 'sms-code', { sendKey: 'second', at: second.reservedAt })],
      }),
    ).toEqual(['cart-recovery of person-1: the sms of sms-code went out after an opt-out'])
  })

  test('a message after the order is named even if the store missed the goal', () => {
    const sample = sampleOf([person(1), person(2)], [abandonment(1), abandonment(2), order(1, NOON + 2 * HOUR)])
    expect(nothingWentOutAfterTheGoal(evidence({ sample }))).toEqual([
      'cart-recovery of person-1: sms-code went out after the goal, ordered-1',
    ])
    expect(nothingWentOutAfterTheGoal(evidence({ sample, slackMs: HOUR }))).toEqual([])
  })

  test('an order of another cart, or from before the run, is not its goal', () => {
    const other = { ...order(1, NOON + 2 * HOUR), properties: { order_id: 'o', cart_id: 'other', total: 1 } }
    const early = order(2, NOON - HOUR)
    const sample = sampleOf([person(1), person(2)], [early, abandonment(1), abandonment(2), other])
    expect(nothingWentOutAfterTheGoal(evidence({ sample }))).toEqual([])
  })

  test('a text at night where the person lives is named', () => {
    // 15:00 in New York is 10:00 in Honolulu; three in the morning there is not.
    expect(noTextWentOutAtNight(withFirst({ zone: 'Pacific/Honolulu' }))).toEqual([])
    const handOffs = [handOff(1, 'sms-code', { at: NOON - 4 * HOUR })]
    expect(noTextWentOutAtNight({ ...withFirst({ zone: 'Pacific/Honolulu' }), handOffs })).toEqual([
      'cart-recovery of person-1: the text of sms-code went out at 03:00 in Pacific/Honolulu',
    ])
  })

  test('eight in the morning is allowed, nine in the evening is not', () => {
    const at = (hour: number) =>
      evidence({ handOffs: [handOff(1, 'sms-code', { at: Date.UTC(2026, 10, 10, hour + 5) })] })
    expect(noTextWentOutAtNight(at(7))).toHaveLength(1)
    expect(noTextWentOutAtNight(at(8))).toHaveLength(0)
    expect(noTextWentOutAtNight(at(20))).toHaveLength(0)
    expect(noTextWentOutAtNight(at(21))).toHaveLength(1)
  })
})
