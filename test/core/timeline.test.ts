import { describe, expect, it } from 'vitest'
import { enroll } from '../../src/core/transition.ts'
import { aJourney, anSms, aStep, HOUR, MINUTE } from './builders.ts'
import {
  anchored,
  failed,
  held,
  heldOut,
  play,
  refused,
  sent,
  stepOf,
  uncertain,
  undeliverable,
  woke,
} from './playback.ts'

describe('the order of steps', () => {
  it('waits for the step that is due first, wherever it stands in the document', () => {
    const journey = aJourney({ steps: [aStep('b', { offsetMs: 2 * HOUR }), aStep('a', { offsetMs: HOUR })] })
    expect(play(journey).effect).toEqual({ kind: 'wait', until: HOUR, step: 'a', why: 'due' })
  })

  it('breaks ties in document order', () => {
    const journey = aJourney({ steps: ['c', 'a', 'b'].map((id) => aStep(id, { offsetMs: HOUR })) })
    expect(play(journey, woke(HOUR)).effect).toMatchObject({ kind: 'deliver', step: 'c' })
    expect(play(journey, woke(HOUR), sent('c', HOUR)).effect).toMatchObject({ kind: 'deliver', step: 'a' })
    expect(play(journey, woke(HOUR), sent('c', HOUR), sent('a', HOUR)).effect).toMatchObject({ step: 'b' })
  })

  it('takes steps that have become late by their due instants', () => {
    const journey = aJourney({
      steps: [aStep('c', { offsetMs: 3 * HOUR }), aStep('a', { offsetMs: HOUR }), aStep('b', { offsetMs: 2 * HOUR })],
    })
    const late = 9 * HOUR
    expect(play(journey, woke(late)).effect).toMatchObject({ step: 'a', dueAt: HOUR })
    expect(play(journey, woke(late), sent('a', late)).effect).toMatchObject({ step: 'b', dueAt: 2 * HOUR })
    expect(play(journey, woke(late), sent('a', late), sent('b', late)).effect).toMatchObject({ step: 'c' })
  })

  it('delivers at once what is due at entry or was due before it', () => {
    const journey = aJourney({ steps: [aStep('now'), aStep('before', { offsetMs: -HOUR })] })
    expect(play(journey).effect).toMatchObject({ kind: 'deliver', step: 'before', dueAt: -HOUR })
  })

  it('waits again when it is woken too early', () => {
    const journey = aJourney()
    expect(play(journey, woke(HOUR - 1)).effect).toEqual({ kind: 'wait', until: HOUR, step: 'first-email', why: 'due' })
  })

  it('lets the clock never go back', () => {
    const { state, effect } = play(aJourney(), woke(30 * MINUTE), woke(10 * MINUTE))
    expect(state.now).toBe(30 * MINUTE)
    expect(effect.kind).toBe('wait')
  })
})

describe('anchors', () => {
  const chain = aJourney({
    steps: [
      aStep('c', { from: 'b', offsetMs: HOUR }),
      aStep('b', { from: 'a', offsetMs: HOUR }),
      aStep('a', { offsetMs: HOUR }),
    ],
  })

  it("count from a step's hand-off, not from the instant at which it was due", () => {
    const { state, effect } = play(chain, woke(HOUR), sent('a', 2 * HOUR))
    expect(stepOf(state, 'b')).toEqual({ kind: 'due', dueAt: 3 * HOUR, branch: 'action' })
    expect(stepOf(state, 'c')).toEqual({ kind: 'waiting' })
    expect(effect).toEqual({ kind: 'wait', until: 3 * HOUR, step: 'b', why: 'due' })
  })

  it('count from the end of a hold', () => {
    const { state } = play(chain, woke(HOUR), held('a', HOUR, 5 * HOUR), woke(5 * HOUR), sent('a', 5 * HOUR))
    expect(stepOf(state, 'b')).toMatchObject({ dueAt: 6 * HOUR })
  })

  it('form chains of hand-offs', () => {
    const run = play(chain, woke(HOUR), sent('a', HOUR), woke(2 * HOUR), sent('b', 2 * HOUR), woke(3 * HOUR))
    expect(run.effect).toMatchObject({ kind: 'deliver', step: 'c', dueAt: 3 * HOUR })
  })

  it('are set by a ghost send and by a send of unknown outcome', () => {
    for (const handOff of [heldOut('a', HOUR), uncertain('a', HOUR)]) {
      const { state } = play(chain, woke(HOUR), handOff)
      expect(state.anchors).toEqual({ entry: 0, a: HOUR })
      expect(stepOf(state, 'b')).toMatchObject({ kind: 'due', dueAt: 2 * HOUR })
    }
  })

  it.each([
    ['refused', refused('a', HOUR)],
    ['failed', failed('a', HOUR)],
    ['undeliverable without a fallback', undeliverable('a', HOUR)],
  ])('close the whole chain of dependents with anchor_not_sent when their step is %s', (_how, verdict) => {
    const { state, effect } = play(chain, woke(HOUR), verdict)
    expect(stepOf(state, 'b')).toEqual({ kind: 'closed', reason: 'anchor_not_sent' })
    expect(stepOf(state, 'c')).toEqual({ kind: 'closed', reason: 'anchor_not_sent' })
    expect(effect).toEqual({ kind: 'finish', outcome: 'completed' })
  })

  it('leave steps with another anchor alone when a step is refused', () => {
    const journey = aJourney({
      steps: [
        aStep('a'),
        aStep('b', { from: 'a' }),
        aStep('click', { from: 'a.clicked' }),
        aStep('answer', { from: 'replied' }),
        aStep('z', { offsetMs: HOUR }),
      ],
    })
    const { state } = play(journey, refused('a', 0))
    expect(stepOf(state, 'b')).toEqual({ kind: 'closed', reason: 'anchor_not_sent' })
    expect(stepOf(state, 'click')).toEqual({ kind: 'closed', reason: 'anchor_not_sent' })
    expect(stepOf(state, 'answer')).toEqual({ kind: 'waiting' })
    expect(stepOf(state, 'z')).toMatchObject({ kind: 'due' })
  })

  it('that are events count from the instant that they name; the first one counts', () => {
    const journey = aJourney({
      steps: [aStep('thanks', { from: 'confirmed', offsetMs: HOUR }), aStep('z', { offsetMs: 9 * HOUR })],
    })
    const { state } = play(journey, anchored('confirmed', HOUR, 90 * MINUTE), anchored('confirmed', 3 * HOUR))
    expect(stepOf(state, 'thanks')).toMatchObject({ kind: 'delivering', dueAt: 2 * HOUR })
    expect(state.anchors['confirmed']).toBe(HOUR)
  })

  it('that are hand-offs are never taken from a signal', () => {
    const before = play(chain)
    const after = play(chain, anchored('a', 0), anchored('b', 0))
    expect(after).toEqual(before)
  })

  it('that never happen keep nothing open', () => {
    const journey = aJourney({ steps: [aStep('a'), aStep('click', { from: 'a.clicked' })] })
    expect(play(journey, sent('a', 0)).effect).toEqual({ kind: 'finish', outcome: 'completed' })
  })

  it('in a circle are never due, and end the run when nothing else is', () => {
    const journey = aJourney({ steps: [aStep('a', { from: 'b' }), aStep('b', { from: 'a' })] })
    expect(play(journey).effect).toEqual({ kind: 'finish', outcome: 'completed' })
  })
})

describe('a run', () => {
  it('of a journey without steps is finished at entry', () => {
    expect(play(aJourney({ steps: [] })).effect).toEqual({ kind: 'finish', outcome: 'completed' })
  })

  it('counts from the instant of entry', () => {
    expect(enroll(aJourney(), 'run-1', 5 * HOUR).effect).toMatchObject({ kind: 'wait', until: 6 * HOUR })
  })

  it('walks the same timeline whether or not its contact is held out', () => {
    const journey = aJourney({
      steps: [
        aStep('a', { fallback: anSms(), fallbackWithinMs: 0 }),
        aStep('b', { from: 'a', offsetMs: HOUR }),
        aStep('c', { offsetMs: 2 * HOUR }),
      ],
    })
    const messaged = play(journey, sent('a', 0))
    const ghost = play(journey, heldOut('a', 0))
    expect(ghost.effect).toEqual(messaged.effect)
    expect(ghost.state.anchors).toEqual(messaged.state.anchors)
  })
})
