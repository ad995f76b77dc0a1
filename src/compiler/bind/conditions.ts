import { checkExpression, type ExpressionProblem, type Scope } from '../../conditions/check.ts'
import type { Expression } from '../../core/compiled-journey.ts'
import type { ObjectSchema } from '../../core/field-schema.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import type { JourneyDocument, MatchDocument } from '../document/journey.ts'
import type { Located } from '../document/located.ts'
import { quoted } from '../source/quoted.ts'
import type { ScalarNode } from '../source/node.ts'
import { commentAfter } from '../source/cut.ts'
import { spanInScalar } from '../source/scalar-offsets.ts'
import { conditionSlip } from './condition-slip.ts'
import { impliedGoal } from './implied-goal.ts'
import type { Names } from './names.ts'

export interface BoundConditions {
  /** The checked expression of each place that holds one. Places with findings are absent. */
  readonly expressions: ReadonlyMap<ScalarNode, Expression>
  readonly diagnostics: readonly Diagnostic[]
}

/** Type-checks every condition of a journey against the events and traits that it can see. */
export function bindConditions(source: SourceText, journey: JourneyDocument, names: Names): BoundConditions {
  const expressions = new Map<ScalarNode, Expression>()
  const diagnostics: Diagnostic[] = []
  const contact = names.segue?.document.contact
  const schemaOf = (event: Located<string>): ObjectSchema | undefined =>
    names.events.entries.get(event.value)?.document.schema
  const trigger = schemaOf(journey.enter.event)
  // Without the schemas every fact would look unknown; their absence is a finding of its own.
  if (contact === undefined || trigger === undefined) return { expressions, diagnostics }

  const check = (condition: Located<string> | undefined, scope: Scope, expect: 'bool' | 'key' = 'bool'): void => {
    if (condition === undefined) return
    const result = checkExpression(condition.value, scope, expect)
    if (result.kind === 'ok') expressions.set(condition.node, result.expression)
    const problems = result.kind === 'ok' ? result.warnings : result.problems
    const cut = result.kind === 'ok' ? undefined : cutOff(source, condition)
    if (cut !== undefined) diagnostics.push(cut)
    else diagnostics.push(...problems.map((problem) => problemDiagnostic(source, condition, problem, scope)))
  }

  const entryScope: Scope = { contact, trigger, steps: [] }
  check(journey.enter.if, entryScope)
  check(journey.enter.key, entryScope, 'key')
  const endings: readonly MatchDocument[] = [...(journey.goal === undefined ? [] : [journey.goal]), ...journey.exitOn]
  for (const ending of endings) {
    const event = schemaOf(ending.event)
    if (event !== undefined) check(ending.if, { contact, trigger, event, steps: [] })
  }
  const stepScope: Scope = { contact, trigger, steps: journey.steps.map((step) => step.id) }
  for (const step of journey.steps) {
    for (const key of ['if', 'unless'] as const) {
      if (impliedGoal(key, step[key]?.value) === undefined) check(step[key], stepScope)
    }
  }
  return { expressions, diagnostics }
}

/** A condition that does not parse and is followed by ` #` most likely went on behind it. */
function cutOff(source: SourceText, condition: Located<string>): Diagnostic | undefined {
  const comment = commentAfter(source, condition.node)
  if (comment === undefined) return undefined
  const text = source.text.slice(condition.node.start, comment.end)
  return report(source, 'SEG105', {
    message: 'YAML cuts this condition off at #',
    at: { start: condition.node.start, end: comment.end, path: condition.node.path },
    help: 'quote the whole condition',
    fix: { at: { start: condition.node.start, end: comment.end }, text: quoted(text), applicability: 'maybe' },
  })
}

function problemDiagnostic(
  source: SourceText,
  condition: Located<string>,
  problem: ExpressionProblem,
  { steps }: Scope,
): Diagnostic {
  const { node } = condition
  const span = spanInScalar(source, node, problem.start, problem.end)
  const { suggestion } = problem
  return report(source, problem.code, {
    message: problem.message,
    at: { ...(span ?? node), path: node.path },
    help: suggestion === undefined ? conditionSlip(condition.value, problem) : advice(problem.code, suggestion),
    expected:
      problem.code === 'SEG407' && suggestion === undefined && steps.length > 0
        ? `${steps.length > 1 ? 'one of ' : ''}${steps.map((id) => JSON.stringify(id)).join(', ')}`
        : undefined,
    fix:
      suggestion === undefined || span === undefined || !fits(node, suggestion)
        ? undefined
        : { at: span, text: suggestion, applicability: 'maybe' },
  })
}

function advice(code: string, suggestion: string): string {
  if (code === 'SEG409') return `write ${suggestion}`
  return `did you mean ${suggestion.includes('"') ? suggestion : JSON.stringify(suggestion)}?`
}

/** Whether text can be put into the scalar as it is, without ending its quotes. */
function fits(node: ScalarNode, text: string): boolean {
  return node.style === 'single' ? !text.includes("'") : node.style === 'double' ? !/["\\]/.test(text) : true
}
