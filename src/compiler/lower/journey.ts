import {
  ENTRY,
  type CompiledJourney,
  type EventMatch,
  type Expression,
  type Limits,
  type MessageAction,
  type Offer,
  type Step,
} from '../../core/compiled-journey.ts'
import { impliedGoal } from '../bind/implied-goal.ts'
import {
  optional,
  type ActionDocument,
  type MatchDocument,
  type OfferDocument,
  type StepDocument,
} from '../document/journey.ts'
import type { Located } from '../document/located.ts'
import { deepFreeze } from '../freeze.ts'
import type { JourneyContext } from '../rules/rule.ts'

/** How long a carrier's bad news may still send a fallback, when the author does not say: 4 hours, in milliseconds. */
const DEFAULT_FALLBACK_WITHIN_MS = 14_400_000

/** A journey without errors, as every host runs it. What was a default in YAML is spelled out here, so that a later default changes no old version. */
export function lowerJourney(context: JourneyContext): CompiledJourney {
  const { journey, policyName } = context
  const { enter, goal } = journey
  return deepFreeze({
    semantics: 1,
    id: journey.id.value,
    ...optional('description', journey.description?.value),
    ...optional('owner', journey.owner?.value),
    purpose: journey.purpose.value,
    policy: bound(policyName, 'policy'),
    enter: {
      kind: 'event',
      ...lowerMatch(context, enter),
      ...optional('key', lowerCondition(context, enter.key)),
      reentry: enter.reentry?.value ?? { kind: 'never' },
      ...optional('holdout', enter.holdout?.value),
    },
    ...optional('goal', goal && { ...lowerMatch(context, goal), ...optional('withinMs', goal.within?.value) }),
    exitOn: journey.exitOn.map((match) => lowerMatch(context, match)),
    limits: lowerLimits(context),
    offers: Object.fromEntries(journey.offers.map((offer) => [offer.name, lowerOffer(offer)])),
    steps: journey.steps.map((step) => lowerStep(context, step)),
  })
}

function lowerMatch(context: JourneyContext, match: MatchDocument): EventMatch {
  return { event: match.event.value, ...optional('if', lowerCondition(context, match.if)) }
}

function lowerCondition(context: JourneyContext, condition: Located<string> | undefined): Expression | undefined {
  return condition === undefined ? undefined : bound(context.expressions.get(condition.node), condition.value)
}

function lowerLimits({ journey: { limits }, policy, purpose }: JourneyContext): Limits {
  // Transactional messages pass gaps, at the gate as in the run.
  if (purpose?.class === 'transactional') return optional('giveUpAfterMs', limits.giveUpAfter?.value)
  return {
    ...optional('cap', limits.cap?.value),
    ...optional('minGapMs', limits.minGap?.value),
    ...optional('orderGapMs', policy?.document.minGap.value),
    ...optional('giveUpAfterMs', limits.giveUpAfter?.value),
  }
}

function lowerOffer(offer: OfferDocument): Offer {
  return {
    ...optional('percent', offer.percent?.value),
    ...optional('amount', offer.amount?.value),
    codes: offer.codes.value,
    validForMs: offer.validFor.value,
  }
}

function lowerStep(context: JourneyContext, step: StepDocument): Step {
  const fallback = step.fallback?.actions[0]
  return {
    id: step.id,
    from: step.from?.value ?? ENTRY,
    offsetMs: step.at.value,
    ...optional('spread', step.spread?.value),
    ...optional('if', impliedGoal('if', step.if?.value) === undefined ? lowerCondition(context, step.if) : undefined),
    ...optional(
      'unless',
      impliedGoal('unless', step.unless?.value) === undefined ? lowerCondition(context, step.unless) : undefined,
    ),
    action: lowerAction(context, bound(step.actions[0], step.id)),
    ...optional('fallback', fallback && lowerAction(context, fallback)),
    ...optional('fallbackWithinMs', fallback && (step.fallbackWithin?.value ?? DEFAULT_FALLBACK_WITHIN_MS)),
  }
}

function lowerAction(context: JourneyContext, action: ActionDocument): MessageAction {
  const { template, subject } = action
  const file = context.templates.get(template.value)?.[action.channel]
  return {
    kind: 'message',
    channel: action.channel,
    template: template.value,
    content: bound(file?.compiled, template.value).hash,
    ...optional(
      'subject',
      subject && 'experiment' in subject
        ? {
            experiment: subject.experiment.value,
            arms: subject.arms.map(({ name, text }) => ({ name, text: text.value })),
          }
        : subject?.value,
    ),
    ...optional('offer', action.offer?.value),
    ...optional('media', action.media.length === 0 ? undefined : action.media.map((address) => address.value)),
  }
}

/** Lowering comes after every check: something unbound here is a bug. */
function bound<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`${name} is not bound although the journey has no errors`)
  return value
}
