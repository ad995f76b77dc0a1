import { Duration, Instant, parseInstant } from './instants.ts'

/**
 * Operators on two known values. `undefined` means that there is no answer: types that do not fit, a division by zero.
 *
 * This is where CEL's own dynamic equality is not used on purpose: it calls values of different types unequal, so that
 * `contact.plan != "pro"` would be true for a contact whose plan arrived as a number, and would send.
 */
export function binary(operator: string, a: unknown, b: unknown): unknown {
  switch (operator) {
    case '==':
      return equal(a, b)
    case '!=':
      return not(equal(a, b))
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(operator, a, b)
    case 'in':
      return Array.isArray(b) ? includes(b, a) : undefined
    default:
      return arithmetic(operator, a, b)
  }
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
}

/** The instant that a value is or writes, if it is one. */
export function instantOf(value: unknown): number | undefined {
  if (value instanceof Instant) return value.ms
  return typeof value === 'string' ? parseInstant(value) : undefined
}

function equal(a: unknown, b: unknown): boolean | undefined {
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return a === b
  if (typeof a === 'string' && typeof b === 'string') return a === b
  if (a instanceof Duration && b instanceof Duration) return a.ms === b.ms
  if (a instanceof Instant || b instanceof Instant) {
    const [left, right] = [instantOf(a), instantOf(b)]
    return left === undefined || right === undefined ? undefined : left === right
  }
  return undefined
}

function ordered(operator: '<' | '<=' | '>' | '>=', a: unknown, b: unknown): boolean | undefined {
  const [left, right] = [magnitude(a), magnitude(b)]
  if (left === undefined || right === undefined || left.unit !== right.unit) return undefined
  switch (operator) {
    case '<':
      return left.size < right.size
    case '<=':
      return left.size <= right.size
    case '>':
      return left.size > right.size
    case '>=':
      return left.size >= right.size
    default:
      return operator satisfies never
  }
}

function magnitude(value: unknown): { readonly unit: string; readonly size: number } | undefined {
  if (isNumber(value)) return { unit: 'number', size: Number(value) }
  if (value instanceof Duration) return { unit: 'duration', size: value.ms }
  const instant = instantOf(value)
  return instant === undefined ? undefined : { unit: 'instant', size: instant }
}

/** An element of another type makes the answer unknown, unless the value is found elsewhere. */
function includes(list: readonly unknown[], value: unknown): boolean | undefined {
  let answer: boolean | undefined = false
  for (const element of list) {
    const same = equal(element, value)
    if (same === true) return true
    if (same === undefined) answer = undefined
  }
  return answer
}

function arithmetic(operator: string, a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') return integers(operator, a, b)
  if (isNumber(a) && isNumber(b)) return finite(doubles(operator, Number(a), Number(b)))
  if (operator === '+' && typeof a === 'string' && typeof b === 'string') return a + b
  return times(operator, a, b)
}

function integers(operator: string, a: bigint, b: bigint): bigint | undefined {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return b === 0n ? undefined : a / b
    case '%':
      return b === 0n ? undefined : a % b
    default:
      return undefined
  }
}

function doubles(operator: string, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    default:
      return undefined
  }
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

function times(operator: string, a: unknown, b: unknown): unknown {
  const [left, right] = [instantOf(a), instantOf(b)]
  if (operator === '-' && left !== undefined && right !== undefined) return new Duration(left - right)
  if (a instanceof Duration && b instanceof Duration) {
    if (operator === '+') return new Duration(a.ms + b.ms)
    return operator === '-' ? new Duration(a.ms - b.ms) : undefined
  }
  if (left !== undefined && b instanceof Duration) {
    if (operator === '+') return new Instant(left + b.ms)
    return operator === '-' ? new Instant(left - b.ms) : undefined
  }
  return operator === '+' && a instanceof Duration && right !== undefined ? new Instant(right + a.ms) : undefined
}
