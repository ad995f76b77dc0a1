/**
 * A journey after compilation: frozen, JSON-safe, canonical and content-hashed. The hash is the journey's version.
 *
 * It is part of every run's workflow input, so it is the contract between the compiler (which writes it), the
 * deployment (which stores it) and each host of `transition` (which walks it). It names content by hash and
 * holds no bodies, no secrets, no environment values and no personal data.
 */
export interface CompiledJourney {
  /** Meaning of this structure. A released number stays executable for as long as any run uses it. */
  readonly semantics: 1
  /** The journey's id in YAML and its Temporal workflow type. Matches {@link JOURNEY_ID_PATTERN}. */
  readonly id: string
  readonly description?: string
  readonly owner?: string
  /** What consent is asked for; a key of `purposes` in segue.yaml. */
  readonly purpose: string
  /** Name of the policy. Its guardrails are read live at the gate and are not pinned here. */
  readonly policy: string
  readonly enter: Entry
  readonly goal?: Goal
  readonly exitOn: readonly EventMatch[]
  readonly limits: Limits
  readonly offers: Readonly<Record<string, Offer>>
  /** In document order: ties between steps that are due at the same instant break in this order. */
  readonly steps: readonly Step[]
}

/** Workflow types reach `Object.prototype` in the Temporal sandbox, so ids are narrow and never a prototype member. */
export const JOURNEY_ID_PATTERN = '^[a-z][a-z0-9-]{1,62}$'
export const FORBIDDEN_JOURNEY_IDS: readonly string[] = ['constructor', 'default', 'prototype']

export type Channel = 'email' | 'sms'
export const CHANNELS: readonly Channel[] = ['email', 'sms']

/** A type-checked CEL expression. Evaluated at ingestion (entry, goal) and at the gate (steps), never in workflow code. */
export interface Expression {
  readonly source: string
  /** Dotted fact paths that the expression reads, sorted, such as `trigger.cart.total`. */
  readonly reads: readonly string[]
}

export interface EventMatch {
  readonly event: string
  readonly if?: Expression
}

export interface Entry extends EventMatch {
  /** One run per contact and value of this expression; without it, one per contact. */
  readonly key?: Expression
  readonly reentry: Reentry
  /** Share of contacts, 0 to 1, that walk the timeline but are never messaged. */
  readonly holdout?: number
}

/** When the same contact and key may enter again. In no case while an earlier run of it is alive. */
export type Reentry = { readonly kind: 'never' } | { readonly kind: 'after'; readonly ms: number }

export interface Goal extends EventMatch {
  /** Milliseconds after entry within which the event counts as reaching the goal. */
  readonly withinMs?: number
}

/** The author's own limits. At the gate the stricter of these and the live policy holds. */
export interface Limits {
  readonly cap?: Rate
  readonly minGapMs?: number
  /**
   * The policy's minimum gap when the journey was compiled, for keeping the order of steps: a held step must not be overtaken
   * into it. It limits nothing; the gap that counts is the policy's at the gate.
   */
  readonly orderGapMs?: number
  /** A message held, or found late, by more than this is refused. */
  readonly giveUpAfterMs?: number
}

/** A rolling rate: at most `count` in any window of `windowMs`. */
export interface Rate {
  readonly count: number
  readonly windowMs: number
}

export interface Offer {
  readonly percent?: number
  readonly amount?: string
  /** Name of the code pool in `offers/`. */
  readonly codes: string
  /** Milliseconds from the code's issue during which it is valid. */
  readonly validForMs: number
}

/**
 * The name of an instant of the run: `entry`, a step's id (its hand-off), or `<step>.clicked` and the like.
 * Steps count from an anchor; a step whose anchor never happens is never due.
 */
export type Anchor = string
export const ENTRY: Anchor = 'entry'

export interface Step {
  readonly id: string
  readonly from: Anchor
  /** Milliseconds from the anchor. */
  readonly offsetMs: number
  /** Added to the offset: fixed per run and step by hashing, so that replays agree. */
  readonly spread?: { readonly minMs: number; readonly maxMs: number }
  readonly if?: Expression
  readonly unless?: Expression
  readonly action: MessageAction
  /** Sent when the action proves undeliverable; never when it was refused or its outcome is unknown. */
  readonly fallback?: MessageAction
  /** How long after hand-off a carrier's bad news may still trigger the fallback, in milliseconds. */
  readonly fallbackWithinMs?: number
}

export interface MessageAction {
  readonly channel: Channel
  /** The template's name in `messages/`, such as `cart/reminder`. For people; the content is named by `content`. */
  readonly template: string
  /** SHA-256 (hex) of the compiled template: a key of the content table. */
  readonly content: string
  /** Email only. Overrides the template's own subject. */
  readonly subject?: string | TextExperiment
  /** Name of one of the journey's offers. */
  readonly offer?: string
  /** SMS only: https addresses of pictures, the same for everybody. The carrier fetches them; Segue never does. */
  readonly media?: readonly string[]
}

/** Arms are equally likely; the assignment is a hash of experiment and contact, stored at entry and sticky. */
export interface TextExperiment {
  readonly experiment: string
  readonly arms: readonly { readonly name: string; readonly text: string }[]
}

/** The two messages that one step may send. Part of the send key: the fallback is a hand-off of its own. */
export type Branch = 'action' | 'fallback'

/** The action behind a branch, or undefined if the step has no fallback. */
export function actionOf(step: Step, branch: Branch): MessageAction | undefined {
  return branch === 'action' ? step.action : step.fallback
}
