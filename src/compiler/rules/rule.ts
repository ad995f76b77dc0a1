import type { Expression } from '../../core/compiled-journey.ts'
import type { Purpose } from '../../core/workspace.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import type { Declared, Names } from '../bind/names.ts'
import type { BoundTemplates } from '../bind/templates.ts'
import type { ActionDocument, JourneyDocument, StepDocument } from '../document/journey.ts'
import type { PolicyDocument } from '../document/policy.ts'
import type { ScalarNode } from '../source/node.ts'

/** One journey with everything that its names mean. Where a name means nothing, the member is absent and another rule says so. */
export interface JourneyContext {
  /** The file's name without its extension. */
  readonly fileName: string
  readonly source: SourceText
  readonly journey: JourneyDocument
  readonly names: Names
  readonly templates: BoundTemplates['templates']
  readonly expressions: ReadonlyMap<ScalarNode, Expression>
  /** The journey's policy, or the workspace's default. */
  readonly policyName?: string
  readonly policy?: Declared<PolicyDocument>
  readonly purpose?: Purpose
}

/** A rule looks at one journey and returns what is wrong with it. It keeps nothing and never throws for a user's mistake. */
export type JourneyRule = (context: JourneyContext) => readonly Diagnostic[]

/** How long a message of the journey may be held before it is given up, in milliseconds; the stricter of journey and policy. */
export function longestHold({ journey, policy }: JourneyContext): number {
  return Math.min(journey.limits.giveUpAfter?.value ?? Infinity, policy?.document.giveUpAfter.value ?? Infinity)
}

/** Every message of a journey, fallbacks included, in document order. */
export function messagesOf(journey: JourneyDocument): readonly {
  readonly step: StepDocument
  readonly action: ActionDocument
  readonly fallback: boolean
}[] {
  return journey.steps.flatMap((step) => [
    ...step.actions.map((action) => ({ step, action, fallback: false })),
    ...(step.fallback?.actions ?? []).map((action) => ({ step, action, fallback: true })),
  ])
}
