import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Verdict } from '../../src/core/enrollment.ts'
import { endOfRun, standingVerdict } from '../../src/delivery/step-outcome.ts'
import { rankOf, type SendState } from '../../src/delivery/send-state.ts'
import { JOURNEY } from './fixture.ts'

const [withFallback, alone] = JOURNEY.steps
if (withFallback === undefined || alone === undefined) throw new Error('the fixture has steps')

const STATES: readonly SendState[] = [
  ...(['reserved', 'attempting', 'accepted', 'delivered', 'undelivered', 'bounced'] as const),
  ...(['complained', 'rejected', 'unknown', 'refused', 'held_out', 'shadow'] as const),
]
const send = fc.record({
  state: fc.constantFrom(...STATES),
  reason: fc.option(
    fc.constantFrom('bad_recipient:1', 'opt_out:1', 'content:1', 'no_address', 'suppressed', 'timeout'),
  ),
  at: fc.nat(),
})
const branch = fc.constantFrom('action' as const, 'fallback' as const)
const step = fc.constantFrom(withFallback, alone)

test('only what certainly did not arrive may bring a fallback', () => {
  fc.assert(
    fc.property(send, branch, step, (stands, which, of) => {
      const verdict = standingVerdict(stands, which, of)
      if (verdict.kind !== 'failed' || !verdict.undeliverable) return
      expect(['undelivered', 'bounced', 'rejected', 'refused']).toContain(stands.state)
    }),
  )
})

test('what may have been sent is told as sent', () => {
  fc.assert(
    fc.property(send, branch, step, (stands, which, of) => {
      if (stands.state !== 'unknown' && stands.state !== 'attempting') return
      expect(standingVerdict(stands, which, of)).toEqual({ kind: 'sent', at: stands.at, certain: false })
    }),
  )
})

const rest = fc.constantFrom('nothing' as const, 'dependents' as const, 'others' as const)
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.record({ kind: fc.constant('sent' as const), at: fc.nat(), certain: fc.boolean() }),
  fc.record({ kind: fc.constant('held_out' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('held' as const), until: fc.nat(), reason: fc.constant('min_gap') }),
  fc.record({ kind: fc.constant('refused' as const), reason: fc.constant('cap') }),
  fc.record({ kind: fc.constant('failed' as const), reason: fc.constant('config'), undeliverable: fc.boolean() }),
)

test('a run never ends in the past, nor before a receipt that it waits for, nor while something is left to send', () => {
  fc.assert(
    fc.property(verdict, branch, rest, step, fc.nat(), fc.nat(), (told, which, left, of, now, openUntil) => {
      const end = endOfRun(told, { branch: which, rest: left, openUntil, feedbackMs: 0 }, of, now)
      const wasSent = told.kind === 'sent' || told.kind === 'held_out'
      const goesOn = left === 'others' || (left === 'dependents' && wasSent)
      const fallbackDue =
        told.kind === 'failed' && told.undeliverable && which === 'action' && of.fallback !== undefined
      if (told.kind === 'held' || fallbackDue || goesOn) expect(end).toBeUndefined()
      else expect(end).toBeGreaterThanOrEqual(Math.max(now, openUntil))
    }),
  )
})

test('a carrier can move every state that was handed over, and none that was not', () => {
  const beyond = STATES.filter((state) => rankOf(state) > rankOf('complained'))
  expect(beyond.toSorted()).toEqual(['held_out', 'refused', 'shadow'])
})
