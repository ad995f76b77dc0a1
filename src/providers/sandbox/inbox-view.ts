import { lastStatus } from './hand-off.ts'
import type { HandOff, Text } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'

export type ChannelFilter = 'all' | 'sms' | 'email'

/** What the page was asked to show: its URL. */
export interface InboxQuery {
  readonly channel: ChannelFilter
  readonly search: string
  readonly selected: string | null
  readonly part: 'html' | 'text' | 'headers'
}

/** One line of the list: a message to somebody, or somebody's reply. */
export interface InboxRow {
  readonly id: string
  readonly icon: 'phone' | 'mail' | 'reply'
  readonly person: string
  readonly preview: string
  readonly at: number
  readonly status: string
}

export type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'mail'; readonly handOff: HandOff }
  | { readonly kind: 'phone'; readonly person: string; readonly sender: string; readonly handOff: HandOff | null }

/** One bubble on somebody's phone. */
export interface Bubble {
  readonly id: string
  readonly mine: boolean
  readonly body: string
  readonly at: number
  readonly handOff: HandOff | null
}

const mostRows = 200

const rowOf = (handOff: HandOff): InboxRow => ({
  id: handOff.id,
  icon: handOff.channel === 'sms' ? 'phone' : 'mail',
  person: handOff.to,
  preview: (handOff.channel === 'email' ? handOff.subject : handOff.body) ?? '',
  at: handOff.at,
  status: lastStatus(handOff).status,
})

const replyRow = (text: Text): InboxRow => ({
  id: text.id,
  icon: 'reply',
  person: text.from,
  preview: text.body,
  at: text.at,
  status: 'replied',
})

export const rowsOf = (log: HandOffLog, { channel, search }: InboxQuery): readonly InboxRow[] => {
  const wanted = search.toLowerCase()
  const replies = log.texts().filter(({ direction }) => direction === 'inbound')
  return [...log.handOffs().map(rowOf), ...replies.map(replyRow)]
    .filter(({ icon }) => channel === 'all' || (channel === 'email') === (icon === 'mail'))
    .filter(({ person, preview }) => `${person}\n${preview}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => b.at - a.at)
    .slice(0, mostRows)
}

export const shownOf = (log: HandOffLog, id: string | null): Shown => {
  if (id === null) return { kind: 'nothing' }
  const handOff = log.find(id)
  if (handOff !== undefined) {
    if (handOff.channel === 'email') return { kind: 'mail', handOff }
    return { kind: 'phone', person: handOff.to, sender: handOff.from, handOff }
  }
  const text = log.texts().find((candidate) => candidate.id === id)
  return text === undefined ? { kind: 'nothing' } : { kind: 'phone', person: text.from, sender: text.to, handOff: null }
}

/** The thread as that phone shows it: one sender's texts, and the replies to it, oldest first. */
export const threadOf = (log: HandOffLog, person: string, sender: string): readonly Bubble[] => {
  const received = log
    .handOffs()
    .filter(({ channel, to, from }) => channel === 'sms' && to === person && from === sender)
    .map((handOff): Bubble => ({ id: handOff.id, mine: false, body: handOff.body, at: handOff.at, handOff }))
  const others = log
    .texts()
    .filter(({ from, to }) => (from === person && to === sender) || (from === sender && to === person))
    .map(({ id, direction, body, at }): Bubble => ({ id, mine: direction === 'inbound', body, at, handOff: null }))
  return [...received, ...others].toSorted((a, b) => a.at - b.at)
}

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
})
const fullFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
})

export const clockTime = (at: number): string => clockFormat.format(at)
export const day = (at: number): string => dayFormat.format(at)
export const fullTime = (at: number): string => `${fullFormat.format(at)} UTC`

/** Good, bad or under way: what the colour of a status says, always beside its word. */
export const toneOf = (status: string): 'good' | 'bad' | 'open' => {
  if (status === 'delivered' || status === 'replied') return 'good'
  return ['undelivered', 'failed', 'bounce', 'blocked', 'dropped', 'canceled'].includes(status) ? 'bad' : 'open'
}
