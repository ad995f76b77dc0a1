import type { ErrorObject } from 'ajv'
import type { Node } from '../source/node.ts'

/** Says in words which limit of size or number was passed. */
export function countMessage(error: ErrorObject, node: Node): string {
  const limit = String(error.params['limit'] ?? '')
  switch (error.keyword) {
    case 'minItems':
    case 'minProperties':
      return `needs at least ${limit} ${limit === '1' ? 'entry' : 'entries'}`
    case 'maxItems':
    case 'maxProperties':
      return `has ${sizeOf(node)} entries; at most ${limit} are allowed`
    case 'maxLength':
      return `is longer than ${limit} characters`
    case 'minimum':
      return `must be at least ${limit}`
    case 'exclusiveMinimum':
      return `must be more than ${limit}`
    case 'maximum':
      return `must be at most ${limit}`
    case 'uniqueItems':
      return 'has the same entry twice'
    default:
      return error.message ?? 'is not allowed'
  }
}

function sizeOf(node: Node): number {
  return node.kind === 'map' ? node.entries.length : node.kind === 'list' ? node.items.length : 0
}
