import type { Branch, CompiledJourney, MessageAction, Step } from '../core/compiled-journey.ts'
import type { CompiledWorkspace, Policy, Purpose, Sender } from '../core/workspace.ts'
import type { Facts } from './facts.ts'
import type { Rival } from './rival.ts'
import type { HoldReason, RefusalReason } from './verdict.ts'

/** What is asked: may this message of this run go out now? */
export interface DecisionRequest {
  readonly enrollment: string
  readonly journey: CompiledJourney
  readonly step: Step
  readonly branch: Branch
  readonly action: MessageAction
  /** Virtual instant at which it was first due. Holds are measured from it. */
  readonly dueAt: number
  /** The contact's normalised address on the action's channel. */
  readonly address: string | undefined
  /** Undefined as long as nothing was ever deployed. */
  readonly workspace: CompiledWorkspace | undefined
  /** The runs of `facts.rivals` with their journeys. Absent: none. */
  readonly rivals?: readonly Rival[]
}

/** Facts read on the way to a decision, for the record; no addresses, no names. */
export type FactsRead = Readonly<Record<string, unknown>>

/** What the live workspace says about the message. */
export interface Live {
  readonly kind: 'live'
  readonly workspace: CompiledWorkspace
  readonly policy: Policy
  readonly sender: Sender
  readonly class: Purpose['class']
  readonly giveUpMs: number
}

/** One question with all that was read for it. */
export interface Asked {
  readonly request: DecisionRequest
  readonly live: Live
  readonly facts: Facts
  /** Virtual instant of the decision. */
  readonly now: number
  /** Epoch milliseconds after which the message is refused. */
  readonly giveUpAt: number
  /** Where a check notes what it looked at, for the record. Never an address or a name. */
  readonly read: Record<string, unknown>
}

export type Objection =
  | { readonly kind: 'hold'; readonly until: number; readonly reason: HoldReason }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason }
  | { readonly kind: 'ended'; readonly outcome: 'goal' | 'exited' }

/** Pure: objects, or says nothing. */
export type Check = (asked: Asked) => Objection | undefined

/** The first objection. */
export function firstObjection(checks: readonly Check[], asked: Asked): Objection | undefined {
  for (const check of checks) {
    const objection = check(asked)
    if (objection !== undefined) return objection
  }
  return undefined
}

/**
 * A hold for a limit. Waiting for what will be refused then helps nobody: whoever reads the decision should know now.
 */
export function holdUntil(until: number, reason: HoldReason, { giveUpAt }: Asked): Objection {
  return until > giveUpAt ? { kind: 'refuse', reason: 'gave_up' } : { kind: 'hold', until, reason }
}
