import type { HandOff } from './hand-off.ts'
import { linksOf } from './links.ts'
import type { Reader } from './reader.ts'
import type { SendReply } from './twilio-inbound.ts'
import type { VirtualTimers } from './virtual-timers.ts'

/** What somebody does with each message that reaches them. Delays are virtual milliseconds after delivery. */
export interface Person {
  /** A phone number, an email address, or `*` for everybody without an entry of their own. */
  readonly address: string
  readonly opens?: 'human' | 'machine'
  readonly openAfterMs?: number
  readonly clicks?: 'first-link'
  readonly clickAfterMs?: number
  /** Given once: an application that answers must not start an endless conversation. */
  readonly replies?: { readonly body: string; readonly afterMs?: number }
  readonly complains?: boolean
  /** Posts to the message's one-click unsubscribe URL (RFC 8058). */
  readonly unsubscribes?: 'one-click'
}

export interface People {
  set(person: Person): void
  list(): readonly Person[]
  clear(): void
  /** Called with every delivered message. */
  delivered(handOff: HandOff): void
}

export interface PeopleParts {
  readonly timers: VirtualTimers
  readonly reader: Reader
  readonly reply: SendReply
}

const openAfter = 2_000
const clickAfter = 5_000
const replyAfter = 8_000

export const createPeople = ({ timers, reader, reply }: PeopleParts): People => {
  const people = new Map<string, Person>()
  const replied = new Set<string>()

  const later = (ms: number, act: () => Promise<unknown>): void => {
    void timers.sleep(ms).then(act)
  }

  const answer = (person: Person, handOff: HandOff): void => {
    if (person.replies === undefined || handOff.channel !== 'sms' || replied.has(handOff.to)) return
    replied.add(handOff.to)
    const { body, afterMs = replyAfter } = person.replies
    later(afterMs, async () => await reply({ from: handOff.to, to: handOff.from, body }))
  }

  return {
    set: (person) => {
      people.set(person.address.toLowerCase(), person)
      replied.delete(person.address)
    },
    list: () => [...people.values()],
    clear: () => people.clear(),
    delivered: (handOff) => {
      const person = people.get(handOff.to.toLowerCase()) ?? people.get('*')
      if (person === undefined) return
      const { opens, clicks, complains, unsubscribes } = person
      if (opens !== undefined)
        later(person.openAfterMs ?? openAfter, async () => await reader.open(handOff, opens === 'machine'))
      const link = clicks === undefined ? undefined : linksOf(handOff)[0]
      if (link !== undefined) later(person.clickAfterMs ?? clickAfter, async () => await reader.click(handOff, link))
      if (complains === true) later(openAfter, async () => await reader.complain(handOff))
      if (unsubscribes !== undefined) later(clickAfter, async () => await reader.unsubscribe(handOff))
      answer(person, handOff)
    },
  }
}
