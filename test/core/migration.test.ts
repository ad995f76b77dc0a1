import { describe, expect, it } from 'vitest'
import type { CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Event, State } from '../../src/core/enrollment.ts'
import { transition } from '../../src/core/transition.ts'
import { aJourney, aStep, DAY, HOUR } from './builders.ts'
import { play, refused, sent, stepOf, woke } from './playback.ts'

const before = aJourney({ steps: [aStep('a'), aStep('b', { offsetMs: 3 * HOUR }), aStep('c', { offsetMs: DAY })] })

function moved(journey: CompiledJourney, state: State, change: Partial<Extract<Event, { kind: 'migrate' }>> = {}) {
  return transition(before, state, { kind: 'migrate', at: 2 * HOUR, journey, late: 'send', ...change })
}

describe('a run that goes on with another version', () => {
  const { state } = play(before, sent('a', 0))

  it('follows its timing and never repeats what was sent', () => {
    const after = aJourney({ steps: [aStep('a'), aStep('b', { offsetMs: 4 * HOUR }), aStep('c', { offsetMs: DAY })] })
    const run = moved(after, state)
    expect(run.journey).toBe(after)
    expect(run.effect).toMatchObject({ kind: 'wait', until: 4 * HOUR, step: 'b' })
    expect(stepOf(run.state, 'a')).toEqual({ kind: 'sent', at: 0, branch: 'action' })
  })

  it('sends or skips what the new version would have sent by now, as was decided', () => {
    const after = aJourney({ steps: [aStep('a'), aStep('b', { offsetMs: HOUR }), aStep('c', { offsetMs: DAY })] })
    expect(moved(after, state).effect).toMatchObject({ kind: 'deliver', step: 'b', dueAt: HOUR })
    const skipped = moved(after, state, { late: 'skip' })
    expect(stepOf(skipped.state, 'b')).toEqual({ kind: 'closed', reason: 'late_on_migration' })
    expect(skipped.effect).toMatchObject({ kind: 'wait', step: 'c' })
  })

  it('keeps a renamed step, and drops a removed one', () => {
    const after = aJourney({ steps: [aStep('first'), aStep('c', { from: 'first', offsetMs: DAY })] })
    const run = moved(after, state, { renamed: { a: 'first' } })
    expect(stepOf(run.state, 'first')).toMatchObject({ kind: 'sent' })
    expect(Object.keys(run.state.steps)).toEqual(['first', 'c'])
    expect(run.effect).toMatchObject({ kind: 'wait', until: DAY, step: 'c' })
  })

  it('gives a step up that counts from one that was given up', () => {
    const closed = play(before, refused('a', 0)).state
    const run = moved(aJourney({ steps: [aStep('a'), aStep('d', { from: 'a' })] }), closed)
    expect(stepOf(run.state, 'd')).toEqual({ kind: 'closed', reason: 'anchor_not_sent' })
    expect(run.effect).toEqual({ kind: 'finish', outcome: 'completed' })
  })

  it('asks again for a delivery that was never answered', () => {
    const delivering = play(before, sent('a', 0), woke(3 * HOUR)).state
    expect(moved(before, delivering, { at: 3 * HOUR }).effect).toMatchObject({ kind: 'deliver', step: 'b' })
  })

  it('is no event for a malformed journey', () => {
    const broken = { kind: 'migrate', at: HOUR, journey: null, late: 'send' }
    // @ts-expect-error: what a signal may hold
    expect(transition(before, state, broken).state).toEqual(state)
  })
})
