import type { ExpressionProblem } from '../../conditions/check.ts'

/** Operators of other languages, and what they are here. */
const OPERATORS: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!', is: '==' }

/** What to write instead, where a condition stops at a slip that people often make; undefined where it is another one. */
export function conditionSlip(condition: string, problem: ExpressionProblem): string | undefined {
  const found = condition.slice(problem.start, Math.max(problem.end, problem.start + 1))
  if (problem.code === 'SEG404') {
    const number = /^["'](\d+(?:\.\d+)?)["']$/.exec(found)?.[1]
    return number === undefined ? undefined : `write ${number} without quotes, if a number is meant`
  }
  if (problem.code !== 'SEG401') return undefined
  const rest = condition.slice(problem.start)
  const quote = /^["']/.exec(rest)?.[0]
  if (quote !== undefined) return `the closing ${quote} is missing`
  if (/^[\u2018-\u201f]/.test(rest)) return 'write straight quotes'
  const word = /^[a-z]+/i.exec(rest)?.[0].toLowerCase() ?? ''
  return Object.hasOwn(OPERATORS, word) ? `write ${OPERATORS[word]}` : undefined
}
