import { ABANDONED_AFTER_MS, isAbandoned, sessionCarts } from './clickstream-carts.ts'
import type { ClickRows } from './clickstream-rows.ts'
import type { CartFigures, OrderFigures } from './figures.ts'
import { groupBy } from './grouping.ts'
import { hundredth, QUANTILE_SHARES, quantilesOf } from './quantiles.ts'
import type { RetailOrder } from './retail-orders.ts'

const MINUTE_MS = 60_000
const LARGEST_CART = 6

/** The figures of a clickstream: what carts hold, and what becomes of them. */
export function measureCarts(source: string, { rows, repeated }: ClickRows): CartFigures {
  const added = groupBy(
    rows.filter((row) => row.type === 'cart'),
    (row) => `${row.user} ${row.session}`,
  )
  const contents = [...added.values()]
  const products = contents.map((pieces) => new Set(pieces.map((piece) => piece.product)).size)
  const categories = groupBy(
    rows.filter((row) => row.type === 'cart'),
    (row) => row.category.split('.')[0] || 'unknown',
  )
  const pieces = contents.flat().length

  const carts = sessionCarts(rows)
  const ordered = carts.filter(
    (cart) => cart.boughtAt !== undefined && cart.boughtAt <= cart.lastAddedAt + ABANDONED_AFTER_MS,
  )
  const abandoned = carts.filter(isAbandoned)
  const orderedLater = abandoned.filter((cart) => cart.boughtAt !== undefined)
  return {
    source,
    repeatedRows: repeated,
    carts: carts.length,
    quantileShares: QUANTILE_SHARES,
    valueQuantiles: quantilesOf(contents.map((lines) => lines.reduce((sum, line) => sum + line.price, 0))),
    productsPerCart: Array.from({ length: LARGEST_CART }, (_, i) =>
      share(products.filter((count) => Math.min(count, LARGEST_CART) === i + 1).length, products.length),
    ),
    categories: Object.fromEntries(
      [...categories]
        .map(([name, lines]): [string, number] => [name, share(lines.length, pieces)])
        .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)),
    ),
    orderedShare: share(ordered.length, carts.length),
    orderDelayQuantiles: quantilesOf(ordered.map((cart) => ((cart.boughtAt ?? 0) - cart.lastAddedAt) / MINUTE_MS)),
    orderedLaterShare: share(orderedLater.length, abandoned.length),
  }
}

/** The figures of a year of orders: when people buy, for how much, and whether they come back. */
export function measureOrders(source: string, orders: readonly RetailOrder[]): OrderFigures {
  const customers = groupBy(
    orders.filter((order) => order.customer !== ''),
    (order) => order.customer,
  )
  const returning = [...customers.values()].filter((of) => of.length > 1)
  return {
    source,
    orders: orders.length,
    quantileShares: QUANTILE_SHARES,
    valueQuantiles: quantilesOf(orders.map((order) => hundredth(order.value))),
    hours: Array.from({ length: 24 }, (_, hour) =>
      share(orders.filter((of) => of.hour === hour).length, orders.length),
    ),
    weekdays: Array.from({ length: 7 }, (_, day) =>
      share(orders.filter((of) => of.weekday === day).length, orders.length),
    ),
    repeatRate: share(returning.length, customers.size),
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000
}
