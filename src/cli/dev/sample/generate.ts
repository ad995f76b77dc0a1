import type { Figures } from './figures.ts'
import { type GeneratedCart, smallCart, usualCart } from './generated-carts.ts'
import { inventPerson } from './generated-people.ts'
import { PhoneBook } from './homes.ts'
import { type Minutes, type Persona, PERSONAS } from './personas.ts'
import { valueAt } from './quantiles.ts'
import { type Random, seededRandom } from './random.ts'
import type { Sample, SampleEvent, SamplePerson } from './sample.ts'

/** A Tuesday morning in New York. Three hours later it is early in Honolulu: texts have to wait there. */
const STARTS_AT = Date.UTC(2026, 10, 10, 14)
const MINUTE_MS = 60_000
const FIRST_CART_AFTER = 5
const LAST_CART_AFTER = 120

/** Makes the sample that ships with the product: invented people and events, shaped by measured figures. The seed fixes all of it. */
export function generateSample(figures: Figures, seed: number): Sample {
  const random = seededRandom(seed)
  const phones = new PhoneBook()
  const people: SamplePerson[] = []
  const events: SampleEvent[] = []
  for (const persona of PERSONAS) {
    for (let i = 0; i < persona.count; i++) {
      const person = inventPerson(persona, people.length + 1, STARTS_AT, { phones, random })
      people.push(person)
      events.push(...tell(persona, person.userId, figures, random))
    }
  }
  return {
    name: 'sample',
    startsAt: STARTS_AT,
    people,
    events: events.toSorted((a, b) => a.at - b.at),
    notes: [
      'invented by journeys/sample/generate.ts from a fixed seed and from the figures in journeys/sample/figures.json',
    ],
  }
}

function tell(persona: Persona, userId: string, figures: Figures, random: Random): readonly SampleEvent[] {
  const at = cartInstant(figures.orders.hours, random)
  const cart = usualCart(`cart-${userId}`, figures.carts, random)
  const { story } = persona
  switch (story.kind) {
    case 'as-measured':
      return random.fraction() < figures.carts.orderedShare
        ? [order(userId, cart, at + valueAt(figures.carts.orderDelayQuantiles, random.fraction()) * MINUTE_MS)]
        : [abandonment(userId, cart, at)]
    case 'leaves-cart':
      return [abandonment(userId, cart, at)]
    case 'orders':
      return [abandonment(userId, cart, at), order(userId, cart, at + draw(story.after, random))]
    case 'small-cart':
      return [abandonment(userId, smallCart(cart.id, random), at)]
    case 'reported-twice':
      return [abandonment(userId, cart, at), abandonment(userId, cart, at)]
    case 'second-cart': {
      const second = usualCart(`${cart.id}-2`, figures.carts, random)
      return [abandonment(userId, cart, at), abandonment(userId, second, at + draw(story.after, random))]
    }
    case 'signs-up':
      return [
        { messageId: `joined-${userId}`, userId, event: 'newsletter.joined', at, properties: { source: 'checkout' } },
      ]
    default:
      return story satisfies never
  }
}

function abandonment(userId: string, cart: GeneratedCart, at: number): SampleEvent {
  return { messageId: `abandoned-${cart.id}`, userId, event: 'cart.abandoned', at, properties: { cart } }
}

function order(userId: string, cart: GeneratedCart, at: number): SampleEvent {
  const properties = { order_id: `order-${cart.id}`, cart_id: cart.id, total: cart.total, currency: cart.currency }
  return { messageId: `ordered-${cart.id}`, userId, event: 'order.placed', at: Math.round(at), properties }
}

function draw([from, to]: Minutes, random: Random): number {
  return random.whole(from * MINUTE_MS, to * MINUTE_MS)
}

/** Within the first two hours, thicker where the shop's day is: its two hours from 9 in New York weigh as measured. */
function cartInstant(hours: readonly number[], random: Random): number {
  const opening = 9
  const hour = random.weighted([hours[opening] ?? 1, hours[opening + 1] ?? 1])
  const from = Math.max(FIRST_CART_AFTER, hour * 60)
  const to = Math.min(LAST_CART_AFTER, (hour + 1) * 60)
  return STARTS_AT + random.whole(from * 60, to * 60) * 1000
}
