import type { ClickRow } from './clickstream-rows.ts'
import { groupBy } from './grouping.ts'
import { hundredth } from './quantiles.ts'

/** A cart that nothing was bought from for this long counts as abandoned. */
export const ABANDONED_AFTER_MS = 30 * 60_000

/** What one session put into its cart, and what became of it. */
export interface SessionCart {
  readonly user: string
  readonly session: string
  readonly lastAddedAt: number
  /** What was added and not bought in this session until the last addition. */
  readonly lines: readonly CartLine[]
  readonly total: number
  /** The same user's first purchase after the last addition, however late. */
  readonly boughtAt?: number
}

export interface CartLine {
  readonly product: string
  readonly category: string
  readonly brand: string
  readonly price: number
  readonly quantity: number
}

export function isAbandoned(cart: SessionCart): boolean {
  if (cart.lines.length === 0) return false
  return cart.boughtAt === undefined || cart.boughtAt > cart.lastAddedAt + ABANDONED_AFTER_MS
}

/** The carts of all sessions, by their last addition. Rows come in the order of their instants. */
export function sessionCarts(rows: readonly ClickRow[]): readonly SessionCart[] {
  const purchases = groupBy(
    rows.filter((row) => row.type === 'purchase'),
    (row) => row.user,
  )
  const carts: SessionCart[] = []
  // The user belongs to the key: a session id may outlive a login.
  for (const session of groupBy(rows, (row) => `${row.user} ${row.session}`).values()) {
    const last = session.findLastIndex((row) => row.type === 'cart')
    const added = session[last]
    if (added === undefined) continue
    const lines = linesOf(session.slice(0, last + 1))
    const later = session.slice(last + 1).find((row) => row.type === 'purchase')
    const bought = later ?? purchases.get(added.user)?.find((row) => row.at > added.at)
    carts.push({
      user: added.user,
      session: added.session,
      lastAddedAt: added.at,
      lines,
      total: hundredth(lines.reduce((sum, line) => sum + line.price * line.quantity, 0)),
      ...(bought !== undefined && { boughtAt: bought.at }),
    })
  }
  return carts.toSorted((a, b) => a.lastAddedAt - b.lastAddedAt)
}

/** Each addition is one more piece; buying a product empties the cart of it. */
function linesOf(rows: readonly ClickRow[]): readonly CartLine[] {
  const lines = new Map<string, CartLine>()
  for (const { type, product, category, brand, price } of rows) {
    if (type === 'purchase') lines.delete(product)
    else lines.set(product, { product, category, brand, price, quantity: (lines.get(product)?.quantity ?? 0) + 1 })
  }
  return [...lines.values()]
}
