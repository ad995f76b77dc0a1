import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryJourney, arbitraryMoves, arbitrarySettlement } from './arbitrary-run.ts'
import { handedOver, host, type Answer, type Move, type Trace } from './virtual-host.ts'
import type { CompiledJourney } from '../../src/core/compiled-journey.ts'

const settings = { numRuns: 500 }

function everyTrace(traces: fc.Arbitrary<Trace>, holds: (trace: Trace) => void): void {
  fc.assert(
    fc.property(traces, (trace) => {
      holds(trace)
    }),
    settings,
  )
}

interface Delivery {
  readonly step: string
  readonly dueAt: number
  readonly heldThen: readonly string[]
}

const orderOf = (journey: CompiledJourney, id: string): number => journey.steps.findIndex((step) => step.id === id)

function precedes(
  journey: CompiledJourney,
  a: { step: string; dueAt: number },
  b: { step: string; dueAt: number },
): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && orderOf(journey, a.step) <= orderOf(journey, b.step))
}

/** A run whose gate keeps the journey's own gap: closed windows hold at random, the gap holds until it is over. */
function gated([journey, moves]: readonly [CompiledJourney, readonly Move[]]): Trace {
  let lastSent = Number.NEGATIVE_INFINITY
  const gap = journey.limits.minGapMs ?? 0
  return host(journey, moves, {
    answerOf: (_effect, { now }, move): Answer => {
      const answer = move?.answer
      if (typeof answer === 'function') {
        const verdict = answer(now)
        if (verdict.kind === 'held' && verdict.until > now) return () => ({ ...verdict, reason: 'window' })
        if (verdict.kind === 'refused' || verdict.kind === 'failed') return answer
      }
      if (now < lastSent + gap) return () => ({ kind: 'held', until: lastSent + gap, reason: 'min_gap' })
      lastSent = now
      return () => ({ kind: 'sent', at: now, certain: true })
    },
  })
}

describe('the order of deliveries', () => {
  it('without holds is that of due instants, then of the document', () => {
    const world = arbitraryMoves({ answer: arbitrarySettlement, endings: false })
    everyTrace(
      fc.tuple(arbitraryJourney(), world).map(([journey, moves]) => host(journey, moves)),
      (trace) => {
        for (const { effect, state } of handedOver(trace)) {
          // A fallback follows what reached nobody, so it need not wait out the run's own gap, as the others do.
          if (effect.branch === 'fallback') continue
          for (const [id, step] of Object.entries(state.steps)) {
            if (step.kind !== 'due' || step.dueAt > state.now) continue
            expect(precedes(trace.journey, effect, { step: id, dueAt: step.dueAt })).toBe(true)
          }
        }
      },
    )
  })

  it('without holds, late wakes, signals and offsets into the past never goes back in time', () => {
    const world = arbitraryMoves({ answer: arbitrarySettlement, outside: false, maxLateness: 0 })
    everyTrace(
      fc.tuple(arbitraryJourney(0), world).map(([journey, moves]) => host(journey, moves)),
      (trace) => {
        const dues = handedOver(trace).map(({ effect }) => effect.dueAt)
        expect(dues).toEqual(dues.toSorted((a, b) => a - b))
      },
    )
  })

  it('never lets a later step push back a held one by going out within the gap before it', () => {
    everyTrace(fc.tuple(arbitraryJourney(), arbitraryMoves({ endings: false })).map(gated), (trace) => {
      let last: Delivery | undefined
      for (const { effect, state, answer, answeredAt } of handedOver(trace)) {
        const heldThen = Object.keys(state.steps).filter((id) => state.steps[id]?.kind === 'held')
        const asked: Delivery = { step: effect.step, dueAt: effect.dueAt, heldThen }
        if (answer?.kind === 'held' && answer.reason === 'min_gap' && last?.heldThen.includes(effect.step) === true) {
          expect(precedes(trace.journey, last, asked)).toBe(true)
        }
        // One whose answer took its time was clear of the gap when it was chosen; nothing can call it back.
        if (answer?.kind === 'sent') last = answeredAt === state.now ? asked : undefined
      }
    })
  })
})
