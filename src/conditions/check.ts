import type { ASTNode } from '@marcbachmann/cel-js'
import { TypeError as CelTypeError } from '@marcbachmann/cel-js'
import type { Expression } from '../core/compiled-journey.ts'
import { environmentOf, typeInWords } from './environment.ts'
import type { ExpressionProblem } from './problem.ts'
import { parseProgram } from './program.ts'
import { References } from './references.ts'
import type { Scope } from './scope.ts'

export type { Scope } from './scope.ts'
export type { ExpressionProblem } from './problem.ts'

export type CheckedExpression =
  | { readonly kind: 'ok'; readonly expression: Expression; readonly warnings: readonly ExpressionProblem[] }
  | { readonly kind: 'invalid'; readonly problems: readonly ExpressionProblem[] }

/**
 * Checks a CEL condition against schemas, without evaluating anything. User mistakes come back as problems; nothing throws.
 *
 * @param expect `bool` for `if` and `unless`; `key` for `key`, which may be a text or a number.
 */
export function checkExpression(source: string, scope: Scope, expect: 'bool' | 'key' = 'bool'): CheckedExpression {
  const program = parseProgram(source)
  if (program.kind === 'unparsable') {
    const { message, start, end } = program
    return { kind: 'invalid', problems: [{ code: program.tooLarge ? 'SEG406' : 'SEG401', message, start, end }] }
  }
  const references = new References(source, scope)
  references.visit(program.ast)
  // A wrong name makes the type check say the same thing a second time, in worse words.
  if (references.problems.length > 0) return { kind: 'invalid', problems: references.problems }

  const types = environmentOf(scope).check(source)
  if (!types.valid) return { kind: 'invalid', problems: [typeProblem(source, types.error)] }
  const allowed = expect === 'bool' ? ['bool'] : ['string', 'double', 'int']
  if (!allowed.includes(types.type ?? '')) {
    return { kind: 'invalid', problems: [resultProblem(program.ast, source, types.type ?? 'nothing', expect)] }
  }
  const reads = [...references.reads].toSorted()
  return { kind: 'ok', expression: { source, reads }, warnings: references.warnings }
}

function resultProblem(ast: ASTNode, source: string, type: string, expect: 'bool' | 'key'): ExpressionProblem {
  const wanted = expect === 'bool' ? 'true or false' : 'a text or a number'
  const message = `a ${expect === 'bool' ? 'condition' : 'key'} must be ${wanted}, this is ${typeInWords(type)}`
  return { code: 'SEG405', message, start: ast.start, end: Math.max(ast.end, Math.min(1, source.length)) }
}

function typeProblem(source: string, error: unknown): ExpressionProblem {
  if (!(error instanceof CelTypeError)) {
    return { code: 'SEG404', message: 'the types do not fit', start: 0, end: source.length }
  }
  const start = error.range?.start ?? 0
  const end = Math.max(error.range?.end ?? source.length, start)
  return { code: 'SEG404', message: typeMessage(error.summary), start, end }
}

function typeMessage(summary: string): string {
  const operator = /^no such overload: (.+) (==|!=|<=?|>=?|in|[-+*/%]) (.+)$/.exec(summary)
  if (operator !== null) {
    const [, left = '', sign = '', right = ''] = operator
    const message = `${typeInWords(left)} and ${typeInWords(right)} do not go together with ${sign}`
    const instantAndText = [left, right].includes('string') && [left, right].includes('google.protobuf.Timestamp')
    return instantAndText ? `${message}; write the instant as timestamp("2026-12-24T18:00:00Z")` : message
  }
  const negation = /^no such overload: ([!-])(.+)$/.exec(summary)
  if (negation !== null) return `${negation[1]} does not go together with ${typeInWords(negation[2] ?? '')}`
  const call = /^found no matching overload for '(?:(.+)\.)?(\w+)\((.*)\)'/.exec(summary)
  if (call !== null) {
    const [, receiver, name = '', given = ''] = call
    const types = [receiver, ...given.split(', ')].filter((type) => type !== undefined && type !== '')
    return `${name}() does not take ${types.map((type) => typeInWords(type ?? '')).join(' and ')}`
  }
  const operand = /^Logical operator requires bool operands, got '(.+)'/.exec(summary)
  if (operand !== null) return `&& and || join conditions, this is ${typeInWords(operand[1] ?? '')}`
  return summary.replaceAll(/'([\w.<>]+)'/g, (_quoted, type: string) => typeInWords(type))
}
