import type { ObjectSchema } from './field-schema.ts'

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
  /** The event whose data replaces the run's trigger; dates are computed anew and steps not yet sent are timed again. */
  readonly updates?: EventMatch
  /** Named events that steps may count from. The first one of a run counts. */
  readonly milestones?: Readonly<Record<string, Milestone>>
  /**
   * Named instants that steps may count from: those of `dates:` and each date that a `from` names directly, such as
   * `trigger.starts_at`. Computed outside the run, where the facts are; the run only ever sees instants.
   */
  readonly dates?: Readonly<Record<Anchor, Expression>>
  /** Whole paths as arms. A contact's arm is decided at entry; steps of other arms are never due. */
  readonly experiments?: Readonly<Record<string, PathExperiment>>
  /** Journeys that send nothing to a contact while a run of this one lives. */
  readonly outranks?: readonly string[]
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

/** What starts a run, and for whom and how often. */
export type Entry = EntryTerms & (EventEntry | AudienceEntry | DateEntry | ScheduleEntry | KeywordEntry | ManualEntry)

export interface EntryTerms {
  /** Over `contact` and `trigger`; read once, when the run would begin. */
  readonly if?: Expression
  /** One run per contact and value of this expression; without it, one per contact. */
  readonly key?: Expression
  readonly reentry: Reentry
  /** Share of contacts, 0 to 1, that walk the timeline but are never messaged. */
  readonly holdout?: number
}

/** Its data is the run's trigger. */
export interface EventEntry {
  readonly kind: 'event'
  readonly event: string
}

/** When a contact starts to match. The trigger is empty. */
export interface AudienceEntry {
  readonly kind: 'audience'
  readonly audience: string
  /** Whether those who match already when the journey is deployed enter as well. */
  readonly backfill: boolean
}

/**
 * For each contact whose date comes. The run begins `leadMs` before the date, so that steps may come before it, and its entry anchor is
 * the date itself. The trigger is `{ date }`.
 */
export interface DateEntry {
  readonly kind: 'date'
  readonly date: Expression
  /** The date counts again every year, as birthdays do (29 February: the 28th in other years). */
  readonly yearly: boolean
  /** Milliseconds; compiled from the earliest step. */
  readonly leadMs: number
}

/** A broadcast: everybody in the audience, at a local time. The trigger is `{ scheduled_at }`. */
export interface ScheduleEntry {
  readonly kind: 'schedule'
  readonly audience: string
  readonly at: Schedule
}

/** Wall-clock minutes of a day, in each contact's own zone. `once`: a calendar date `yyyy-mm-dd`; otherwise days, 1 Monday to 7 Sunday. */
export type Schedule =
  | { readonly kind: 'once'; readonly date: string; readonly minute: number }
  | { readonly kind: 'weekly'; readonly days: readonly number[]; readonly minute: number }
  | { readonly kind: 'monthly'; readonly day: number; readonly minute: number }

/** When somebody texts the word to one of our numbers. The trigger is `{ keyword, text }`. */
export interface KeywordEntry {
  readonly kind: 'keyword'
  readonly keyword: string
}

/** By `enroll` of another journey, by the API or by an operator. What they give is the trigger. */
export interface ManualEntry {
  readonly kind: 'manual'
  readonly fields: ObjectSchema
}

/**
 * When the same contact and key may enter again. `never` and `after`: in no case while an earlier run of it is alive. `restart`: a
 * new trigger ends the live run and starts the timeline again with its newer data.
 */
export type Reentry =
  | { readonly kind: 'never' }
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'restart' }

export interface Milestone extends EventMatch {
  /** Milliseconds after entry during which the run waits for it. */
  readonly withinMs: number
}

export interface PathExperiment {
  /** Who takes part, over `contact` and `trigger`. Absent: everybody. */
  readonly if?: Expression
  /** Shares from 0 to 1 that add up to 1. A share in no step's `arm` walks only the steps without one. */
  readonly arms: readonly { readonly name: string; readonly share: number }[]
  /** The arm walked by those who do not take part; they are not measured. Absent: none. */
  readonly others?: string
}

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
 * The name of an instant of the run: `entry`, a step's id (its hand-off), `<step>.clicked`, `<step>.delivered`, `<step>.undelivered`, a
 * milestone, or a key of `dates`. Steps count from an anchor; a step whose anchor never happens is never due.
 */
export type Anchor = string
export const ENTRY: Anchor = 'entry'

export const STEP_FEEDBACK = ['clicked', 'delivered', 'undelivered'] as const
export type StepFeedback = (typeof STEP_FEEDBACK)[number]

/** The anchor of what comes back for a step's message. */
export function feedbackAnchor(step: string, feedback: StepFeedback): Anchor {
  return `${step}.${feedback}`
}

export interface Step {
  readonly id: string
  readonly from: Anchor
  /** Milliseconds from the anchor; 0 if `local` says when. */
  readonly offsetMs: number
  /**
   * A wall-clock time in the contact's zone, so many days from the anchor's local day. Computed outside the run, where the zone is
   * known: no zone is in Temporal, and a new edition of the zone data cannot change what a replay does.
   */
  readonly local?: LocalTime
  /** Added to the offset: fixed per run and step by hashing, so that replays agree. */
  readonly spread?: { readonly minMs: number; readonly maxMs: number }
  /** How long the run waits for `from` to happen: after entry for a milestone, after the hand-off for what comes back for a message. */
  readonly anchorWithinMs?: number
  readonly if?: Expression
  readonly unless?: Expression
  /** Only runs of this arm walk the step. */
  readonly arm?: { readonly experiment: string; readonly arm: string }
  /** What becomes of a message whose window is closed when it is due. Absent: it is held until the window opens. */
  readonly whenClosed?: 'earlier' | 'skip' | 'fallback'
  readonly action: Action
  /** Sent when the action proves undeliverable; never when its outcome is unknown, nor when it was refused unless `fallbackOn` says so. */
  readonly fallback?: MessageAction
  /** How long after hand-off a carrier's bad news may still trigger the fallback, in milliseconds. */
  readonly fallbackWithinMs?: number
  /** Refusals that bring the fallback as well; `no_consent` only for transactional purposes. */
  readonly fallbackOn?: readonly ('no_consent' | 'closed')[]
}

/** `days` may be negative. Wall-clock minutes of a day: 0 to 1439. A time that a change of the clocks skips is taken after the gap. */
export interface LocalTime {
  readonly days: number
  readonly minute: number
}

export type Action = MessageAction | WebhookAction | UpdateAction | EnrollAction

export interface MessageAction {
  readonly kind: 'message'
  readonly channel: Channel
  /** The template's name in `messages/`, such as `cart/reminder`. For people; the content is named by `content`. */
  readonly template: string
  /** SHA-256 (hex) of the compiled template: a key of the content table. */
  readonly content: string
  /** Templates to compare. `template` and `content` are those of the first arm. */
  readonly templates?: TemplateExperiment
  /** Email only. Overrides the template's own subject. */
  readonly subject?: string | TextExperiment
  /** Name of one of the journey's offers. */
  readonly offer?: string
  /** SMS only: https addresses of pictures, the same for everybody. The carrier fetches them; Segue never does. */
  readonly media?: readonly string[]
}

/** Posts a signed event to an address of the team's own. Like a message it happens at most once per step, but it may be repeated on the wire. */
export interface WebhookAction {
  readonly kind: 'webhook'
  readonly url: string
  readonly data: Readonly<Record<string, Expression>>
}

/** Writes traits of the contact: fixed values and copies of facts. */
export interface UpdateAction {
  readonly kind: 'update'
  readonly set: Readonly<Record<string, string | number | boolean>>
  readonly copy: Readonly<Record<string, Expression>>
}

/** Starts a run of a journey that is entered by hand. */
export interface EnrollAction {
  readonly kind: 'enroll'
  readonly journey: string
  readonly with: Readonly<Record<string, Expression>>
}

/** Arms are equally likely; the assignment is a hash of experiment and contact, stored at entry and sticky. */
export interface TextExperiment {
  readonly experiment: string
  readonly arms: readonly { readonly name: string; readonly text: string }[]
}

/** Arms are equally likely. The experiment may be the subject's too: then a contact has the same arm of both. */
export interface TemplateExperiment {
  readonly experiment: string
  readonly arms: readonly { readonly name: string; readonly template: string; readonly content: string }[]
}

/** The two messages that one step may send. Part of the send key: the fallback is a hand-off of its own. */
export type Branch = 'action' | 'fallback'

/** The action behind a branch, or undefined if the step has no fallback. */
export function actionOf(step: Step, branch: Branch): Action | undefined {
  return branch === 'action' ? step.action : step.fallback
}

/** The message behind a branch, or undefined if that branch sends none. */
export function messageOf(step: Step, branch: Branch): MessageAction | undefined {
  const action = actionOf(step, branch)
  return action?.kind === 'message' ? action : undefined
}

/** Every message that the step may send, its fallback last. */
export function messagesOfStep(step: Step): readonly MessageAction[] {
  return (['action', 'fallback'] as const).flatMap((branch) => messageOf(step, branch) ?? [])
}

/** Every content that the message may show, by hash. */
export function contentsOf(action: MessageAction): readonly string[] {
  return action.templates?.arms.map(({ content }) => content) ?? [action.content]
}
