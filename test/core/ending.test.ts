import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/enrollment.ts'
import { aJourney, aMessage, aStep, HOUR } from './builders.ts'
import { anchored, decided, exit, goal, held, play, playOn, sent, undelivered, woke } from './playback.ts'

const journey = aJourney({
  steps: [
    aStep('a', { offsetMs: HOUR, fallback: aMessage({ channel: 'sms' }), fallbackWithinMs: 4 * HOUR }),
    aStep('b', { from: 'a', offsetMs: HOUR }),
  ],
})

describe('the end of a run', () => {
  const moments: Readonly<Record<string, readonly Event[]>> = {
    'before its first step': [],
    'while a step is being delivered': [woke(HOUR)],
    'while a step is held': [woke(HOUR), held('a', HOUR, 5 * HOUR)],
    'between two steps': [woke(HOUR), sent('a', HOUR)],
    'while a fallback is being delivered': [woke(HOUR), sent('a', HOUR), undelivered('a', HOUR)],
    'while it waits for a receipt': [woke(HOUR), sent('a', HOUR), woke(2 * HOUR), sent('b', 2 * HOUR)],
  }

  describe.each(Object.keys(moments))('%s', (moment) => {
    const before = play(journey, ...(moments[moment] ?? []))

    it('comes at once with the goal and with an exit', () => {
      expect(before.state.phase).toBe('running')
      expect(playOn(journey, before, goal(2 * HOUR)).effect).toEqual({ kind: 'finish', outcome: 'goal' })
      expect(playOn(journey, before, exit(2 * HOUR)).effect).toEqual({ kind: 'finish', outcome: 'exited' })
    })

    it('is final: the first outcome stays and nothing is delivered any more', () => {
      const ended = playOn(journey, before, exit(2 * HOUR))
      const later = [goal(3 * HOUR), woke(99 * HOUR), sent('a', 3 * HOUR), undelivered('a', 3 * HOUR), anchored('x', 0)]
      expect(playOn(journey, ended, ...later)).toEqual(ended)
    })
  })

  it.each(['goal', 'exited'] as const)('comes with a verdict that says so: %s', (outcome) => {
    const run = play(journey, woke(HOUR), decided('a', HOUR, { kind: 'ended', outcome }))
    expect(run.effect).toEqual({ kind: 'finish', outcome })
    expect(run.state).toMatchObject({ phase: 'finished', outcome })
  })
})

describe('a delivery that was never answered', () => {
  it('is asked for again, with the same words, before anything else', () => {
    const asked = play(journey, woke(HOUR))
    const again = playOn(journey, asked, woke(HOUR))
    expect(again).toEqual(asked)
    expect(playOn(journey, asked, woke(50 * HOUR)).effect).toMatchObject({ kind: 'deliver', step: 'a', dueAt: HOUR })
  })

  it('stays the only one under way when other steps become due', () => {
    const two = aJourney({ steps: [aStep('a', { offsetMs: HOUR }), aStep('b'), aStep('c', { from: 'said' })] })
    const run = play(two, anchored('said', -9 * HOUR, 5 * HOUR))
    expect(run.effect).toMatchObject({ step: 'b' })
    expect(Object.values(run.state.steps).filter(({ kind }) => kind === 'delivering')).toHaveLength(1)
  })
})

describe('what a delivery is told about the rest of the run', () => {
  it('nothing: no other step has anything to send', () => {
    expect(play(aJourney(), woke(HOUR)).effect).toMatchObject({ rest: 'nothing' })
  })

  it.each([
    ['is due', [aStep('a'), aStep('b', { offsetMs: HOUR })], []],
    ['is held', [aStep('b', { offsetMs: -1 }), aStep('a')], [held('b', 0, HOUR)]],
  ])('others: another step %s', (_name, steps, events) => {
    expect(play(aJourney({ steps }), ...events).effect).toMatchObject({ step: 'a', rest: 'others' })
  })

  it('others: one that counts from it, and one that does not', () => {
    const steps = [aStep('a'), aStep('b', { from: 'a' }), aStep('c', { offsetMs: HOUR })]
    expect(play(aJourney({ steps }), woke(0)).effect).toMatchObject({ step: 'a', rest: 'others' })
  })

  it('dependents: only steps that count from it, also through a chain', () => {
    const steps = [aStep('a'), aStep('c', { from: 'b' }), aStep('b', { from: 'a' })]
    expect(play(aJourney({ steps }), woke(0)).effect).toMatchObject({ step: 'a', rest: 'dependents' })
  })

  it('nothing: the others are sent, closed, or wait for what this hand-off does not bring', () => {
    const steps = [
      aStep('a'),
      aStep('z', { offsetMs: HOUR }),
      aStep('click', { from: 'z.clicked' }),
      aStep('d', { from: 'd' }),
    ]
    expect(play(aJourney({ steps }), sent('a', 0), woke(HOUR)).effect).toMatchObject({ step: 'z', rest: 'nothing' })
  })

  it('openUntil: the latest instant at which bad news of another step may bring its fallback', () => {
    const run = play(journey, woke(HOUR), sent('a', HOUR), woke(2 * HOUR))
    expect(run.effect).toMatchObject({ step: 'b', rest: 'nothing', openUntil: 5 * HOUR })
  })

  it('openUntil: not after now when there is none', () => {
    expect(play(journey, woke(HOUR)).effect).toMatchObject({ step: 'a', rest: 'dependents', openUntil: HOUR })
    expect(play(journey, woke(HOUR), sent('a', HOUR), woke(9 * HOUR)).effect).toMatchObject({
      step: 'b',
      openUntil: 9 * HOUR,
    })
  })

  it('the channel is that of the branch', () => {
    expect(play(journey, woke(HOUR)).effect).toMatchObject({ branch: 'action', performer: 'email' })
    expect(play(journey, woke(HOUR), sent('a', HOUR), undelivered('a', HOUR)).effect).toMatchObject({
      branch: 'fallback',
      performer: 'sms',
    })
  })
})
