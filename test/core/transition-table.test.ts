import { describe, expect, it } from 'vitest'
import type { Event, StepState, Transition, Verdict } from '../../src/core/enrollment.ts'
import { aJourney, anSms, aStep, DAY, HOUR } from './builders.ts'
import {
  anchored,
  decided,
  exit,
  goal,
  held,
  play,
  playOn,
  refused,
  sent,
  stepOf,
  undelivered,
  woke,
} from './playback.ts'

/** The subject counts from a milestone, so that it can be waiting; the keeper keeps every run open. */
const journey = aJourney({
  steps: [
    aStep('subject', { from: 'booked', offsetMs: HOUR, fallback: anSms(), fallbackWithinMs: 4 * HOUR }),
    aStep('keeper', { offsetMs: 10 * DAY }),
  ],
})
const booked = anchored('booked', 0)

const inKind: Readonly<Record<StepState['kind'], () => Transition>> = {
  waiting: () => play(journey),
  due: () => play(journey, booked),
  held: () => play(journey, booked, woke(HOUR), held('subject', HOUR, 2 * HOUR)),
  delivering: () => play(journey, booked, woke(HOUR)),
  sent: () => play(journey, booked, woke(HOUR), sent('subject', HOUR)),
  closed: () => play(journey, booked, woke(HOUR), refused('subject', HOUR)),
}

const eventOf: Readonly<Record<Event['kind'], (now: number) => Event>> = {
  woke: () => woke(3 * HOUR),
  decided: (now) => sent('subject', now),
  undelivered: (now) => undelivered('subject', now),
  anchored: (now) => anchored('booked', now),
  goal,
  exit,
  // Of what is held, only what a pause holds hears of it; the fixture's hold is another one.
  resume: (now) => ({ kind: 'resume', at: now, withinMs: HOUR }),
  // Only declared dates are timed again; this anchor is none.
  retimed: (now) => ({ kind: 'retimed', at: now, anchors: { booked: now } }),
  // To the very same journey.
  migrate: (now) => ({ kind: 'migrate', at: now, journey, late: 'send' }),
}

/** What the event makes of the subject: another kind, the end of the run, or nothing at all. */
type Cell = StepState['kind'] | 'ends' | 'ignored'
const table: Readonly<Record<StepState['kind'], Readonly<Record<Event['kind'], Cell>>>> = {
  waiting: {
    woke: 'ignored',
    decided: 'ignored',
    undelivered: 'ignored',
    anchored: 'due',
    goal: 'ends',
    exit: 'ends',
    resume: 'ignored',
    retimed: 'ignored',
    migrate: 'ignored',
  },
  due: {
    woke: 'delivering',
    decided: 'ignored',
    undelivered: 'ignored',
    anchored: 'ignored',
    goal: 'ends',
    exit: 'ends',
    resume: 'ignored',
    retimed: 'ignored',
    migrate: 'ignored',
  },
  held: {
    woke: 'delivering',
    decided: 'ignored',
    undelivered: 'ignored',
    anchored: 'ignored',
    goal: 'ends',
    exit: 'ends',
    resume: 'ignored',
    retimed: 'ignored',
    migrate: 'ignored',
  },
  delivering: {
    woke: 'ignored',
    decided: 'sent',
    undelivered: 'ignored',
    anchored: 'ignored',
    goal: 'ends',
    exit: 'ends',
    resume: 'ignored',
    retimed: 'ignored',
    migrate: 'ignored',
  },
  sent: {
    woke: 'ignored',
    decided: 'ignored',
    undelivered: 'delivering',
    anchored: 'ignored',
    goal: 'ends',
    exit: 'ends',
    resume: 'ignored',
    retimed: 'ignored',
    migrate: 'ignored',
  },
  closed: {
    woke: 'ignored',
    decided: 'ignored',
    undelivered: 'ignored',
    anchored: 'ignored',
    goal: 'ends',
    exit: 'ends',
    resume: 'ignored',
    retimed: 'ignored',
    migrate: 'ignored',
  },
}

const stepKinds = Object.keys(table) as StepState['kind'][]
const eventKinds = Object.keys(eventOf) as Event['kind'][]

describe.each(stepKinds)('a step that is %s', (stepKind) => {
  it('is what the fixture says', () => {
    expect(stepOf(inKind[stepKind]().state, 'subject').kind).toBe(stepKind)
  })

  it.each(eventKinds.map((kind) => [kind, table[stepKind][kind]] as const))('on %s: %s', (eventKind, cell) => {
    const before = inKind[stepKind]()
    const event = eventOf[eventKind](before.state.now)
    const after = playOn(journey, before, event)
    if (cell === 'ends') {
      expect(after.effect).toEqual({ kind: 'finish', outcome: eventKind === 'goal' ? 'goal' : 'exited' })
      expect(after.state).toEqual({
        ...before.state,
        phase: 'finished',
        outcome: eventKind === 'goal' ? 'goal' : 'exited',
      })
    } else if (cell === 'ignored') {
      expect(after.state).toEqual({ ...before.state, now: event.at })
      expect(after.effect.kind).toBe(before.effect.kind)
    } else {
      expect(stepOf(after.state, 'subject').kind).toBe(cell)
      expect(after.state.phase).toBe('running')
    }
  })

  it.each(eventKinds)('never answers to %s once the run is finished', (eventKind) => {
    const before = playOn(journey, inKind[stepKind](), goal(2 * HOUR))
    expect(playOn(journey, before, eventOf[eventKind](3 * HOUR))).toEqual(before)
  })
})

describe('a verdict on the step that is being delivered', () => {
  const verdicts: Readonly<Record<Verdict['kind'], readonly [Verdict, StepState]>> = {
    sent: [
      { kind: 'sent', at: HOUR, certain: true },
      { kind: 'sent', at: HOUR, branch: 'action', fallbackUntil: 5 * HOUR },
    ],
    held_out: [
      { kind: 'held_out', at: HOUR },
      { kind: 'sent', at: HOUR, branch: 'action' },
    ],
    held: [
      { kind: 'held', until: 2 * HOUR, reason: 'min_gap' },
      { kind: 'held', dueAt: HOUR, branch: 'action', until: 2 * HOUR, reason: 'min_gap' },
    ],
    refused: [
      { kind: 'refused', reason: 'suppressed' },
      { kind: 'closed', reason: 'suppressed' },
    ],
    failed: [
      { kind: 'failed', reason: 'rejected', undeliverable: false },
      { kind: 'closed', reason: 'rejected' },
    ],
    ended: [
      { kind: 'ended', outcome: 'goal' },
      { kind: 'delivering', dueAt: HOUR, branch: 'action' },
    ],
  }

  it.each(Object.values(verdicts).map(([verdict, step]) => [verdict.kind, verdict, step] as const))(
    'settles it: %s',
    (_kind, verdict, step) => {
      const { state } = playOn(journey, inKind.delivering(), decided('subject', HOUR, verdict))
      expect(stepOf(state, 'subject')).toEqual(step)
    },
  )

  it.each(Object.values(verdicts).map(([verdict]) => [verdict.kind, verdict] as const))(
    'does not count when it answers for the other branch or for another step: %s',
    (_kind, verdict) => {
      const before = inKind.delivering()
      expect(playOn(journey, before, decided('subject', HOUR, verdict, 'fallback'))).toEqual(before)
      expect(playOn(journey, before, decided('keeper', HOUR, verdict))).toEqual(before)
      expect(playOn(journey, before, decided('no-such-step', HOUR, verdict))).toEqual(before)
    },
  )
})
