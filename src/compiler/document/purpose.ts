import { CHANNELS } from '../../core/compiled-journey.ts'
import type { Purpose } from '../../core/workspace.ts'
import { entryOf, type MapEntry, type MapNode, type Node, type ScalarNode } from '../source/node.ts'
import { optional } from './journey.ts'
import type { Located } from './located.ts'
import { mapOf, needText, readAs, readList, readMap, readText, textOf } from './located.ts'
import { parseDuration } from './scalar-grammar.ts'

/** One purpose of segue.yaml: what it means, and the places that rules point at. */
export interface PurposeDocument {
  readonly key: ScalarNode
  readonly purpose: Purpose
  /** The key `keywords`, if they are declared. */
  readonly keywordsKey?: ScalarNode
  readonly keywords: readonly Located<string>[]
}

export function readPurpose({ key, value }: MapEntry): PurposeDocument {
  const map = mapOf(value)
  const keywords = readList(map, 'keywords').map(textOf)
  const disclosure = readMap(map, 'disclosure')
  return {
    key,
    ...optional('keywordsKey', entryOf(map, 'keywords')?.key),
    keywords,
    purpose: {
      class: needText(map, 'class').value === 'transactional' ? 'transactional' : 'marketing',
      description: needText(map, 'description').value,
      ...optional('title', readText(map, 'title')?.value),
      ...optional('optIn', readOptIn(entryOf(map, 'opt_in')?.value)),
      ...optional('frequency', readText(map, 'frequency')?.value),
      ...(keywords.length === 0 ? {} : { keywords: keywords.map((keyword) => keyword.value) }),
      ...optional('disclosure', disclosure && readDisclosure(disclosure)),
      ...optional('consentExpiresAfterMs', readAs(map, 'consent_expires_after', parseDuration)?.value),
    },
  }
}

/** One word is for every channel. A channel that a map leaves out is single. */
function readOptIn(node: Node | undefined): Purpose['optIn'] {
  if (node === undefined) return undefined
  return Object.fromEntries(
    CHANNELS.flatMap((channel) => {
      const word = node.kind === 'map' ? readText(node, channel) : textOf(node)
      return word === undefined ? [] : [[channel, word.value === 'double' ? 'double' : 'single'] as const]
    }),
  )
}

function readDisclosure(map: MapNode): NonNullable<Purpose['disclosure']> {
  return { text: needText(map, 'text').value, version: needText(map, 'version').value }
}
