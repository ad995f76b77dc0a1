import { DEPARTMENTS, nearest, TRIFLES } from './catalogue.ts'
import type { CartFigures } from './figures.ts'
import { hundredth, valueAt } from './quantiles.ts'
import type { Random } from './random.ts'

export interface CartItem {
  readonly name: string
  readonly price: number
  readonly quantity: number
}

export interface GeneratedCart {
  readonly id: string
  readonly total: number
  readonly currency: 'USD'
  readonly url: string
  readonly items: readonly CartItem[]
}

/** Below this the journey does not enter; the figures say that few real carts are. */
const SMALLEST_ENTERING = 30

/** A cart as large and as mixed as the measured ones, of goods that the invented shop sells. */
export function usualCart(id: string, figures: CartFigures, random: Random): GeneratedCart {
  const shares = Object.values(figures.categories)
  for (;;) {
    const value = valueAt(figures.valueQuantiles, random.fraction())
    const count = random.weighted(figures.productsPerCart) + 1
    const items = Array.from({ length: count }, (): CartItem => {
      const department = DEPARTMENTS[random.weighted(shares) % DEPARTMENTS.length] ?? []
      return { ...nearest(department, value / count), quantity: 1 }
    })
    const cart = cartOf(id, merged(items))
    if (cart.total >= SMALLEST_ENTERING) return cart
  }
}

export function smallCart(id: string, random: Random): GeneratedCart {
  return cartOf(id, [{ ...random.pick(TRIFLES), quantity: random.whole(1, 2) }])
}

function cartOf(id: string, items: readonly CartItem[]): GeneratedCart {
  const total = hundredth(items.reduce((sum, item) => sum + item.price * item.quantity, 0))
  return { id, total, currency: 'USD', url: `https://shop.example.com/cart/${id}`, items }
}

/** The same product twice is one line with two pieces. */
function merged(items: readonly CartItem[]): readonly CartItem[] {
  const lines = new Map<string, CartItem>()
  for (const item of items) {
    const quantity = (lines.get(item.name)?.quantity ?? 0) + item.quantity
    lines.set(item.name, { ...item, quantity })
  }
  return [...lines.values()]
}
