import { describe, expect, it } from 'vitest'
import { aJourney, anSms, aMessage, aStep, HOUR } from './builders.ts'
import {
  decided,
  failed,
  goal,
  held,
  heldOut,
  play,
  playOn,
  refused,
  sent,
  stepOf,
  uncertain,
  undeliverable,
  undelivered,
  woke,
} from './playback.ts'

const journey = aJourney({
  steps: [
    aStep('code', { action: anSms(), fallback: aMessage(), fallbackWithinMs: 4 * HOUR }),
    aStep('after', { from: 'code', offsetMs: HOUR }),
  ],
})
const alone = aJourney({ steps: journey.steps.slice(0, 1) })

describe('a fallback', () => {
  it('goes at once when the action proves undeliverable, through a decision of its own', () => {
    expect(play(journey, undeliverable('code', 0)).effect).toMatchObject({
      kind: 'deliver',
      step: 'code',
      branch: 'fallback',
      performer: 'email',
      dueAt: 0,
    })
  })

  it('is an anchor for what counts from the step', () => {
    const { state } = play(journey, undeliverable('code', 0), sent('code', 2 * HOUR, 'fallback'))
    expect(stepOf(state, 'code')).toEqual({ kind: 'sent', at: 2 * HOUR, branch: 'fallback' })
    expect(stepOf(state, 'after')).toMatchObject({ dueAt: 3 * HOUR })
  })

  it('goes when bad news comes in time, due when the news came', () => {
    const run = play(journey, sent('code', 0), undelivered('code', 30))
    expect(run.effect).toMatchObject({
      kind: 'deliver',
      step: 'code',
      branch: 'fallback',
      performer: 'email',
      dueAt: 30,
    })
  })

  it('goes when bad news comes in time by the clock that dated the hand-off, however far ahead the host is', () => {
    const ahead = decided('code', 9 * HOUR, { kind: 'sent', at: 0, certain: true })
    const run = play(
      aJourney({ steps: [...journey.steps, aStep('later', { offsetMs: 99 * HOUR })] }),
      ahead,
      undelivered('code', HOUR),
    )
    expect(stepOf(run.state, 'code')).toMatchObject({ dueAt: HOUR, branch: 'fallback' })
  })

  it('does not move the anchor of a step that was handed over before', () => {
    const run = play(journey, sent('code', 0), undelivered('code', 30), sent('code', 40, 'fallback'))
    expect(run.state.anchors['code']).toBe(0)
    expect(stepOf(run.state, 'after')).toMatchObject({ dueAt: HOUR })
  })

  it('leaves what counts from the hand-off whichever comes first, the answer or the bad news', () => {
    const news = decided('code', 0, { kind: 'failed', reason: 'undelivered', undeliverable: true, handedOffAt: 0 })
    const overtaken = play(journey, news, refused('code', 40, 'fallback'))
    const inOrder = play(journey, sent('code', 0), undelivered('code', 0), refused('code', 40, 'fallback'))
    expect(overtaken).toEqual(inOrder)
    expect(overtaken.effect).toEqual({ kind: 'wait', until: HOUR, step: 'after', why: 'due' })
  })

  it('that is refused after a hand-off leaves what counts from that hand-off', () => {
    const run = play(journey, sent('code', 0), undelivered('code', 30), refused('code', 40, 'fallback'))
    expect(stepOf(run.state, 'code')).toEqual({ kind: 'closed', reason: 'no_consent' })
    expect(run.effect).toEqual({ kind: 'wait', until: HOUR, step: 'after', why: 'due' })
  })

  it('that is refused without any hand-off closes what counts from the step', () => {
    const run = play(journey, undeliverable('code', 0), refused('code', 1, 'fallback'))
    expect(stepOf(run.state, 'after')).toEqual({ kind: 'closed', reason: 'anchor_not_sent' })
    expect(run.effect.kind).toBe('finish')
  })

  it('can be held and is then tried as the fallback again', () => {
    const run = play(journey, undeliverable('code', 0), held('code', 0, HOUR, 'fallback'), woke(HOUR))
    expect(run.effect).toMatchObject({ kind: 'deliver', step: 'code', branch: 'fallback', dueAt: 0 })
  })

  it.each([
    ['a refusal', [refused('code', 0)]],
    ['a failure that is not undeliverable', [failed('code', 0)]],
    ['a send of unknown outcome', [uncertain('code', 0)]],
    ['a ghost send', [heldOut('code', 0)]],
    ['a fallback that was sent', [undeliverable('code', 0), sent('code', 0, 'fallback')]],
    ['a fallback that proved undeliverable', [undeliverable('code', 0), undeliverable('code', 0, 'fallback')]],
    ['bad news that came before', [sent('code', 0), undelivered('code', 0), sent('code', 0, 'fallback')]],
  ])('never goes by bad news after %s', (_name, events) => {
    const keeper = { ...journey, steps: [...journey.steps, aStep('keeper', { offsetMs: 99 * HOUR })] }
    const before = play(keeper, ...events)
    expect(before.state.phase).toBe('running')
    expect(playOn(keeper, before, undelivered('code', 0))).toEqual(before)
  })

  it('never goes by bad news that came before the step was handed over', () => {
    const before = play(journey)
    expect(playOn(journey, before, undelivered('code', 0))).toEqual(before)
  })

  it('never goes twice when the news comes twice', () => {
    const once = play(journey, sent('code', 0), undelivered('code', 30))
    expect(playOn(journey, once, undelivered('code', 30))).toEqual(once)
  })

  it('never goes for a step that declares none', () => {
    const before = play(journey, sent('code', 0), woke(HOUR), sent('after', HOUR))
    expect(playOn(journey, before, undelivered('after', HOUR))).toEqual(before)
  })

  it('never goes after the end', () => {
    const ended = play(journey, sent('code', 0), goal(10))
    expect(playOn(journey, ended, undelivered('code', 20))).toEqual(ended)
  })
})

describe('the wait for bad news', () => {
  const until = 4 * HOUR

  it('keeps the run open after its last step', () => {
    expect(play(alone, sent('code', 0)).effect).toEqual({ kind: 'wait', until, step: 'code', why: 'receipt' })
  })

  it('ends the run as completed when none came', () => {
    expect(play(alone, sent('code', 0), woke(until)).effect).toEqual({ kind: 'finish', outcome: 'completed' })
  })

  it('takes bad news up to its last millisecond, and none after it', () => {
    const keeper = { ...alone, steps: [...alone.steps, aStep('keeper', { offsetMs: 99 * HOUR })] }
    expect(play(keeper, sent('code', 0), undelivered('code', until)).effect).toMatchObject({ branch: 'fallback' })
    expect(play(keeper, sent('code', 0), undelivered('code', until + 1)).effect).toMatchObject({ step: 'keeper' })
  })

  it('does not exist after a send of unknown outcome, a ghost send or a fallback', () => {
    for (const last of [
      [uncertain('code', 0)],
      [heldOut('code', 0)],
      [undeliverable('code', 0), sent('code', 0, 'fallback')],
    ]) {
      expect(play(alone, ...last).effect).toEqual({ kind: 'finish', outcome: 'completed' })
    }
  })

  it('does not exist when no time for it was declared', () => {
    const journey = aJourney({ steps: [aStep('code', { fallback: aMessage() })] })
    expect(play(journey, sent('code', 0)).effect.kind).toBe('finish')
  })

  it('goes on until the latest of several receipts', () => {
    const journey = aJourney({
      steps: [
        aStep('a', { fallback: aMessage(), fallbackWithinMs: 9 * HOUR }),
        aStep('b', { fallback: aMessage(), fallbackWithinMs: 2 * HOUR }),
      ],
    })
    const run = play(journey, sent('a', 0), sent('b', 0))
    expect(run.effect).toEqual({ kind: 'wait', until: 9 * HOUR, step: 'a', why: 'receipt' })
  })
})
