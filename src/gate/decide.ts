import { evaluate } from '../conditions/evaluate.ts'
import { allowsPurpose } from '../consent/ledger.ts'
import type { SuppressionReason } from '../consent/suppression.ts'
import type { Branch, CompiledJourney, MessageAction, Step } from '../core/compiled-journey.ts'
import type { CompiledWorkspace, Policy, Purpose, Sender } from '../core/workspace.ts'
import { contactOf, type Facts } from './facts.ts'
import { limit } from './limits.ts'
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
}

/** Facts read on the way to a decision, for the record; no addresses, no names. */
export type FactsRead = Readonly<Record<string, unknown>>

export type Answer =
  | {
      readonly kind: 'send'
      readonly class: Purpose['class']
      readonly policy: Policy
      readonly sender: Sender
      readonly windowClosesAt?: number
    }
  | { readonly kind: 'ghost' }
  | { readonly kind: 'hold'; readonly until: number; readonly reason: HoldReason }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason }
  | { readonly kind: 'ended'; readonly outcome: 'goal' | 'exited' }

export type Decision = Answer & { readonly read: FactsRead }

/**
 * How long a paused message waits before it asks again, in milliseconds: the longer it has waited, the less another quarter of that
 * matters. A run has room for so many events only, and a pause may last for months.
 */
const SHORTEST_PAUSE_MS = 30 * 60_000
const LONGEST_PAUSE_MS = 6 * 3_600_000

/** Traits that name a person or an address: a decision may rest on them but never records them. */
const PERSONAL = /(?:name|mail|phone|mobile|address|street|birth)/i

/**
 * The whole policy of contacting somebody, as a pure function of what was read. The first check with an objection answers; the
 * order is part of the product (docs/reasons.md):
 *
 * pause, enrollment, conditions, consent, suppression, address, due and give-up, window, gap, cap, offer, holdout.
 *
 * Transactional purposes pass window, gap and cap. Nothing passes consent and suppression.
 */
export function decide(request: DecisionRequest, facts: Facts, now: number): Decision {
  const read: Record<string, unknown> = {}
  const live = settingOf(request, facts)
  if (facts.switches.length > 0 || live.kind === 'missing') {
    read['switches'] = facts.switches.map(({ scope, name }) => (scope === 'all' ? scope : `${scope} ${name}`))
    if (live.kind === 'missing') read['missing'] = live.what
    return { kind: 'hold', until: now + pauseMs(now - request.dueAt), reason: 'paused', read }
  }

  const objection =
    ended(facts, read) ??
    unmet(request, facts, now, read) ??
    forbidden(request, live, facts, read) ??
    late(request, live, now, read)
  if (objection !== undefined) return { ...objection, read }

  const limited =
    live.class === 'marketing'
      ? limit(
          {
            enrollment: request.enrollment,
            step: request.step.id,
            branch: request.branch,
            channel: request.action.channel,
            journey: request.journey,
            policy: live.policy,
            giveUpAt: request.dueAt + live.giveUpMs,
          },
          facts,
          now,
          read,
        )
      : ({ kind: 'within' } as const)
  if (limited.kind !== 'within') return { ...limited, read }

  const expired = offerExpired(request, facts, now, read)
  if (expired !== undefined) return { ...expired, read }
  read['held_out'] = facts.heldOut
  if (facts.heldOut) return { kind: 'ghost', read }
  const { windowClosesAt } = limited
  return {
    kind: 'send',
    class: live.class,
    policy: live.policy,
    sender: live.sender,
    ...(windowClosesAt === undefined ? {} : { windowClosesAt }),
    read,
  }
}

function pauseMs(waitedMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, Math.floor(waitedMs / 4)))
}

interface Live {
  readonly kind: 'live'
  readonly policy: Policy
  readonly sender: Sender
  readonly class: Purpose['class']
  readonly giveUpMs: number
}

/** What the live workspace says about the message. Something missing is an operator's mistake and holds, so that nobody is lost. */
function settingOf(
  { journey, action, workspace }: DecisionRequest,
  facts: Facts,
): Live | { readonly kind: 'missing'; readonly what: string } {
  const policy = workspace?.policies[journey.policy]
  const purpose = workspace?.purposes[journey.purpose]
  const sender = workspace?.senders[policy?.senders[action.channel] ?? '']
  if (policy === undefined) return { kind: 'missing', what: `policy ${journey.policy}` }
  if (purpose === undefined) return { kind: 'missing', what: `purpose ${journey.purpose}` }
  if (sender?.channel !== action.channel) return { kind: 'missing', what: `${action.channel} sender` }
  const pool = action.offer === undefined ? undefined : journey.offers[action.offer]?.codes
  const takesCode = pool !== undefined && facts.code === null && !facts.heldOut
  if (takesCode && workspace?.pools[pool] === undefined) return { kind: 'missing', what: `code pool ${pool}` }
  const giveUpMs = Math.min(policy.giveUpAfterMs, journey.limits.giveUpAfterMs ?? Number.POSITIVE_INFINITY)
  return { kind: 'live', policy, sender, class: purpose.class, giveUpMs }
}

function ended(facts: Facts, read: Record<string, unknown>): Answer | undefined {
  if (facts.state === 'active') return undefined
  read['outcome'] = facts.outcome
  return { kind: 'ended', outcome: facts.outcome === 'goal' ? 'goal' : 'exited' }
}

function unmet(
  { step }: DecisionRequest,
  facts: Facts,
  now: number,
  read: Record<string, unknown>,
): Answer | undefined {
  const conditions: FactsRead[] = []
  const known = { contact: contactOf(facts), trigger: facts.trigger, steps: facts.steps, now }
  for (const [word, expression, wanted] of [
    ['if', step.if, 'true'],
    ['unless', step.unless, 'false'],
  ] as const) {
    if (expression === undefined) continue
    const result = evaluate(expression, known)
    read[word] = expression.source
    conditions.push(recordable(result.read))
    read['condition'] = Object.assign({}, ...conditions)
    if (result.kind === 'unknown') {
      read['unknown'] = result.missing
      return { kind: 'refuse', reason: 'condition_unknown' }
    }
    if (result.kind !== wanted) return { kind: 'refuse', reason: 'condition' }
  }
  return undefined
}

function recordable(read: FactsRead): FactsRead {
  return Object.fromEntries(
    Object.entries(read).map(([path, value]) => [path, isPersonal(path, value) ? '(not recorded)' : value]),
  )
}

/** By its name, by what it looks like, or because it holds whatever the event came with. */
function isPersonal(path: string, value: unknown): boolean {
  if (value === null) return false
  return PERSONAL.test(path) || typeof value === 'object' || (typeof value === 'string' && /@|^\s*\+\d/.test(value))
}

function forbidden(
  request: DecisionRequest,
  live: Live,
  facts: Facts,
  read: Record<string, unknown>,
): Answer | undefined {
  read['consent'] = facts.consent
  if (!allowsPurpose(request.journey.purpose, facts.consent)) return { kind: 'refuse', reason: 'no_consent' }
  read['suppressions'] = facts.suppressions
  if (facts.suppressions.some((reason) => isNo(reason, live))) return { kind: 'refuse', reason: 'suppressed' }
  // An address that can never work is as good as none: nobody said "no", so a declared fallback may follow.
  const dead = facts.suppressions.some((reason) => DEAD.includes(reason))
  return request.address === undefined || dead ? { kind: 'refuse', reason: 'no_address' } : undefined
}

const DEAD: readonly string[] = ['invalid', 'bounce'] satisfies readonly SuppressionReason[]

/** Whether a block forbids this message. Unsubscribing ends marketing; what a person needs, such as a receipt, still comes. */
function isNo(reason: string, live: Live): boolean {
  if (reason === ('unsubscribe' satisfies SuppressionReason)) return live.class === 'marketing'
  return !DEAD.includes(reason)
}

function late(
  { dueAt }: DecisionRequest,
  { giveUpMs }: Live,
  now: number,
  read: Record<string, unknown>,
): Answer | undefined {
  read['due_at'] = dueAt
  // A timer may fire a millisecond early; anything more is a host that asks too soon.
  if (now < dueAt - 1) return { kind: 'hold', until: dueAt, reason: 'not_due' }
  read['give_up_at'] = dueAt + giveUpMs
  return now > dueAt + giveUpMs ? { kind: 'refuse', reason: 'gave_up' } : undefined
}

/** A ghost takes no code, so nothing can have expired for it. */
function offerExpired(
  { action }: DecisionRequest,
  facts: Facts,
  now: number,
  read: Record<string, unknown>,
): Answer | undefined {
  if (action.offer === undefined || facts.code === null || facts.heldOut) return undefined
  read['offer_valid_until'] = facts.code.validUntil
  return facts.code.validUntil <= now ? { kind: 'refuse', reason: 'offer_expired' } : undefined
}
