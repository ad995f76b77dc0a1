import { inLanes } from './benchmark.ts'
import { person, TRIGGER } from './people.ts'

/** The clients of the API benchmark: sends batches, several at once, and prints how long each request took. */
export interface LoadResult {
  readonly seconds: number
  /** Milliseconds, one for each request. */
  readonly latencies: readonly number[]
}

const PEOPLE = 1_000

const [url = '', writeKey = '', ...numbers] = process.argv.slice(2)
const [batches = 0, calls = 0, clients = 0, noon = 0] = numbers.map(Number)
const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`

/** Of twenty events four tell who somebody is, three abandon a basket, two place an order, and the rest is page views. */
function call(index: number): object {
  const userId = person((index * 7) % PEOPLE).email
  const common = { messageId: `message-${index}`, userId, timestamp: new Date(noon - 60_000 + index).toISOString() }
  switch (index % 20) {
    case 0:
    case 5:
    case 10:
    case 15:
      return { ...common, type: 'identify', traits: { email: userId, first_name: 'Robin', state: 'NY' } }
    case 3:
    case 8:
    case 13:
      return {
        ...common,
        type: 'track',
        event: 'cart.abandoned',
        properties: { cart: { ...TRIGGER.cart, id: `basket-${index}` } },
      }
    case 11:
    case 18:
      return {
        ...common,
        type: 'track',
        event: 'order.placed',
        properties: { order_id: `order-${index}`, cart_id: `basket-${index - 15}`, total: 118.5, currency: 'USD' },
      }
    default:
      return {
        ...common,
        type: 'page',
        name: 'product',
        properties: { url: 'https://shop.example.com/p/a1', title: 'Linen shirt' },
      }
  }
}

const bodies = Array.from({ length: batches }, (_, batch) =>
  JSON.stringify({ batch: Array.from({ length: calls }, (_, index) => call(batch * calls + index)) }),
)
const latencies: number[] = []
const startedAt = performance.now()
await inLanes(bodies, clients, async (body) => {
  const sentAt = performance.now()
  const answer = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body,
  })
  const text = await answer.text()
  if (!answer.ok || text.includes('rejected')) throw new Error(`${answer.status} ${text.slice(0, 500)}`)
  latencies.push(performance.now() - sentAt)
})
const seconds = (performance.now() - startedAt) / 1_000
process.stdout.write(`${JSON.stringify({ seconds, latencies } satisfies LoadResult)}\n`)
