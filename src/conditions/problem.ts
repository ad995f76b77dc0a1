/**
 * Codes of the expression family. The texts for people are in docs/diagnostics.
 *
 * - `SEG401` cannot be read (syntax)
 * - `SEG402` no such fact
 * - `SEG403` no such function, or one that conditions may not use
 * - `SEG404` types do not fit
 * - `SEG405` the whole is not true or false (or, for a key, not a text or number)
 * - `SEG406` too large
 * - `SEG407` no such step
 * - `SEG408` compared with a value that the fact can never have
 * - `SEG409` weak evidence (a warning: the expression is valid)
 */
export type ExpressionCode =
  | 'SEG401'
  | 'SEG402'
  | 'SEG403'
  | 'SEG404'
  | 'SEG405'
  | 'SEG406'
  | 'SEG407'
  | 'SEG408'
  | 'SEG409'

/** Offsets are UTF-16 units in the expression's source; `suggestion` is text that may replace the range. */
export interface ExpressionProblem {
  readonly code: ExpressionCode
  readonly message: string
  readonly start: number
  readonly end: number
  readonly suggestion?: string
}
