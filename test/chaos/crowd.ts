import { setTimeout as sleep } from 'node:timers/promises'
import { twilioWebhook } from '../ingestion/signed-webhooks.ts'
import type { Stage } from './stage.ts'

/** People who come, agree, order, and say no, at an API that dies all the while. Whoever calls it repeats until it is heard. */
export interface Crowd {
  readonly size: number
  readonly stops: number
  readonly orders: number
  /** So many more people come, each into two journeys at once. */
  enter(people: number): Promise<void>
  /** Resolves when everybody has said what they had to say. */
  quiet(): Promise<void>
}

interface Person {
  readonly userId: string
  readonly email: string
  readonly phone: string
}

/** Area codes of New York, each with the hundred numbers that are kept for fiction. */
const AREAS = '212 315 332 347 363 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934'.split(' ')
/** Every tenth person shares both addresses with the one before. */
const HOUSEHOLD = 10
const OUR_NUMBER = '+12025550123'
/** What people do after they came. The rest does nothing. */
const SHARES = { stop: 0.14, stopAtCarrier: 0.03, order: 0.14, unsubscribe: 0.06, complain: 0.02 } as const
type Deed = keyof typeof SHARES | 'nothing'

export function createCrowd(stage: Stage, random: () => number): Crowd {
  const deeds: Promise<void>[] = []
  let size = 0
  let stops = 0
  let orders = 0

  const enter = async (count: number): Promise<void> => {
    const people = Array.from({ length: count }, () => person(size++))
    const plans = people.map((somebody) => ({
      somebody,
      deed: deedOf(random()),
      afterMs: Math.floor(random() * 6_000),
    }))
    const at = new Date(stage.now()).toISOString()
    await carrierPeople(stage, plans)
    await call(stage, '/v1/batch', stage.secrets.writeKey, {
      batch: people.map(({ userId, email, phone }) => ({
        type: 'identify',
        messageId: `identify-${userId}`,
        userId,
        traits: { email, phone, timezone: 'America/New_York', state: 'NY', first_name: 'Robin' },
        timestamp: at,
      })),
    })
    await call(stage, '/v1/consents', stage.secrets.serverKey, consentsOf(people, at))
    await call(stage, '/v1/batch', stage.secrets.writeKey, {
      batch: people.flatMap(({ userId }) =>
        ['shop.joined', 'cart.left'].map((event) => track(stage, userId, event, {})),
      ),
    })
    for (const { somebody, deed, afterMs } of plans) {
      if (deed === 'stop' || deed === 'stopAtCarrier') stops += 1
      if (deed === 'order') orders += 1
      deeds.push(sleep(afterMs).then(() => act(stage, somebody, deed)))
    }
  }
  return {
    get size() {
      return size
    },
    get stops() {
      return stops
    },
    get orders() {
      return orders
    },
    enter,
    quiet: async () => void (await Promise.all(deeds)),
  }
}

function person(index: number): Person {
  const home = index % HOUSEHOLD === HOUSEHOLD - 1 ? index - 1 : index
  const number = Math.floor(home / AREAS.length)
  if (number >= 100) throw new Error(`there are numbers for ${AREAS.length * 100} people only`)
  return {
    userId: `person-${index}`,
    email: `person-${home}@example.com`,
    phone: `+1${AREAS[home % AREAS.length] ?? ''}55501${String(number).padStart(2, '0')}`,
  }
}

function deedOf(roll: number): Deed {
  let left = roll
  for (const [deed, share] of Object.entries(SHARES)) {
    left -= share
    if (left < 0) return deed as Deed
  }
  return 'nothing'
}

async function act(stage: Stage, { userId, phone }: Person, deed: Deed): Promise<void> {
  switch (deed) {
    case 'stop':
      return stop(stage, userId, phone)
    case 'stopAtCarrier':
      // The carrier blocks the number itself, too, and tells of it with 21610 at the next message.
      return control(stage, '/sandbox/reply', { from: phone, to: OUR_NUMBER, body: 'STOP' })
    case 'order':
      return call(
        stage,
        '/v1/track',
        stage.secrets.writeKey,
        track(stage, userId, 'order.placed', { order_id: userId }),
      )
    case 'unsubscribe':
    case 'complain':
    case 'nothing':
      return
    default:
      return deed satisfies never
  }
}

/** Signed as the carrier signs it, but not told to the emulator: whatever is sent after it must show in its log. */
async function stop(stage: Stage, userId: string, phone: string): Promise<void> {
  const url = `${stage.apiUrl}/webhooks/twilio/inbound`
  const fields = { MessageSid: `SM-stop-${userId}`, From: phone, To: OUR_NUMBER, Body: 'STOP' }
  const { body, headers } = twilioWebhook(url, fields, stage.secrets.twilioAuthToken)
  await insist(url, { method: 'POST', headers: textHeaders(headers), body: body.toString('utf8') })
}

function textHeaders(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function track(stage: Stage, userId: string, event: string, properties: object): object {
  const timestamp = new Date(stage.now()).toISOString()
  return { type: 'track', messageId: `${event}-${userId}`, userId, event, properties, timestamp }
}

function consentsOf(people: readonly Person[], at: string): readonly object[] {
  const proof = { wording: 'Send me news.', page: 'https://shop.example.com/news' }
  return people.flatMap(({ userId }) =>
    [
      ['email', 'news'],
      ['sms', 'news'],
      ['email', 'orders'],
    ].map(([channel, purpose]) => ({ userId, channel, purpose, state: 'granted', at, proof })),
  )
}

async function carrierPeople(
  stage: Stage,
  plans: readonly { readonly somebody: Person; readonly deed: Deed }[],
): Promise<void> {
  for (const { somebody, deed } of plans) {
    if (deed === 'unsubscribe')
      await control(stage, '/sandbox/people', { address: somebody.email, unsubscribes: 'one-click' })
    if (deed === 'complain') await control(stage, '/sandbox/people', { address: somebody.email, complains: true })
  }
}

export async function control(stage: Stage, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await insist(stage.sandboxUrl + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function call(stage: Stage, path: string, key: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  await insist(stage.apiUrl + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** Until it is taken: an API that is down or dies before it answers is asked again with the very same request. */
async function insist(url: string, request: RequestInit): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
    if (answer?.ok === true) return
    if (answer !== undefined && answer.status < 500) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
    if (tries > 900) throw new Error(`${url} was not taken within the patience of its caller`)
    await sleep(100)
  }
}
