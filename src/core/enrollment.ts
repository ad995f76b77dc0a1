import type { Anchor, Branch, Channel, CompiledJourney } from './compiled-journey.ts'

/**
 * The vocabulary of a run on one page: what it remembers (State), what can happen to it (Event) and what it asks
 * its host to do (Effect). All JSON-safe; every instant is virtual epoch milliseconds.
 */
export interface State {
  /** The enrollment's opaque id: salt of the spread hash, so that two runs of one contact spread differently. */
  readonly run: string
  readonly phase: 'running' | 'finished'
  readonly outcome?: Outcome
  /** The latest instant seen. Goes back only when the gate says `not_due`: then the host's clock was ahead of it. */
  readonly now: number
  /** Instants that have happened, by anchor name. The first one of a name counts. */
  readonly anchors: Readonly<Record<Anchor, number>>
  readonly steps: Readonly<Record<string, StepState>>
  /** The arms of the journey's path experiments that the run walks. */
  readonly arms?: Arms
}

/** Arm by experiment. */
export type Arms = Readonly<Record<string, string>>

/** Due instants that were computed outside the run, by step: those of local times and of messages that leave before their window closes. */
export type DueInstants = Readonly<Record<string, number>>

/** What is known of a run when it begins, besides the instant of its entry. */
export interface Beginning {
  /** When it began, if that is not the entry's instant: before a date that is still to come, or late. */
  readonly at?: number
  /** Dates that are known. */
  readonly anchors?: Readonly<Record<Anchor, number>>
  readonly due?: DueInstants
  readonly arms?: Arms
}

/**
 * One step's life.
 *
 * - `waiting`: its anchor has not happened. It keeps the run open for as long as its anchor is waited for.
 * - `due`: due at an instant that was computed when the anchor happened. Only an update of the run's data or a migration computes it anew.
 * - `held`: the gate said "not before `until`"; decided afresh then. `dueAt` stays the original instant.
 * - `delivering`: handed to the host; exactly one step can be in this state.
 * - `sent`: handed over (or a ghost, or unknown). While `fallbackUntil` is set, bad news may still trigger the fallback.
 * - `closed`: refused, failed or never due; nothing will be sent for it any more.
 */
export type StepState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'due'; readonly dueAt: number; readonly branch: Branch }
  | {
      readonly kind: 'held'
      readonly dueAt: number
      readonly branch: Branch
      readonly until: number
      readonly reason: string
    }
  | { readonly kind: 'delivering'; readonly dueAt: number; readonly branch: Branch }
  | { readonly kind: 'sent'; readonly at: number; readonly branch: Branch; readonly fallbackUntil?: number }
  | { readonly kind: 'closed'; readonly reason: string }

export type Outcome =
  /** Every step was done, refused or can no longer happen. */
  | 'completed'
  /** The goal was reached. */
  | 'goal'
  /** An `exit_on` event, an operator, erasure or a merge ended it. */
  | 'exited'

/** What `deliver` reports to the run. Business refusals are values; only infrastructure throws. */
export type Verdict =
  /** Handed over and accepted, or outcome unknown: it counts as sent, is an anchor and never triggers a fallback. */
  | { readonly kind: 'sent'; readonly at: number; readonly certain: boolean }
  /** A held-out contact's ghost send: written and anchored, never handed over. */
  | { readonly kind: 'held_out'; readonly at: number }
  | { readonly kind: 'held'; readonly until: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /**
   * Definitely not delivered. `undeliverable` may be followed by a declared fallback; other failures may not. `handedOffAt`: the carrier
   * had taken it before it gave up, so its hand-off is an anchor like that of a message that arrives.
   */
  | {
      readonly kind: 'failed'
      readonly reason: string
      readonly undeliverable: boolean
      readonly handedOffAt?: number
    }
  /** The store says that the run is over: goal, exit, erasure. The signal may still be under way. */
  | { readonly kind: 'ended'; readonly outcome: 'goal' | 'exited' }

/** `at` is the virtual instant at which the host saw it. */
export type Event =
  | { readonly kind: 'woke'; readonly at: number }
  | {
      readonly kind: 'decided'
      readonly at: number
      readonly step: string
      readonly branch: Branch
      readonly verdict: Verdict
      /** Of steps that count from this hand-off. */
      readonly due?: DueInstants
    }
  /** A carrier reported, after the hand-off, that this step's message did not arrive. */
  | { readonly kind: 'undelivered'; readonly at: number; readonly step: string }
  /** An anchor other than a hand-off happened, at `instant`. */
  | {
      readonly kind: 'anchored'
      readonly at: number
      readonly anchor: Anchor
      readonly instant: number
      readonly due?: DueInstants
    }
  /** The run's data changed, and with it these dates; null: no longer known. Steps not yet sent are timed again. */
  | {
      readonly kind: 'retimed'
      readonly at: number
      readonly anchors: Readonly<Record<Anchor, number | null>>
      readonly due?: DueInstants
    }
  /** The run goes on with another version of its journey. */
  | {
      readonly kind: 'migrate'
      readonly at: number
      readonly journey: CompiledJourney
      /** What becomes of steps that the new version would have done by now. */
      readonly late: 'send' | 'skip'
      /** New ids of steps by their former ones. */
      readonly renamed?: Readonly<Record<string, string>>
      readonly anchors?: Readonly<Record<Anchor, number>>
      readonly due?: DueInstants
      readonly arms?: Arms
    }
  | { readonly kind: 'goal'; readonly at: number }
  | { readonly kind: 'exit'; readonly at: number }
  /** A pause is over: what it held asks again within so many milliseconds, spread, instead of at the end of its hold. */
  | { readonly kind: 'resume'; readonly at: number; readonly withinMs: number }

/**
 * What is left to send in the run besides the step that is being delivered: nothing; only steps that count from its hand-off, so
 * that the run is over if it is not sent; or others, that go on whatever becomes of it. Receipts aside.
 */
export type Rest = 'nothing' | 'dependents' | 'others'

/** Who performs a step: a channel's carriers, or Segue itself. Each has a task queue of its own. */
export type Performer = Channel | 'actions'

/** Exactly one effect follows every transition of a running run; a finished one asks for nothing more. */
export type Effect =
  /** Wait until the instant or the next event; `step` is what is due, or what waits for its anchor, then. */
  | {
      readonly kind: 'wait'
      readonly until: number
      readonly step: string
      readonly why: 'due' | 'held' | 'receipt' | 'anchor'
    }
  | {
      readonly kind: 'deliver'
      readonly step: string
      readonly branch: Branch
      readonly performer: Performer
      readonly dueAt: number
      readonly rest: Rest
      /** Until when receipts or anchors may still bring other steps something to do; not after `now` when none can. */
      readonly openUntil: number
      /** For how long after its hand-off what comes back for this message may do so, in milliseconds. */
      readonly feedbackMs: number
    }
  | { readonly kind: 'finish'; readonly outcome: Outcome }

export interface Transition {
  /** The journey that the run goes on with: another one only after a migration. */
  readonly journey: CompiledJourney
  readonly state: State
  readonly effect: Effect
}
