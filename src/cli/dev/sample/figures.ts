/**
 * What was measured on public data, and all that the shipped sample takes from it: no rows, no ids, no people.
 * Written to `journeys/sample/figures.json` by `journeys/sample/measure.ts`.
 */
export interface Figures {
  readonly carts: CartFigures
  readonly orders: OrderFigures
}

export interface CartFigures {
  readonly source: string
  /** Rows that were repeated in full and counted once. */
  readonly repeatedRows: number
  /** Sessions with something in the cart. */
  readonly carts: number
  /** In US dollars, at the shares of `quantileShares`. */
  readonly quantileShares: readonly number[]
  readonly valueQuantiles: readonly number[]
  /** Shares of carts with 1, 2, 3 ... different products. */
  readonly productsPerCart: readonly number[]
  /** Shares of carted pieces by top-level category, largest first. */
  readonly categories: Readonly<Record<string, number>>
  /** Carts followed by a purchase of the same user within half an hour of the last addition. */
  readonly orderedShare: number
  /** Minutes from the last addition to that purchase. */
  readonly orderDelayQuantiles: readonly number[]
  /** Of the others: those followed by a purchase later in the hours observed. */
  readonly orderedLaterShare: number
}

export interface OrderFigures {
  readonly source: string
  readonly orders: number
  readonly quantileShares: readonly number[]
  /** In pounds sterling. */
  readonly valueQuantiles: readonly number[]
  /** Shares of orders by hour of the shop's day, midnight first. */
  readonly hours: readonly number[]
  /** Shares of orders by day, Monday first. */
  readonly weekdays: readonly number[]
  /** Customers with more than one order, of all who are known. */
  readonly repeatRate: number
}
