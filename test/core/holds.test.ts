import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/enrollment.ts'
import { aJourney, aMessage, aStep, HOUR, MINUTE } from './builders.ts'
import { decided, held, play, refused, sent, stepOf, undeliverable, woke } from './playback.ts'

describe('a held step', () => {
  it('is decided afresh when its hold ends, and keeps its due instant', () => {
    const run = play(aJourney(), woke(HOUR), held('first-email', HOUR, 9 * HOUR))
    expect(run.effect).toEqual({ kind: 'wait', until: 9 * HOUR, step: 'first-email', why: 'held' })
    expect(play(aJourney(), woke(HOUR), held('first-email', HOUR, 9 * HOUR), woke(9 * HOUR)).effect).toMatchObject({
      kind: 'deliver',
      dueAt: HOUR,
    })
  })

  it('can be held again and again', () => {
    const events = [2, 3, 4, 5].flatMap((hour): Event[] => [
      held('first-email', (hour - 1) * HOUR, hour * HOUR),
      woke(hour * HOUR),
    ])
    const run = play(aJourney(), woke(HOUR), ...events)
    expect(run.effect).toMatchObject({ kind: 'deliver', dueAt: HOUR })
    expect(run.state.now).toBe(5 * HOUR)
  })

  it.each([0, HOUR - 1, HOUR])(
    'whose hold is over when it is told (%i) is tried a millisecond later, not in a spin',
    (until) => {
      expect(play(aJourney(), woke(HOUR), held('first-email', HOUR, until)).effect).toEqual({
        kind: 'wait',
        until: HOUR + 1,
        step: 'first-email',
        why: 'held',
      })
    },
  )
})

describe('a step that a pause holds', () => {
  const paused = (until: number) => decided('first-email', HOUR, { kind: 'held', until, reason: 'paused' })
  const resume = (at: number, withinMs: number): Event => ({ kind: 'resume', at, withinMs })

  it('asks again within the time given when the pause is over, not at the end of its hold', () => {
    const { effect } = play(aJourney(), woke(HOUR), paused(9 * HOUR), resume(2 * HOUR, MINUTE))
    expect(effect).toMatchObject({ kind: 'wait', step: 'first-email', why: 'held' })
    const until = effect.kind === 'wait' ? effect.until : 0
    expect(until).toBeGreaterThan(2 * HOUR)
    expect(until).toBeLessThanOrEqual(2 * HOUR + MINUTE)
  })

  it('is never put off by it', () => {
    const { effect } = play(aJourney(), woke(HOUR), paused(2 * HOUR + 5), resume(2 * HOUR, 100 * HOUR))
    expect(effect).toMatchObject({ kind: 'wait', until: 2 * HOUR + 5 })
  })

  it('is the only one that hears of it: quiet hours and gaps go on', () => {
    const { effect } = play(aJourney(), woke(HOUR), held('first-email', HOUR, 9 * HOUR), resume(2 * HOUR, MINUTE))
    expect(effect).toMatchObject({ kind: 'wait', until: 9 * HOUR })
  })
})

describe('a step that the gate finds not yet due', () => {
  it('waits for its due instant by the clock of the gate, however far ahead the host had been', () => {
    const early = decided('first-email', HOUR / 2, { kind: 'held', until: HOUR, reason: 'not_due' })
    const run = play(aJourney(), woke(1_000 * HOUR), early)
    expect(run.effect).toEqual({ kind: 'wait', until: HOUR, step: 'first-email', why: 'held' })
    expect(run.state.now).toBe(HOUR / 2)
  })
})

/** Two steps: `a`, due at 0 and held until `until`; `b`, due at `due`. What the run does next, seen at `now`. */
function overtaking(gap: number | undefined, until: number, due: number, now = 0) {
  const journey = aJourney({
    limits: gap === undefined ? {} : { minGapMs: gap },
    steps: [aStep('a'), aStep('b', { offsetMs: due })],
  })
  return play(journey, held('a', 0, until), woke(now)).effect
}

describe('a later step and the gap before a held one', () => {
  it.each([
    ['may go when a whole gap lies between', 2 * HOUR, 10 * HOUR, 8 * HOUR, { until: 8 * HOUR, step: 'b', why: 'due' }],
    [
      'waits when a millisecond is missing',
      2 * HOUR,
      10 * HOUR,
      8 * HOUR + 1,
      { until: 10 * HOUR, step: 'a', why: 'held' },
    ],
    [
      'waits when it is due just before',
      2 * HOUR,
      10 * HOUR,
      10 * HOUR - 1,
      { until: 10 * HOUR, step: 'a', why: 'held' },
    ],
    [
      'lets the held one go first when they meet',
      2 * HOUR,
      10 * HOUR,
      10 * HOUR,
      { until: 10 * HOUR, step: 'a', why: 'held' },
    ],
    [
      'lets the held one go first when due after it',
      2 * HOUR,
      10 * HOUR,
      11 * HOUR,
      { until: 10 * HOUR, step: 'a', why: 'held' },
    ],
    ['may go at once with a gap of 0', 0, 10 * HOUR, 10 * HOUR - 1, { until: 10 * HOUR - 1, step: 'b', why: 'due' }],
    [
      'may go at once without a gap',
      undefined,
      10 * HOUR,
      10 * HOUR - 1,
      { until: 10 * HOUR - 1, step: 'b', why: 'due' },
    ],
    [
      'waits for a hold that is shorter than the gap',
      2 * HOUR,
      HOUR,
      30 * MINUTE,
      { until: HOUR, step: 'a', why: 'held' },
    ],
  ] as const)('%s', (_name, gap, until, due, expected) => {
    expect(overtaking(gap, until, due)).toEqual({ kind: 'wait', ...expected })
  })

  it('is weighed by when it would really go, when the host is late', () => {
    // b was due at 1 h and would have been clear of a's 10 h, but it is 9 h by now: a goes first.
    expect(overtaking(2 * HOUR, 10 * HOUR, HOUR, 9 * HOUR)).toEqual({
      kind: 'wait',
      until: 10 * HOUR,
      step: 'a',
      why: 'held',
    })
    expect(overtaking(2 * HOUR, 10 * HOUR, HOUR, 11 * HOUR)).toMatchObject({ kind: 'deliver', step: 'a' })
    expect(overtaking(2 * HOUR, 10 * HOUR, HOUR, 7 * HOUR)).toMatchObject({ kind: 'deliver', step: 'b' })
  })

  it('goes by due instants when hold and due instant have both passed', () => {
    expect(overtaking(0, 10 * HOUR, HOUR, 11 * HOUR)).toMatchObject({ kind: 'deliver', step: 'a' })
  })

  it('is tried as soon as the held one is refused, and a gap after the held one is sent', () => {
    const journey = aJourney({
      limits: { minGapMs: 2 * HOUR },
      steps: [aStep('a'), aStep('b', { offsetMs: 9 * HOUR })],
    })
    const refusal = play(journey, held('a', 0, 10 * HOUR), woke(10 * HOUR), refused('a', 10 * HOUR))
    expect(refusal.effect).toMatchObject({ kind: 'deliver', step: 'b', dueAt: 9 * HOUR })
    const run = play(journey, held('a', 0, 10 * HOUR), woke(10 * HOUR), sent('a', 10 * HOUR))
    expect(run.effect).toEqual({ kind: 'wait', until: 12 * HOUR, step: 'b', why: 'due' })
  })

  it('waits on when the held one is held once more into the gap', () => {
    const journey = aJourney({
      limits: { minGapMs: 2 * HOUR },
      steps: [aStep('a'), aStep('b', { offsetMs: 9 * HOUR })],
    })
    const again = play(journey, held('a', 0, 10 * HOUR), woke(10 * HOUR), held('a', 10 * HOUR, 11 * HOUR))
    expect(again.effect).toEqual({ kind: 'wait', until: 11 * HOUR, step: 'a', why: 'held' })
    const far = play(journey, held('a', 0, 10 * HOUR), woke(10 * HOUR), held('a', 10 * HOUR, 24 * HOUR))
    expect(far.effect).toMatchObject({ kind: 'deliver', step: 'b' })
  })

  it('lets an earlier step go, whatever the gap', () => {
    const journey = aJourney({
      limits: { minGapMs: 2 * HOUR },
      steps: [aStep('late', { offsetMs: HOUR }), aStep('early', { from: 'confirmed' })],
    })
    const { effect } = play(journey, woke(HOUR), held('late', HOUR, 2 * HOUR), {
      kind: 'anchored',
      at: HOUR,
      anchor: 'confirmed',
      instant: 0,
    })
    expect(effect).toMatchObject({ kind: 'deliver', step: 'early', dueAt: 0 })
  })

  it('breaks a tie of due instants in document order, the held one being the first', () => {
    const journey = aJourney({ limits: { minGapMs: HOUR }, steps: [aStep('a'), aStep('b')] })
    expect(play(journey, held('a', 0, 30 * MINUTE)).effect).toEqual({
      kind: 'wait',
      until: 30 * MINUTE,
      step: 'a',
      why: 'held',
    })
  })
})

describe("the minimum gap after the run's own hand-off", () => {
  const journey = aJourney({
    limits: { minGapMs: 2 * HOUR },
    steps: [aStep('a'), aStep('b', { offsetMs: 2 * HOUR, fallback: aMessage() })],
  })

  it('is waited for without asking the gate, to the millisecond, and leaves the due instant as it was', () => {
    const late = play(journey, sent('a', 25), woke(2 * HOUR))
    expect(late.effect).toEqual({ kind: 'wait', until: 2 * HOUR + 25, step: 'b', why: 'due' })
    expect(play(journey, sent('a', 25), woke(2 * HOUR + 25)).effect).toMatchObject({
      kind: 'deliver',
      dueAt: 2 * HOUR,
    })
  })

  it('does not hold a fallback back: the message before it did not arrive', () => {
    const run = play(journey, sent('a', HOUR), woke(3 * HOUR), undeliverable('b', 3 * HOUR))
    expect(run.effect).toMatchObject({ kind: 'deliver', step: 'b', branch: 'fallback' })
  })
})

describe('a chain of held steps', () => {
  const journey = aJourney({
    limits: { minGapMs: 2 * HOUR },
    steps: [aStep('a'), aStep('b', { offsetMs: HOUR }), aStep('c', { offsetMs: 5 * HOUR })],
  })

  it('pushes a later step past every hold whose gap it would fall into', () => {
    // a at 6 h, b at 7.5 h. c (5 h) would fall into a's gap; at 6 h it would fall into b's.
    const run = play(journey, held('a', 0, 6 * HOUR), woke(HOUR), held('b', HOUR, 7.5 * HOUR), woke(5 * HOUR))
    expect(run.effect).toEqual({ kind: 'wait', until: 6 * HOUR, step: 'a', why: 'held' })
    const next = play(
      journey,
      held('a', 0, 6 * HOUR),
      woke(HOUR),
      held('b', HOUR, 7.5 * HOUR),
      woke(6 * HOUR),
      sent('a', 6 * HOUR),
    )
    // A gap after a's hand-off, which is later than b's own hold.
    expect(next.effect).toEqual({ kind: 'wait', until: 8 * HOUR, step: 'b', why: 'held' })
  })

  it('lets a held step that ends first go first when a whole gap lies between', () => {
    const run = play(journey, held('a', 0, 6 * HOUR), woke(HOUR), held('b', HOUR, 3 * HOUR))
    expect(run.effect).toEqual({ kind: 'wait', until: 3 * HOUR, step: 'b', why: 'held' })
  })

  it('lets a held step that ends first wait for the earlier one when the gap is short', () => {
    const run = play(journey, held('a', 0, 4 * HOUR), woke(HOUR), held('b', HOUR, 3 * HOUR))
    expect(run.effect).toEqual({ kind: 'wait', until: 4 * HOUR, step: 'a', why: 'held' })
    expect(stepOf(run.state, 'b')).toMatchObject({ kind: 'held', until: 3 * HOUR })
  })

  it('with a gap of 0 goes by the ends of the holds', () => {
    const free = { ...journey, limits: { minGapMs: 0 } }
    const run = play(free, held('a', 0, 4 * HOUR), woke(HOUR), held('b', HOUR, 3 * HOUR))
    expect(run.effect).toEqual({ kind: 'wait', until: 3 * HOUR, step: 'b', why: 'held' })
  })
})
