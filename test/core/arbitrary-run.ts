import * as fc from 'fast-check'
import { ENTRY, type Branch, type CompiledJourney, type Step } from '../../src/core/compiled-journey.ts'
import type { Event, Verdict } from '../../src/core/enrollment.ts'
import { aJourney, aMessage, anSms, aStep, HOUR, MINUTE } from './builders.ts'
import { sentNow, type Answer, type Move, type Outside } from './virtual-host.ts'

/** Random journeys and random worlds. Instants lie close together, so that ties, gaps and races are common. */

const MILESTONES = ['confirmed', 'said-yes']
const stepId = (index: number): string => `step-${index}`
const minutes = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max }).map((n) => n * 10 * MINUTE)

/** Any anchor of a journey with so many steps, sensible or not: later steps, circles and itself included. */
function arbitraryAnchor(steps: number): fc.Arbitrary<string> {
  const index = fc.nat({ max: steps - 1 })
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(ENTRY) },
    { weight: 4, arbitrary: index.map(stepId) },
    { weight: 1, arbitrary: index.map((n) => `${stepId(n)}.clicked`) },
    { weight: 1, arbitrary: fc.constantFrom(...MILESTONES) },
  )
}

function arbitraryStep(index: number, steps: number, earliest: number): fc.Arbitrary<Step> {
  return fc
    .record({
      from: arbitraryAnchor(steps),
      offsetMs: minutes(earliest, 60),
      spread: fc.option(
        fc.tuple(minutes(0, 6), minutes(0, 6)).map(([minMs, more]) => ({ minMs, maxMs: minMs + more })),
        { freq: 3 },
      ),
      fallbackWithinMs: fc.option(minutes(0, 30)),
    })
    .map(({ from, offsetMs, spread, fallbackWithinMs }) =>
      aStep(stepId(index), {
        from,
        offsetMs,
        ...(spread === null ? {} : { spread }),
        ...(fallbackWithinMs === null ? {} : { action: anSms(), fallback: aMessage(), fallbackWithinMs }),
      }),
    )
}

/** Journeys of one to eight steps; `earliest` is the smallest offset, in units of ten minutes. */
export function arbitraryJourney(earliest = -12): fc.Arbitrary<CompiledJourney> {
  return fc.integer({ min: 1, max: 8 }).chain((count) =>
    fc
      .record({
        steps: fc.tuple(...Array.from({ length: count }, (_, index) => arbitraryStep(index, count, earliest))),
        minGapMs: fc.option(minutes(0, 18)),
      })
      .map(({ steps, minGapMs }) => aJourney({ steps, limits: minGapMs === null ? {} : { minGapMs } })),
  )
}

const ahead = minutes(-3, 40)

/** Answers other than a hold. */
export const arbitrarySettlement: fc.Arbitrary<(now: number) => Verdict> = fc.constantFrom<
  ((now: number) => Verdict)[]
>(
  sentNow,
  sentNow,
  (at) => ({ kind: 'sent', at, certain: false }),
  (at) => ({ kind: 'held_out', at }),
  () => ({ kind: 'refused', reason: 'no_consent' }),
  () => ({ kind: 'failed', reason: 'invalid_number', undeliverable: true }),
  (at) => ({ kind: 'failed', reason: 'undelivered', undeliverable: true, handedOffAt: at }),
  () => ({ kind: 'failed', reason: 'rejected', undeliverable: false }),
)

const arbitraryAnswer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 6, arbitrary: arbitrarySettlement },
  {
    weight: 5,
    arbitrary: ahead.map((ms): Answer => (now) => ({
      kind: 'held',
      until: now + ms,
      reason: (ms / (10 * MINUTE)) % 2 === 0 ? 'min_gap' : 'paused',
    })),
  },
  { weight: 1, arbitrary: fc.constant<Answer>({ kind: 'lost' }) },
  { weight: 1, arbitrary: fc.constant<Answer>(() => ({ kind: 'ended', outcome: 'exited' })) },
)

const anyStep = fc.oneof(
  fc.nat({ max: 7 }).map(stepId),
  fc.constantFrom('no-such-step', 'constructor', '__proto__', ''),
)
const anyBranch = fc.constantFrom<Branch[]>('action', 'fallback')

/** Well-formed events that the run did not ask for. */
const arbitraryStray: fc.Arbitrary<Outside> = fc.oneof(
  {
    weight: 2,
    arbitrary: minutes(-6, 12).map((ms): Outside => (now) => ({ kind: 'woke', at: now + ms })),
  },
  {
    weight: 4,
    arbitrary: anyStep.map((step): Outside => (at) => ({ kind: 'undelivered', at, step })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.oneof(arbitraryAnchor(8), anyStep), minutes(-12, 12))
      .map(([anchor, ms]): Outside => (at) => ({ kind: 'anchored', at, anchor, instant: at + ms })),
  },
  {
    weight: 2,
    arbitrary: minutes(0, 12).map((withinMs): Outside => (at) => ({ kind: 'resume', at, withinMs })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyStep, anyBranch, arbitrarySettlement).map(([step, branch, verdict]): Outside => (at) => ({
      kind: 'decided',
      at,
      step,
      branch,
      verdict: verdict(at),
    })),
  },
)

const arbitraryEnding: fc.Arbitrary<Outside> = fc
  .constantFrom<('goal' | 'exit')[]>('goal', 'exit')
  .map((kind) => (at) => ({ kind, at }))

const instants = fc.constantFrom<unknown[]>(
  0,
  -0,
  1,
  HOUR,
  8.64e15,
  -8.64e15,
  8.65e15,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  null,
  undefined,
  '0',
  {},
)

/** Whatever a decoder might hand over: a missing event, missing parts, unknown kinds, prototype names, unusable instants. */
export const arbitraryMalformed: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown[]>(undefined, null, 'woke', 7, Symbol.iterator, () => 0),
  fc.record(
    {
      kind: fc.oneof(
        fc.constantFrom('woke', 'decided', 'undelivered', 'anchored', 'goal', 'exit', 'resume', 'migrated'),
        fc.jsonValue(),
      ),
      at: instants,
      instant: instants,
      withinMs: instants,
      step: fc.oneof(anyStep, fc.constantFrom<unknown[]>(null, { toString: 1, valueOf: 1 }, ['step-0'])),
      anchor: fc.oneof(fc.constantFrom<unknown[]>(ENTRY, ...MILESTONES, null, { toString: 1, valueOf: 1 }), anyStep),
      branch: fc.oneof(anyBranch, fc.constantFrom<unknown[]>('other', null)),
      verdict: fc.oneof(
        fc.constantFrom<unknown[]>(null, undefined, 'sent', 3),
        fc.record(
          {
            kind: fc.constantFrom('sent', 'held_out', 'held', 'refused', 'failed', 'ended', 'postponed'),
            at: instants,
            until: instants,
            certain: fc.boolean(),
            reason: fc.constant('some_reason'),
            undeliverable: fc.boolean(),
            handedOffAt: instants,
            outcome: fc.constantFrom('goal', 'exited'),
          },
          { requiredKeys: ['kind', 'reason', 'outcome'] },
        ),
      ),
    },
    { requiredKeys: ['kind'] },
  ),
)

export interface World {
  /** Whether goal and exit may come from outside. */
  readonly endings?: boolean
  /** How late the host may wake, in units of ten minutes. */
  readonly maxLateness?: number
  readonly outside?: boolean
  readonly answer?: fc.Arbitrary<Answer>
}

export function arbitraryMoves(world: World = {}): fc.Arbitrary<readonly Move[]> {
  const { endings = true, maxLateness = 12, outside = true, answer = arbitraryAnswer } = world
  const nothing = { weight: 12, arbitrary: fc.constant(null) }
  const stray = { weight: outside ? 8 : 0, arbitrary: arbitraryStray }
  const ending = { weight: outside && endings ? 1 : 0, arbitrary: arbitraryEnding }
  const lateness = fc.oneof(fc.constant(0), minutes(0, maxLateness))
  const move = fc
    .record({ answer, outside: fc.oneof(nothing, stray, ending), latenessMs: lateness })
    .map(({ outside: event, ...rest }): Move => (event === null ? rest : { ...rest, outside: event }))
  return fc.array(move, { maxLength: 60 })
}

/** Hands something that only looks like an event to code that must withstand it. */
export function pretendEvent(value: unknown): Event {
  return value as Event
}
