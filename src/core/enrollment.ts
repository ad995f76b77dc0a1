import type { Anchor, Branch, Channel } from './compiled-journey.ts'

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
}

/**
 * One step's life.
 *
 * - `waiting`: its anchor has not happened; it is not due and keeps nothing open.
 * - `due`: due at an instant that was computed once, when the anchor happened, and is never recomputed.
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
  /** Every step was sent, refused or can no longer happen. */
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
    }
  /** A carrier reported, after the hand-off, that this step's message did not arrive. */
  | { readonly kind: 'undelivered'; readonly at: number; readonly step: string }
  /** An anchor other than a hand-off happened, at `instant`. */
  | { readonly kind: 'anchored'; readonly at: number; readonly anchor: Anchor; readonly instant: number }
  | { readonly kind: 'goal'; readonly at: number }
  | { readonly kind: 'exit'; readonly at: number }
  /** A pause is over: what it held asks again within so many milliseconds, spread, instead of at the end of its hold. */
  | { readonly kind: 'resume'; readonly at: number; readonly withinMs: number }

/**
 * What is left to send in the run besides the step that is being delivered: nothing; only steps that count from its hand-off, so
 * that the run is over if it is not sent; or others, that go on whatever becomes of it. Receipts aside.
 */
export type Rest = 'nothing' | 'dependents' | 'others'

/** Exactly one effect follows every transition of a running run; a finished one asks for nothing more. */
export type Effect =
  /** Wait until the instant or the next event; `step` is what is due then. */
  | { readonly kind: 'wait'; readonly until: number; readonly step: string; readonly why: 'due' | 'held' | 'receipt' }
  | {
      readonly kind: 'deliver'
      readonly step: string
      readonly branch: Branch
      readonly channel: Channel
      readonly dueAt: number
      readonly rest: Rest
      /** Until when receipts of other steps may still bring a fallback; not after `now` when there are none. */
      readonly receiptsUntil: number
    }
  | { readonly kind: 'finish'; readonly outcome: Outcome }

export interface Transition {
  readonly state: State
  readonly effect: Effect
}
