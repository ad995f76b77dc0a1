import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryJourney, arbitraryMalformed, arbitraryMoves, pretendEvent } from './arbitrary-run.ts'
import { host, isSame, settledIn, states, type Trace } from './virtual-host.ts'
import type { CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { State } from '../../src/core/enrollment.ts'
import { transition } from '../../src/core/transition.ts'

const arbitraryTrace = fc.tuple(arbitraryJourney(), arbitraryMoves()).map(([journey, moves]) => host(journey, moves))
const settings = { numRuns: 500 }

function everyTrace(traces: fc.Arbitrary<Trace>, holds: (trace: Trace) => void): void {
  fc.assert(
    fc.property(traces, (trace) => {
      holds(trace)
    }),
    settings,
  )
}

const overStorage = (state: State): State => JSON.parse(JSON.stringify(state)) as State
const overJson = (journey: CompiledJourney): CompiledJourney => JSON.parse(JSON.stringify(journey)) as CompiledJourney

describe('whatever a journey is and whatever happens to a run', () => {
  it('the run ends in bounded time', () => {
    everyTrace(arbitraryTrace, ({ end }) => expect(end.state.phase).toBe('finished'))
  })

  it('each branch of each step is settled at most once', () => {
    everyTrace(arbitraryTrace, (trace) => {
      const keys = settledIn(trace).map(({ step, branch }) => `${step}/${branch}`)
      expect(new Set(keys).size).toBe(keys.length)
    })
  })

  it('at most one step is being delivered, and it is the one that the effect names', () => {
    everyTrace(arbitraryTrace, (trace) => {
      for (const { state, effect } of states(trace)) {
        const delivering = Object.keys(state.steps).filter((id) => state.steps[id]?.kind === 'delivering')
        if (state.phase === 'running') expect(delivering).toEqual(effect.kind === 'deliver' ? [effect.step] : [])
      }
    })
  })

  it('nothing changes and nothing is delivered after the end', () => {
    everyTrace(
      fc.tuple(arbitraryTrace, arbitraryMoves()).map(([trace, moves]) => {
        for (const { outside } of moves) {
          if (outside !== undefined)
            expect(transition(trace.journey, trace.end.state, outside(trace.end.state.now + 1))).toEqual(trace.end)
        }
        return trace
      }),
      ({ end }) => expect(end.effect.kind).toBe('finish'),
    )
  })

  it('goal and exit end it at once, in every state', () => {
    everyTrace(arbitraryTrace, ({ journey, enrolled, moments }) => {
      for (const { state } of [enrolled, ...moments.map(({ before }) => before)].filter(
        ({ state }) => state.phase === 'running',
      )) {
        for (const [kind, outcome] of [
          ['goal', 'goal'],
          ['exit', 'exited'],
        ] as const) {
          expect(transition(journey, state, { kind, at: state.now }).effect).toEqual({ kind: 'finish', outcome })
        }
      }
    })
  })

  it('the clock never goes back, and every wait lies strictly ahead of it', () => {
    everyTrace(arbitraryTrace, (trace) => {
      for (const { before, after } of trace.moments) expect(after.state.now).toBeGreaterThanOrEqual(before.state.now)
      for (const { state, effect } of states(trace)) {
        if (effect.kind === 'wait') expect(effect.until).toBeGreaterThan(state.now)
        if (effect.kind === 'deliver') expect(effect.dueAt).toBeLessThanOrEqual(state.now)
      }
    })
  })

  it('a due instant never changes once it is set, nor does an anchor', () => {
    everyTrace(arbitraryTrace, (trace) => {
      const due = new Map<string, number>()
      for (const { before, after } of trace.moments) expect(after.state.anchors).toMatchObject(before.state.anchors)
      for (const { state } of states(trace)) {
        for (const [id, step] of Object.entries(state.steps)) {
          if (!('dueAt' in step)) continue
          const key = `${id}/${step.branch}`
          expect(step.dueAt).toBe(due.get(key) ?? step.dueAt)
          due.set(key, step.dueAt)
        }
      }
    })
  })

  it('a completed run leaves each step sent, closed, or waiting for what never happened', () => {
    everyTrace(
      fc.tuple(arbitraryJourney(), arbitraryMoves({ endings: false })).map(([journey, moves]) => host(journey, moves)),
      ({ journey, end: { state } }) => {
        if (state.outcome !== 'completed') return
        for (const { id, from } of journey.steps) {
          const kind = state.steps[id]?.kind
          expect(['sent', 'closed', 'waiting']).toContain(kind)
          if (kind === 'waiting') expect(state.anchors).not.toHaveProperty([from])
        }
      },
    )
  })

  it('what a delivery is told of the rest of the run is true: receipts or the end follow it, or more to send', () => {
    everyTrace(arbitraryTrace, ({ moments }) => {
      for (const { before, event, after } of moments) {
        if (before.effect.kind !== 'deliver' || event.kind !== 'decided' || !isSame(before.effect, event)) continue
        const verdict = event.verdict
        const settled = verdict.kind === 'sent' || verdict.kind === 'held_out' || verdict.kind === 'refused'
        const { rest } = before.effect
        const wasSent = verdict.kind === 'sent' || verdict.kind === 'held_out'
        if (settled && (rest === 'nothing' || (rest === 'dependents' && !wasSent))) {
          const { effect } = after
          if (effect.kind !== 'finish') expect(effect).toMatchObject({ kind: 'wait', why: 'receipt' })
          if (effect.kind === 'wait' && effect.step !== event.step) expect(effect.until).toBe(before.effect.openUntil)
        }
        if (wasSent && rest !== 'nothing') {
          expect(after.effect).not.toMatchObject({ why: 'receipt' })
          expect(after.effect.kind).not.toBe('finish')
        }
      }
    })
  })
})

describe('a run', () => {
  it('is the same whether or not its state goes through JSON between any two events', () => {
    fc.assert(
      fc.property(arbitraryJourney(), arbitraryMoves(), (journey, moves) => {
        const plain = host(journey, moves)
        expect(host(overJson(journey), moves, { rehydrate: overStorage })).toEqual(plain)
        for (const { state, effect } of states(plain)) {
          expect(overStorage(state)).toStrictEqual(state)
          expect(JSON.parse(JSON.stringify(effect))).toStrictEqual(effect)
        }
      }),
      settings,
    )
  })

  it('is the same every time', () => {
    fc.assert(
      fc.property(arbitraryJourney(), arbitraryMoves(), (journey, moves) => {
        expect(host(journey, moves)).toEqual(host(journey, moves))
      }),
      settings,
    )
  })

  it('withstands malformed events in every state: none throws, and the run still ends', () => {
    const malformedMoves = fc.array(arbitraryMalformed, { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(arbitraryTrace, malformedMoves, ({ journey, enrolled, moments }, malformed) => {
        for (const { state } of [enrolled, ...moments.map(({ after }) => after)]) {
          for (const value of malformed) {
            const { state: next, effect } = transition(journey, state, pretendEvent(value))
            expect(Number.isFinite(next.now) && next.now >= state.now).toBe(true)
            expect(overStorage(next)).toEqual(next)
            if (effect.kind === 'wait') expect(effect.until).toBeGreaterThan(next.now)
          }
        }
      }),
      { numRuns: 200 },
    )
  })
})
