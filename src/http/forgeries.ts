import type { Database } from '../core/database.ts'
import { keepRejection } from '../ingestion/rejections.ts'

export interface Forgery {
  readonly source: string
  readonly detail: string
  readonly payload: string
  /** Of the internet; counted, never kept. */
  readonly from: string
}

export interface Forgeries {
  /** Keeps it, or counts it where too many came. */
  keep(forgery: Forgery, at: number): Promise<void>
}

/** Kept per minute, of everybody and of one address: enough to see what somebody tries, too little to fill the store with. */
const KEPT_A_MINUTE = 60
const KEPT_OF_ONE = 10
const MINUTE_MS = 60_000
/** Addresses that are told apart within a minute. */
const MOST_ADDRESSES = 10_000

/**
 * Requests with a wrong signature. Anybody can send them, so storing them has an end: what is beyond it is counted, and the number is
 * kept with the first that comes after the minute. A genuine webhook is never refused because of them.
 *
 * @param realNow Real epoch milliseconds.
 */
export function createForgeries(database: Database, realNow: () => number): Forgeries {
  let since = Number.NEGATIVE_INFINITY
  let kept = 0
  let left = 0
  let byAddress = new Map<string, number>()
  return {
    async keep({ source, detail, payload, from }, at) {
      const now = realNow()
      let before = ''
      if (now - since >= MINUTE_MS || now < since) {
        if (left > 0) before = `; ${left} more before this one were not kept`
        ;[since, kept, left, byAddress] = [now, 0, 0, new Map()]
      }
      const ofOne = (byAddress.get(from) ?? 0) + 1
      if (byAddress.size < MOST_ADDRESSES || byAddress.has(from)) byAddress.set(from, ofOne)
      if (kept >= KEPT_A_MINUTE || ofOne > KEPT_OF_ONE) {
        left++
        return
      }
      kept++
      const kind = { source, reason: 'forged', detail: detail + before, payload, receivedAt: at } as const
      await keepRejection(database, kind)
    },
  }
}
