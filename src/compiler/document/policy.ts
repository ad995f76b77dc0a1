import type { Channel, Rate } from '../../core/compiled-journey.ts'
import { CHANNELS } from '../../core/compiled-journey.ts'
import type { DayWindow, Policy } from '../../core/workspace.ts'
import { entryOf, type MapNode, type Node } from '../source/node.ts'
import { optional } from './journey.ts'
import type { Located } from './located.ts'
import { needText, readAs, readEntries, readList, readMap, readNumber, readText, textOf } from './located.ts'
import { parseDayWindow, parseDuration, parseOptOutWording, parseRate, parseShare } from './scalar-grammar.ts'

/** One file of `policies/`, as written. */
export interface PolicyDocument {
  readonly root: MapNode
  readonly name: Located<string>
  readonly brand: Located<string>
  readonly postalAddress: Located<string>
  readonly senders: readonly { readonly channel: Channel; readonly sender: Located<string> }[]
  readonly sendWindow: readonly { readonly channel: Channel; readonly window: Located<DayWindow> }[]
  readonly caps: readonly (Rate & { readonly channel?: Channel; readonly purpose?: string })[]
  /** The purposes that have caps of their own. */
  readonly cappedPurposes: readonly Located<string>[]
  readonly whenCapped: 'refuse' | 'hold'
  readonly minGap: Located<number>
  readonly channelGap?: Located<number>
  readonly giveUpAfter: Located<number>
  readonly priorities: readonly Located<string>[]
  readonly openingSpread?: Located<number>
  readonly sunsetAfter?: Located<number>
  readonly stopScope?: NonNullable<Policy['stopScope']>
  /** Absent: every message. */
  readonly optOutEveryMs?: number
  readonly replies?: RepliesDocument
  readonly health?: HealthDocument
  readonly links?: LinksDocument
  readonly utm: ReadonlyMap<string, string>
}

export interface RepliesDocument {
  readonly email?: Located<string>
  readonly webhook?: Located<string>
  readonly pauseMs: number
}

export interface HealthDocument {
  readonly complaintWarn: Located<number>
  readonly complaintStop: Located<number>
  readonly bounceWarn: Located<number>
  readonly bounceStop: Located<number>
  readonly leastMessages: number
}

export interface LinksDocument {
  readonly terms?: Located<string>
  readonly privacy?: Located<string>
  readonly support?: Located<string>
}

export function readPolicy(root: MapNode): PolicyDocument {
  const caps = readMap(root, 'caps')
  const window = readMap(root, 'send_window')
  const senders = readMap(root, 'senders')
  const byPurpose = readEntries(caps, 'purposes')
  const replies = readMap(root, 'replies')
  const health = readMap(root, 'health')
  const links = readMap(root, 'links')
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
      ...byPurpose.flatMap(({ name, value }) => ratesOf(value).map((rate) => ({ ...rate, purpose: name }))),
    ],
    cappedPurposes: byPurpose.map(({ name, key }) => ({ value: name, node: key })),
    whenCapped: readText(root, 'when_capped')?.value === 'hold' ? 'hold' : 'refuse',
    minGap: needDuration(root, 'min_gap'),
    ...optional('channelGap', readAs(root, 'channel_gap', parseDuration)),
    giveUpAfter: needDuration(root, 'give_up_after'),
    priorities: readList(root, 'priorities').map(textOf),
    ...optional('openingSpread', readAs(root, 'opening_spread', parseDuration)),
    ...optional('sunsetAfter', readAs(root, 'sunset_after', parseDuration)),
    ...optional('stopScope', readAs(root, 'stop_scope', scopeOf)?.value),
    ...optional('optOutEveryMs', readAs(root, 'opt_out_wording', parseOptOutWording)?.value),
    ...optional('replies', replies && readReplies(replies)),
    ...optional('health', health && readHealth(health)),
    ...optional('links', links && readLinks(links)),
    utm: new Map(readEntries(root, 'utm').map(({ name, value }) => [name, textOf(value).value])),
  }
}

function readRates(caps: MapNode | undefined, name: string): readonly Rate[] {
  const node = caps === undefined ? undefined : entryOf(caps, name)?.value
  return node === undefined ? [] : ratesOf(node)
}

function ratesOf(node: Node): readonly Rate[] {
  return (node.kind === 'list' ? node.items : [node]).map((item) => parseRate(textOf(item).value))
}

function needDuration(map: MapNode, name: string): Located<number> {
  const text = needText(map, name)
  return { value: parseDuration(text.value), node: text.node }
}

function scopeOf(word: string): NonNullable<Policy['stopScope']> {
  return word === 'purpose' || word === 'everything' ? word : 'marketing'
}

function readReplies(map: MapNode): RepliesDocument {
  return {
    ...optional('email', readText(map, 'email')),
    ...optional('webhook', readText(map, 'webhook')),
    pauseMs: needDuration(map, 'pause').value,
  }
}

function readHealth(map: MapNode): HealthDocument {
  return {
    complaintWarn: needShare(map, 'complaint_warn'),
    complaintStop: needShare(map, 'complaint_stop'),
    bounceWarn: needShare(map, 'bounce_warn'),
    bounceStop: needShare(map, 'bounce_stop'),
    leastMessages: readNumber(map, 'least_messages')?.value ?? 1,
  }
}

function needShare(map: MapNode, name: string): Located<number> {
  const text = needText(map, name)
  return { value: parseShare(text.value), node: text.node }
}

function readLinks(map: MapNode): LinksDocument {
  return {
    ...optional('terms', readText(map, 'terms')),
    ...optional('privacy', readText(map, 'privacy')),
    ...optional('support', readText(map, 'support')),
  }
}
