import type { Channel, Rate, Reentry } from '../../core/compiled-journey.ts'
import { CHANNELS } from '../../core/compiled-journey.ts'
import { entryOf, type MapEntry, type MapNode, type ScalarNode } from '../source/node.ts'
import type { Located } from './located.ts'
import {
  mapOf,
  needMap,
  needText,
  readAs,
  readEntries,
  readList,
  readMap,
  readNumber,
  readText,
  textOf,
} from './located.ts'
import { parseDuration, parseRate, parseReentry, parseShare, parseSpread } from './scalar-grammar.ts'

/** A journey as written: names not yet looked up, expressions not yet checked, every value with its place. */
export interface JourneyDocument {
  readonly root: MapNode
  readonly id: Located<string>
  readonly description?: Located<string>
  readonly owner?: Located<string>
  readonly purpose: Located<string>
  readonly policy?: Located<string>
  readonly enter: EntryDocument
  readonly goal?: GoalDocument
  readonly exitOn: readonly MatchDocument[]
  readonly limits: LimitsDocument
  readonly offers: readonly OfferDocument[]
  readonly steps: readonly StepDocument[]
}

export interface MatchDocument {
  readonly event: Located<string>
  readonly if?: Located<string>
}

export interface EntryDocument extends MatchDocument {
  readonly key?: Located<string>
  readonly reentry?: Located<Reentry>
  readonly holdout?: Located<number>
}

export interface GoalDocument extends MatchDocument {
  readonly within?: Located<number>
}

export interface LimitsDocument {
  readonly cap?: Located<Rate>
  readonly minGap?: Located<number>
  readonly giveUpAfter?: Located<number>
}

export interface OfferDocument {
  readonly name: string
  readonly key: ScalarNode
  readonly map: MapNode
  readonly percent?: Located<number>
  readonly amount?: Located<string>
  readonly codes: Located<string>
  readonly validFor: Located<number>
}

export interface StepDocument {
  readonly id: string
  readonly key: ScalarNode
  readonly map: MapNode
  readonly at: Located<number>
  readonly from?: Located<string>
  readonly spread?: Located<{ readonly minMs: number; readonly maxMs: number }>
  readonly if?: Located<string>
  readonly unless?: Located<string>
  /** One for each action key; a valid step has exactly one. */
  readonly actions: readonly ActionDocument[]
  readonly fallback?: { readonly key: ScalarNode; readonly actions: readonly ActionDocument[] }
  readonly fallbackWithin?: Located<number>
}

export interface ActionDocument {
  readonly channel: Channel
  readonly key: ScalarNode
  readonly template: Located<string>
  readonly subject?: Located<string> | ExperimentDocument
  readonly offer?: Located<string>
  /** Of a text; empty for emails. */
  readonly media: readonly Located<string>[]
}

export interface ExperimentDocument {
  readonly experiment: Located<string>
  readonly arms: readonly { readonly name: string; readonly key: ScalarNode; readonly text: Located<string> }[]
}

export function readJourney(root: MapNode): JourneyDocument {
  const enter = needMap(root, 'enter')
  const goal = readMap(root, 'goal')
  const limits = readMap(root, 'limits')
  return {
    root,
    id: needText(root, 'journey'),
    ...optional('description', readText(root, 'description')),
    ...optional('owner', readText(root, 'owner')),
    purpose: needText(root, 'purpose'),
    ...optional('policy', readText(root, 'policy')),
    enter: {
      ...readMatch(enter),
      ...optional('key', readText(enter, 'key')),
      ...optional('reentry', readAs(enter, 'reentry', parseReentry)),
      ...optional('holdout', readAs(enter, 'holdout', parseShare)),
    },
    ...optional('goal', goal && { ...readMatch(goal), ...optional('within', readAs(goal, 'within', parseDuration)) }),
    exitOn: readList(root, 'exit_on').map((item) => readMatch(mapOf(item))),
    limits: {
      ...optional('cap', readAs(limits, 'cap', parseRate)),
      ...optional('minGap', readAs(limits, 'min_gap', parseDuration)),
      ...optional('giveUpAfter', readAs(limits, 'give_up_after', parseDuration)),
    },
    offers: readEntries(root, 'offers').map(readOffer),
    steps: readEntries(root, 'steps').map(readStep),
  }
}

function readMatch(map: MapNode): MatchDocument {
  return { event: needText(map, 'event'), ...optional('if', readText(map, 'if')) }
}

function readOffer({ name, key, value }: MapEntry): OfferDocument {
  const map = mapOf(value)
  const validFor = needText(map, 'valid_for')
  return {
    name,
    key,
    map,
    ...optional('percent', readNumber(map, 'percent')),
    ...optional('amount', readText(map, 'amount')),
    codes: needText(map, 'codes'),
    validFor: { value: parseDuration(validFor.value), node: validFor.node },
  }
}

function readStep({ name, key, value }: MapEntry): StepDocument {
  const map = mapOf(value)
  const at = needText(map, 'at')
  const fallback = entryOf(map, 'fallback')
  return {
    id: name,
    key,
    map,
    at: { value: parseDuration(at.value), node: at.node },
    ...optional('from', readText(map, 'from')),
    ...optional('spread', readAs(map, 'spread', parseSpread)),
    ...optional('if', readText(map, 'if')),
    ...optional('unless', readText(map, 'unless')),
    actions: readActions(map),
    ...optional('fallback', fallback && { key: fallback.key, actions: readActions(mapOf(fallback.value)) }),
    ...optional('fallbackWithin', readAs(map, 'fallback_within', parseDuration)),
  }
}

function readActions(map: MapNode): readonly ActionDocument[] {
  return CHANNELS.flatMap((channel) => {
    const entry = entryOf(map, channel)
    if (entry === undefined) return []
    const action = mapOf(entry.value)
    return [
      {
        channel,
        key: entry.key,
        template: needText(action, 'template'),
        ...optional('subject', readSubject(action)),
        ...optional('offer', readText(action, 'offer')),
        media: readList(action, 'media').map(textOf),
      },
    ]
  })
}

function readSubject(action: MapNode): Located<string> | ExperimentDocument | undefined {
  const node = entryOf(action, 'subject')?.value
  if (node === undefined) return undefined
  if (node.kind !== 'map') return textOf(node)
  const arms = readEntries(node, 'arms').map(({ name, key, value }) => ({ name, key, text: textOf(value) }))
  return { experiment: needText(node, 'experiment'), arms }
}

/** A member only if there is a value: exact optional properties have no undefined. */
export function optional<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  if (value === undefined) return {}
  const member: { [key in K]?: V } = {}
  member[name] = value
  return member
}
