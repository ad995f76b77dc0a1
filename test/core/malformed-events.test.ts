import { describe, expect, it } from 'vitest'
import { transition } from '../../src/core/transition.ts'
import { pretendEvent } from './arbitrary-run.ts'
import { aJourney, HOUR } from './builders.ts'
import { play, sent, woke } from './playback.ts'

const asked = play(aJourney(), woke(HOUR))
const verdict = (value: unknown) => ({
  kind: 'decided',
  at: HOUR,
  step: 'first-email',
  branch: 'action',
  verdict: value,
})

describe('a malformed event', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'goal'],
    ['a list', []],
    ['an empty object', {}],
    ['an event without an instant', { kind: 'goal' }],
    ['a goal at NaN', { kind: 'goal', at: Number.NaN }],
    ['an exit at infinity', { kind: 'exit', at: Number.POSITIVE_INFINITY }],
    ['an instant beyond the end of time', { kind: 'woke', at: 1e300 }],
    ['an instant that JSON made null', { kind: 'woke', at: null }],
    ['an anchor at NaN', { kind: 'anchored', at: HOUR, anchor: 'x', instant: Number.NaN }],
    ['an anchor without a name', { kind: 'anchored', at: HOUR, instant: 0 }],
    ['an answer without a verdict', verdict(undefined)],
    ['a hand-off at NaN', verdict({ kind: 'sent', at: Number.NaN, certain: true })],
    ['a ghost send without an instant', verdict({ kind: 'held_out' })],
    ['a hold until infinity', verdict({ kind: 'held', until: Number.POSITIVE_INFINITY, reason: 'paused' })],
    ['a verdict of an unknown kind', verdict({ kind: 'postponed' })],
    ['a step that cannot be a key', { ...verdict({ kind: 'refused', reason: 'x' }), step: { toString: 1 } }],
    ['bad news of such a step', { kind: 'undelivered', at: HOUR, step: { toString: 1, valueOf: 1 } }],
    ['bad news of a member of Object.prototype', { kind: 'undelivered', at: HOUR, step: 'constructor' }],
  ])('changes nothing at all: %s', (_name, event) => {
    expect(transition(aJourney(), asked.state, pretendEvent(event))).toEqual(asked)
  })

  it('of an unknown kind, from a newer sender, moves only the clock', () => {
    const after = transition(aJourney(), asked.state, pretendEvent({ kind: 'migrated', at: 2 * HOUR }))
    expect(after.state).toEqual({ ...asked.state, now: 2 * HOUR })
  })

  it('does not keep the run from going on', () => {
    const { state } = transition(aJourney(), asked.state, pretendEvent({ kind: 'woke', at: Number.NaN }))
    expect(transition(aJourney(), state, sent('first-email', HOUR)).effect.kind).toBe('finish')
  })
})
