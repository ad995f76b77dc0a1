import { describe, expect, it } from 'vitest'
import { enroll, transition } from '../../src/core/transition.ts'
import { aJourney, anSms, aStep, DAY, HOUR } from './builders.ts'
import { anchored, decided, play, refused, sent, stepOf, woke } from './playback.ts'

describe('a step that counts from a milestone', () => {
  const journey = aJourney({
    milestones: { confirmed: { event: 'sms.replied', withinMs: 5 * DAY } },
    steps: [aStep('thanks', { from: 'confirmed', offsetMs: HOUR, anchorWithinMs: 5 * DAY })],
  })

  it('keeps the run open until the milestone can no longer come, and no longer', () => {
    expect(play(journey).effect).toEqual({ kind: 'wait', until: 5 * DAY, step: 'thanks', why: 'anchor' })
    const over = play(journey, woke(5 * DAY))
    expect(over.effect).toEqual({ kind: 'finish', outcome: 'completed' })
    expect(stepOf(over.state, 'thanks')).toEqual({ kind: 'closed', reason: 'anchor_never_came' })
  })

  it('is due once it came', () => {
    expect(play(journey, anchored('confirmed', 2 * HOUR)).effect).toMatchObject({ until: 3 * HOUR, why: 'due' })
  })
})

describe('a step that counts from a click', () => {
  const journey = aJourney({
    steps: [aStep('mail'), aStep('follow', { from: 'mail.clicked', offsetMs: HOUR, anchorWithinMs: DAY })],
  })

  it('is waited for from the hand-off on, of which its delivery is told', () => {
    expect(play(journey).effect).toMatchObject({ kind: 'deliver', rest: 'nothing', feedbackMs: DAY })
    expect(play(journey, sent('mail', HOUR)).effect).toMatchObject({ kind: 'wait', until: HOUR + DAY, why: 'anchor' })
  })

  it('never comes when the message was refused', () => {
    expect(play(journey, refused('mail', HOUR)).effect).toEqual({ kind: 'finish', outcome: 'completed' })
  })
})

describe('an instant that only the edge can compute', () => {
  const local = aStep('morning', { from: 'starts', local: { days: 0, minute: 510 } })
  const journey = aJourney({ dates: { starts: { source: 'trigger.starts_at', reads: [] } }, steps: [local] })

  it('is taken as it is given', () => {
    const run = enroll(journey, 'run', 0, { anchors: { starts: DAY }, due: { morning: DAY + HOUR } })
    expect(run.effect).toMatchObject({ kind: 'wait', until: DAY + HOUR })
  })

  it('closes the step when nobody computed it', () => {
    const run = enroll(journey, 'run', 0, { anchors: { starts: DAY } })
    expect(stepOf(run.state, 'morning')).toEqual({ kind: 'closed', reason: 'due_unknown' })
  })

  it('is replaced when the run is timed again, and forgotten with its date', () => {
    const { state } = enroll(journey, 'run', 0, { anchors: { starts: DAY }, due: { morning: DAY + HOUR } })
    const later = { kind: 'retimed', at: HOUR, anchors: { starts: 2 * DAY }, due: { morning: 2 * DAY } } as const
    expect(transition(journey, state, later).effect).toMatchObject({ until: 2 * DAY })
    const gone = transition(journey, state, { kind: 'retimed', at: HOUR, anchors: { starts: null } })
    expect(stepOf(gone.state, 'morning')).toEqual({ kind: 'waiting' })
  })
})

describe('a path experiment', () => {
  const journey = aJourney({
    steps: [
      aStep('a', { offsetMs: HOUR, arm: { experiment: 'order', arm: 'email' } }),
      aStep('b', { offsetMs: HOUR, arm: { experiment: 'order', arm: 'sms' }, action: anSms() }),
      aStep('after-b', { from: 'b' }),
    ],
  })

  it('walks the steps of its own arm alone', () => {
    const { state } = enroll(journey, 'run', 0, { arms: { order: 'email' } })
    expect(stepOf(state, 'a')).toMatchObject({ kind: 'due' })
    expect(stepOf(state, 'b')).toEqual({ kind: 'closed', reason: 'other_arm' })
    expect(stepOf(state, 'after-b')).toEqual({ kind: 'closed', reason: 'anchor_not_sent' })
  })
})

describe('a refusal', () => {
  const refusedFor = (reason: string) => decided('code', 0, { kind: 'refused', reason })
  const step = aStep('code', {
    action: anSms(),
    fallback: { ...aStep().action, kind: 'message', channel: 'email', template: 't', content: 'c' },
  })

  it('brings the fallback only where the author said so', () => {
    expect(play(aJourney({ steps: [step] }), refusedFor('no_consent')).effect.kind).toBe('finish')
    const journey = aJourney({ steps: [{ ...step, fallbackOn: ['no_consent'] }] })
    expect(play(journey, refusedFor('no_consent')).effect).toMatchObject({ branch: 'fallback' })
    expect(play(journey, refusedFor('suppressed')).effect.kind).toBe('finish')
  })
})
