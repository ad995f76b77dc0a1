import type { Channel, Rate } from '../../core/compiled-journey.ts'
import { CHANNELS } from '../../core/compiled-journey.ts'
import type { DayWindow, ObjectSchema, Purpose } from '../../core/workspace.ts'
import { entryOf, type MapEntry, type MapNode, type ScalarNode } from '../source/node.ts'
import { readObjectSchema } from './field-schema.ts'
import { optional } from './journey.ts'
import type { Located } from './located.ts'
import { mapOf, needMap, needText, readAs, readEntries, readMap, readNumber, readText, textOf } from './located.ts'
import { parseDayWindow, parseDuration, parseRate } from './scalar-grammar.ts'

/** The files that all journeys share, as written. */

export interface SegueDocument {
  readonly root: MapNode
  readonly timezone: Located<string>
  readonly defaultPolicy?: Located<string>
  readonly environments: readonly {
    readonly name: string
    readonly key: ScalarNode
    readonly timeScale?: Located<number>
  }[]
  readonly purposes: ReadonlyMap<string, Purpose>
  readonly senders: readonly SenderDocument[]
  readonly contact: ObjectSchema
}

export interface SenderDocument {
  readonly name: string
  readonly key: ScalarNode
  readonly map: MapNode
  readonly provider: Located<string>
  readonly email?: Located<string>
  readonly number?: Located<string>
  readonly displayName?: Located<string>
  readonly replyTo?: Located<string>
}

export interface PolicyDocument {
  readonly root: MapNode
  readonly name: Located<string>
  readonly brand: Located<string>
  readonly postalAddress: Located<string>
  readonly senders: readonly { readonly channel: Channel; readonly sender: Located<string> }[]
  readonly sendWindow: readonly { readonly channel: Channel; readonly window: Located<DayWindow> }[]
  readonly caps: readonly (Rate & { readonly channel?: Channel })[]
  readonly whenCapped: 'refuse' | 'hold'
  readonly minGap: Located<number>
  readonly giveUpAfter: Located<number>
  readonly utm: ReadonlyMap<string, string>
}

export interface EventDocument {
  readonly root: MapNode
  readonly name: Located<string>
  readonly schema: ObjectSchema
}

export interface CodesDocument {
  readonly root: MapNode
  readonly name: Located<string>
  readonly generated?: { readonly key: ScalarNode; readonly prefix: string; readonly length: number }
  readonly file?: Located<string>
}

export function readSegue(root: MapNode): SegueDocument {
  return {
    root,
    timezone: needText(root, 'timezone'),
    ...optional('defaultPolicy', readText(root, 'default_policy')),
    environments: readEntries(root, 'environments').map(({ name, key, value }) => ({
      name,
      key,
      ...optional('timeScale', readNumber(mapOf(value), 'time_scale')),
    })),
    purposes: new Map(readEntries(root, 'purposes').map(({ name, value }) => [name, readPurpose(mapOf(value))])),
    senders: readEntries(root, 'senders').map(readSender),
    contact: readObjectSchema(needMap(root, 'contact'), undefined),
  }
}

function readPurpose(map: MapNode): Purpose {
  const transactional = needText(map, 'class').value === 'transactional'
  return { class: transactional ? 'transactional' : 'marketing', description: needText(map, 'description').value }
}

function readSender({ name, key, value }: MapEntry): SenderDocument {
  const map = mapOf(value)
  return {
    name,
    key,
    map,
    provider: needText(map, 'provider'),
    ...optional('email', readText(map, 'email')),
    ...optional('number', readText(map, 'number')),
    ...optional('displayName', readText(map, 'name')),
    ...optional('replyTo', readText(map, 'reply_to')),
  }
}

export function readPolicy(root: MapNode): PolicyDocument {
  const caps = readMap(root, 'caps')
  const window = readMap(root, 'send_window')
  const senders = readMap(root, 'senders')
  return {
    root,
    name: needText(root, 'policy'),
    brand: needText(root, 'brand'),
    postalAddress: needText(root, 'postal_address'),
    senders: CHANNELS.flatMap((channel) => {
      const sender = readText(senders, channel)
      return sender === undefined ? [] : [{ channel, sender }]
    }),
    sendWindow: CHANNELS.flatMap((channel) => {
      const hours = readAs(window, channel, parseDayWindow)
      return hours === undefined ? [] : [{ channel, window: hours }]
    }),
    caps: [
      ...readRates(caps, 'all'),
      ...CHANNELS.flatMap((channel) => readRates(caps, channel).map((rate) => ({ ...rate, channel }))),
    ],
    whenCapped: readText(root, 'when_capped')?.value === 'hold' ? 'hold' : 'refuse',
    minGap: needDuration(root, 'min_gap'),
    giveUpAfter: needDuration(root, 'give_up_after'),
    utm: new Map(readEntries(root, 'utm').map(({ name, value }) => [name, textOf(value).value])),
  }
}

function readRates(caps: MapNode | undefined, name: string): readonly Rate[] {
  const node = caps === undefined ? undefined : entryOf(caps, name)?.value
  if (node === undefined) return []
  return (node.kind === 'list' ? node.items : [node]).map((item) => parseRate(textOf(item).value))
}

function needDuration(map: MapNode, name: string): Located<number> {
  const text = needText(map, name)
  return { value: parseDuration(text.value), node: text.node }
}

export function readEvent(root: MapNode): EventDocument {
  const schema = readObjectSchema(needMap(root, 'properties'), entryOf(root, 'required')?.value)
  return { root, name: needText(root, 'event'), schema }
}

export function readCodes(root: MapNode): CodesDocument {
  const generated = entryOf(root, 'generated')
  const map = readMap(root, 'generated')
  return {
    root,
    name: needText(root, 'codes'),
    ...optional(
      'generated',
      generated && {
        key: generated.key,
        prefix: readText(map, 'prefix')?.value ?? '',
        length: readNumber(map, 'length')?.value ?? 0,
      },
    ),
    ...optional('file', readText(root, 'file')),
  }
}
