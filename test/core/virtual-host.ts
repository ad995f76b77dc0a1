import type { Branch, CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Effect, Event, State, Transition, Verdict } from '../../src/core/enrollment.ts'
import { enroll, transition } from '../../src/core/transition.ts'

/** What the world does next to a run; which of it applies depends on what the run asked for. */
export interface Move {
  /** How the gate answers a delivery, its instants counted from now; `lost` answers nothing, so that it is asked again. */
  readonly answer: Answer
  /** An event from outside, at this moment, before what the run waits for. */
  readonly outside?: Outside
  /** How much later than asked the host wakes. */
  readonly latenessMs: number
}

export type Answer = { readonly kind: 'lost' } | ((now: number) => Verdict)
export type Outside = (now: number) => Event

export interface Moment {
  readonly before: Transition
  readonly event: Event
  readonly after: Transition
}

export interface Trace {
  readonly journey: CompiledJourney
  readonly enrolled: Transition
  readonly moments: readonly Moment[]
  readonly end: Transition
}

export interface HostOptions {
  /** What happens to the state between two events: nothing, or a trip through storage. */
  readonly rehydrate?: (state: State) => State
  readonly answerOf?: (effect: Extract<Effect, { kind: 'deliver' }>, state: State, move: Move | undefined) => Answer
}

/** Beyond its moves a run needs at most: per step two deliveries and two waits, and one wait for a receipt. */
const settlingBound = (journey: CompiledJourney): number => 5 * journey.steps.length + 2

/**
 * Runs a journey from entry to its end against a list of moves; when they are used up, everything is sent and wakes on time.
 * States are frozen, so that a transition that changes one in place throws. Throws when the run does not end in bounded time.
 */
export function host(journey: CompiledJourney, moves: readonly Move[], options: HostOptions = {}): Trace {
  const { rehydrate = (state: State) => state, answerOf = (_effect, _state, move) => move?.answer ?? sentNow } = options
  const enrolled = deepFreeze(enroll(deepFreeze(journey), 'run-1', 0))
  const moments: Moment[] = []
  let current = enrolled
  const feed = (event: Event): void => {
    const after = deepFreeze(transition(journey, rehydrate(current.state), deepFreeze(event)))
    moments.push({ before: current, event, after })
    current = after
  }
  for (let turn = 0; current.effect.kind !== 'finish'; turn++) {
    if (turn > moves.length + settlingBound(journey)) throw new Error('the run does not end')
    const move = moves[turn]
    if (move?.outside !== undefined) {
      feed(move.outside(current.state.now))
      continue
    }
    const { effect, state } = current
    if (effect.kind === 'wait') {
      feed({ kind: 'woke', at: effect.until + (move?.latenessMs ?? 0) })
      continue
    }
    const answer = answerOf(effect, state, move)
    feed(
      typeof answer === 'function'
        ? { kind: 'decided', at: state.now, step: effect.step, branch: effect.branch, verdict: answer(state.now) }
        : { kind: 'woke', at: state.now },
    )
  }
  return { journey, enrolled, moments, end: current }
}

export const sentNow = (now: number): Verdict => ({ kind: 'sent', at: now, certain: true })

export interface Settled {
  readonly step: string
  readonly branch: Branch
  readonly at: number
}

/** The deliveries of a trace that an answer settled, held ones not included, in order. */
export function settledIn({ moments }: Trace): readonly Settled[] {
  return moments.flatMap(({ before, event }) => {
    const asked = before.effect
    if (asked.kind !== 'deliver' || event.kind !== 'decided' || event.verdict.kind === 'held') return []
    if (!isSame(asked, event)) return []
    return [{ step: event.step, branch: event.branch, at: event.at }]
  })
}

export const states = ({ enrolled, moments }: Trace): readonly Transition[] => [
  enrolled,
  ...moments.map(({ after }) => after),
]

export interface Delivery {
  readonly effect: Extract<Effect, { kind: 'deliver' }>
  /** The state in which it was chosen. */
  readonly state: State
  /** What was answered in the end; nothing if the run ended first. */
  readonly answer?: Verdict
  readonly answeredAt?: number
}

/** The deliveries of a trace, in order; one that was asked for again because no answer came is one delivery. */
export function handedOver({ enrolled, moments }: Trace): readonly Delivery[] {
  const deliveries: Delivery[] = []
  const open = ({ effect, state }: Transition): void => {
    if (effect.kind === 'deliver') deliveries.push({ effect, state })
  }
  open(enrolled)
  for (const { before, event, after } of moments) {
    const asked = before.effect
    const answered = asked.kind === 'deliver' && event.kind === 'decided' && isSame(asked, event)
    const current = deliveries.at(-1)
    if (answered && current !== undefined)
      deliveries.splice(-1, 1, { ...current, answer: event.verdict, answeredAt: event.at })
    if (asked.kind !== 'deliver' || answered) open(after)
  }
  return deliveries
}

export function isSame(a: Pick<Settled, 'step' | 'branch'>, b: Pick<Settled, 'step' | 'branch'>): boolean {
  return a.step === b.step && a.branch === b.branch
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
