import { feedbackSource, waitsUntil } from './anchors.ts'
import { actionOf, type Action, type CompiledJourney, type Step } from './compiled-journey.ts'
import type { Effect, Performer, Rest, State, StepState } from './enrollment.ts'

type Open = Extract<StepState, { kind: 'due' | 'held' }>

interface Candidate {
  readonly step: Step
  readonly open: Open
  /** When it would be tried if it were alone; never before now, so that a late host weighs steps by when they really go. */
  readonly at: number
  readonly order: number
}

/**
 * What a running run does next: deliver the step that is due, wait for the next one, or nothing (the run is over).
 *
 * Steps are taken by the instant at which they may be tried, then by due instant, then in document order.
 */
export function nextUp(
  journey: CompiledJourney,
  state: State,
): Extract<Effect, { kind: 'wait' | 'deliver' }> | undefined {
  // A delivery that was never answered is asked for again: the gate recognises what it has already settled.
  const redelivery = journey.steps.find(({ id }) => state.steps[id]?.kind === 'delivering')
  if (redelivery !== undefined) return deliver(journey, state, redelivery)

  const { minGapMs = 0, orderGapMs = 0 } = journey.limits
  const candidates = inTurn(openSteps(journey, state), Math.max(minGapMs, orderGapMs))
  const first = candidates[0]
  if (first === undefined) return lastChance(journey, state)
  if (first.at <= state.now) return deliver(journey, state, first.step)
  return { kind: 'wait', until: first.at, step: first.step.id, why: first.open.kind }
}

function openSteps(journey: CompiledJourney, state: State): Candidate[] {
  const gapEnds = ownGapEnds(journey, state)
  return journey.steps.flatMap((step, order) => {
    const open = state.steps[step.id]
    if (open?.kind !== 'due' && open?.kind !== 'held') return []
    const until = open.kind === 'held' ? open.until : open.dueAt
    // A fallback follows a message that did not arrive, and so disturbed nobody.
    const at = Math.max(state.now, until, open.branch === 'action' ? gapEnds : until)
    return [{ step, open, at, order }]
  })
}

/**
 * When the journey's own minimum gap after the run's last hand-off ends. The gate would hold a message until then, so the run need
 * not ask before: that saves a decision, a timer and eleven history events. Other journeys' messages are the gate's matter.
 */
function ownGapEnds(journey: CompiledJourney, state: State): number {
  const handOffs = Object.values(state.steps).flatMap((step) => (step.kind === 'sent' ? [step.at] : []))
  return Math.max(...handOffs) + (journey.limits.minGapMs ?? 0)
}

/**
 * Orders the candidates so that a held step is never overtaken into its own minimum gap: a later step that would go
 * out less than a gap before the held one is tried would push it back again and again, so it lets the held one go first.
 */
function inTurn(candidates: readonly Candidate[], minGapMs: number): Candidate[] {
  const settled: Candidate[] = []
  for (const candidate of candidates.toSorted((a, b) => a.open.dueAt - b.open.dueAt || a.order - b.order)) {
    let at = candidate.at
    for (const earlier of settled.toSorted((a, b) => a.at - b.at)) {
      if (earlier.open.kind === 'held' && earlier.at > at && earlier.at < at + minGapMs) at = earlier.at
    }
    settled.push({ ...candidate, at })
  }
  return settled.toSorted((a, b) => a.at - b.at || a.open.dueAt - b.open.dueAt || a.order - b.order)
}

/** Nothing is due; until the latest of these instants a receipt may bring a fallback, or an anchor a step. */
function lastChance(journey: CompiledJourney, state: State): Extract<Effect, { kind: 'wait' }> | undefined {
  const open = journey.steps.flatMap((step): Extract<Effect, { kind: 'wait' }>[] => {
    const current = state.steps[step.id]
    if (current?.kind === 'sent' && current.fallbackUntil !== undefined && current.fallbackUntil > state.now) {
      return [{ kind: 'wait', until: current.fallbackUntil, step: step.id, why: 'receipt' }]
    }
    const until = waitsUntil(journey, state, step)
    return until === undefined || until <= state.now ? [] : [{ kind: 'wait', until, step: step.id, why: 'anchor' }]
  })
  return open.toSorted((a, b) => b.until - a.until)[0]
}

function deliver(journey: CompiledJourney, state: State, step: Step): Extract<Effect, { kind: 'deliver' }> | undefined {
  const current = state.steps[step.id]
  if (current === undefined || current.kind === 'waiting' || current.kind === 'sent' || current.kind === 'closed') {
    return undefined
  }
  const action = actionOf(step, current.branch)
  if (action === undefined) return undefined
  return {
    kind: 'deliver',
    step: step.id,
    branch: current.branch,
    performer: performerOf(action),
    dueAt: current.dueAt,
    rest: restOf(journey, state, step),
    openUntil: lastChance(journey, state)?.until ?? state.now,
    feedbackMs: feedbackOf(journey, state, step),
  }
}

function performerOf(action: Action): Performer {
  return action.kind === 'message' ? action.channel : 'actions'
}

/** For how long what comes back for this step's message may bring another step something to do, in milliseconds from its hand-off. */
function feedbackOf(journey: CompiledJourney, state: State, source: Step): number {
  const waiting = journey.steps.filter(
    (step) => state.steps[step.id]?.kind === 'waiting' && feedbackSource(journey, step.from) === source,
  )
  return Math.max(0, ...waiting.map((step) => step.anchorWithinMs ?? 0))
}

/** What the others have left to do, receipts and anchors aside. */
function restOf(journey: CompiledJourney, state: State, delivering: Step): Rest {
  let rest: Rest = 'nothing'
  for (const other of journey.steps) {
    const kind = other === delivering ? undefined : state.steps[other.id]?.kind
    if (kind === 'due' || kind === 'held' || kind === 'delivering') return 'others'
    if (kind === 'waiting' && countsFrom(journey, other, delivering)) rest = 'dependents'
  }
  return rest
}

/** Whether a step's anchor is, through any chain of steps, the hand-off of `source`. */
function countsFrom(journey: CompiledJourney, step: Step, source: Step): boolean {
  let current: Step | undefined = step
  for (let hops = 0; current !== undefined && hops <= journey.steps.length; hops++) {
    if (current.from === source.id) return true
    const from: string = current.from
    current = journey.steps.find(({ id }) => id === from)
  }
  return false
}
