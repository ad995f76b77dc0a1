import type { Expression } from '../core/compiled-journey.ts'
import { Evaluation, Unknown } from './evaluation.ts'
import type { ConditionFacts } from './facts.ts'
import { ProgramCache } from './program.ts'

export type { ConditionFacts, StepFacts } from './facts.ts'

/** What was read, by dotted path; `null` for a fact that was looked for and is not there. Personal data: never logged. */
export type FactsRead = Readonly<Record<string, unknown>>

export type Evaluated =
  | { readonly kind: 'true' | 'false'; readonly read: FactsRead }
  /** `missing` names the fact, or quotes the part of the expression, without which there is no answer. */
  | { readonly kind: 'unknown'; readonly missing: string; readonly read: FactsRead }

const programs = new ProgramCache(2_000)

/**
 * The answer to a condition, from the facts alone. Never throws.
 *
 * Three-valued (Kleene): a fact that is missing, null or of another type than the expression needs is unknown, and so is everything
 * that depends on it; `false && x` is false and `true || x` is true whatever x is. Unknown is never true and never false,
 * so neither `if` nor `unless` may send on it. `has(x)` is always known.
 */
export function evaluate(expression: Expression, facts: ConditionFacts): Evaluated {
  const { value, read } = run(expression, facts)
  if (value instanceof Unknown) return { kind: 'unknown', missing: value.missing, read }
  if (typeof value !== 'boolean') return { kind: 'unknown', missing: expression.source, read }
  return { kind: value ? 'true' : 'false', read }
}

/** The value of a key expression as text, or undefined when it is unknown, empty, or neither text nor number. */
export function evaluateKey(expression: Expression, facts: ConditionFacts): string | undefined {
  const { value } = run(expression, facts)
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)) ? String(value) : undefined
}

function run(expression: Expression, facts: ConditionFacts): { readonly value: unknown; readonly read: FactsRead } {
  const program = programs.get(expression.source)
  if (program.kind === 'unparsable') return { value: new Unknown(expression.source), read: {} }
  const evaluation = new Evaluation(expression.source, facts)
  return { value: evaluation.of(program.ast), read: evaluation.read }
}
