import { basename } from 'node:path'
import { contentHash } from '../../../core/canonical-json.ts'
import { ABANDONED_AFTER_MS, type CartLine, isAbandoned, type SessionCart, sessionCarts } from './clickstream-carts.ts'
import { inventPeople, shopperId } from './clickstream-people.ts'
import { type ClickRow, readClickRows } from './clickstream-rows.ts'
import { groupBy } from './grouping.ts'
import { hundredth } from './quantiles.ts'
import type { Sample, SampleEvent } from './sample.ts'

/** An event may carry 32 KB; longer carts keep their total and lose the tail of their list. */
const MAX_ITEMS = 40

/**
 * Makes a sample of a real clickstream: carts left for half an hour become `cart.abandoned`, purchases become `order.placed`.
 *
 * Instants are the data's own. People are invented, because the data has none: only the pattern of who came when is real.
 * Throws {@link NotAClickstream} for another kind of file, and Node's error when it cannot be read.
 */
export async function clickstreamSample(file: string): Promise<Sample> {
  const { rows, read, repeated, broken } = await readClickRows(file)
  const carts = sessionCarts(rows)
  const abandoned = carts.filter(isAbandoned)
  const events = [...abandoned.map(abandonment), ...orders(rows, carts)].toSorted((a, b) => a.at - b.at)
  const startsAt = rows[0]?.at ?? 0
  const users = [...new Set([...carts.map((cart) => cart.user), ...rows.map((row) => row.user)])]
  const lastSeen = rows.at(-1)?.at ?? 0
  const unseen = abandoned.filter(
    (cart) => cart.boughtAt === undefined && cart.lastAddedAt + ABANDONED_AFTER_MS > lastSeen,
  )

  return {
    name: basename(file),
    startsAt,
    people: inventPeople(users, startsAt),
    events,
    notes: [
      `${read} rows read, ${rows.length} of them carts and purchases`,
      `${repeated} ${repeated === 1 ? 'row was' : 'rows were'} a repetition of another and left out`,
      ...(broken > 0 ? [`${broken} rows without a usable time, price, user or session were left out`] : []),
      `${carts.length} carts, ${abandoned.length} of them abandoned`,
      ...(unseen.length > 0
        ? [`for ${unseen.length} of the abandoned carts the data ends before their half hour is over`]
        : []),
    ],
  }
}

function abandonment(cart: SessionCart): SampleEvent {
  const id = cartId(cart)
  return {
    messageId: `abandoned-${id}`,
    userId: shopperId(cart.user),
    event: 'cart.abandoned',
    at: cart.lastAddedAt + ABANDONED_AFTER_MS,
    properties: {
      cart: {
        id,
        total: cart.total,
        currency: 'USD',
        url: `https://shop.example.com/cart/${id}`,
        items: cart.lines.slice(0, MAX_ITEMS).map(itemOf),
      },
    },
  }
}

/** Rows of one session and second are one order. It is for the cart of its session, or else for the user's latest cart before it. */
function orders(rows: readonly ClickRow[], carts: readonly SessionCart[]): readonly SampleEvent[] {
  const purchases = rows.filter((row) => row.type === 'purchase')
  const cartsOf = groupBy(carts, (cart) => cart.user)
  return [...groupBy(purchases, (row) => `${row.user} ${row.session} ${row.at}`)].flatMap(([identity, lines]) => {
    const [first] = lines
    if (first === undefined) return []
    const earlier = (cartsOf.get(first.user) ?? []).filter((cart) => cart.lastAddedAt <= first.at)
    const cart = earlier.findLast((candidate) => candidate.session === first.session) ?? earlier.at(-1)
    const orderId = `o-${contentHash(identity).slice(0, 12)}`
    return [
      {
        messageId: `order-${orderId}`,
        userId: shopperId(first.user),
        event: 'order.placed',
        at: first.at,
        properties: {
          order_id: orderId,
          ...(cart !== undefined && { cart_id: cartId(cart) }),
          total: hundredth(lines.reduce((sum, line) => sum + line.price, 0)),
          currency: 'USD',
        },
      },
    ]
  })
}

function cartId(cart: SessionCart): string {
  return `c-${contentHash(`${cart.user} ${cart.session}`).slice(0, 12)}`
}

/** `apple smartphone`: the data has categories and brands, and no names. */
function itemOf(line: CartLine): object {
  const kind = line.category.split('.').at(-1)?.replaceAll('_', ' ') ?? ''
  const name = [line.brand, kind].filter((word) => word !== '').join(' ')
  return { name: name === '' ? 'item' : name, price: line.price, quantity: line.quantity }
}
