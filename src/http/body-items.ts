import type { ValidateFunction } from 'ajv'
import { whyNotStorable } from '../ingestion/segment-call.ts'
import type { BodyFinding } from './problem.ts'

export type BodyItems<Item> =
  | { readonly kind: 'items'; readonly items: readonly Item[] }
  | { readonly kind: 'invalid'; readonly errors: readonly BodyFinding[] }

const MAX_ITEMS = 1000
const MAX_FINDINGS = 50

/** Reads a body that is one item or a list of them. One that is wrong refuses all: half a list is hard to send again. */
export function readItems<Item>(body: unknown, validate: ValidateFunction<Item>): BodyItems<Item> {
  const isList = Array.isArray(body)
  const candidates: readonly unknown[] = isList ? body : [body]
  if (candidates.length > MAX_ITEMS) {
    const detail = `the list has ${candidates.length} items; send at most ${MAX_ITEMS} at a time`
    return { kind: 'invalid', errors: [{ pointer: '', detail }] }
  }
  const items: Item[] = []
  const errors: BodyFinding[] = []
  for (const [index, candidate] of candidates.entries()) {
    const unstorable = whyNotStorable(candidate)
    if (unstorable !== undefined) {
      const detail = unstorable === 'nested' ? 'is nested too deeply' : 'holds a NUL or half a surrogate pair'
      errors.push({ ...(isList && { index }), pointer: '', detail })
      continue
    }
    if (validate(candidate)) {
      items.push(candidate)
      continue
    }
    for (const error of validate.errors ?? []) {
      const which: unknown = error.params['allowedValues'] ?? error.params['additionalProperty']
      const detail = `${error.message ?? 'is not valid'}${which === undefined ? '' : `: ${JSON.stringify(which)}`}`
      errors.push({ ...(isList && { index }), pointer: error.instancePath, detail })
    }
  }
  return errors.length > 0 ? { kind: 'invalid', errors: errors.slice(0, MAX_FINDINGS) } : { kind: 'items', items }
}

/** The sentence of a problem's `detail`: the first finding in full, and how many more there are. */
export function describeFindings(errors: readonly BodyFinding[]): string {
  const [first] = errors
  if (first === undefined) return 'the body is not valid'
  const place = `${first.index === undefined ? 'the body' : `item ${first.index}`}${first.pointer}`
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
  return `${place}: ${first.detail}${more}; nothing was recorded`
}
