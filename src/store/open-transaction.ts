import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Refuses to reach past an open transaction to the database itself.
 *
 * On PGlite such a call would wait for the transaction that waits for it, for ever; on PostgreSQL it would silently run outside
 * the transaction, without its locks. Both are bugs, so both stores throw at once.
 */
export class OpenTransaction {
  private readonly context = new AsyncLocalStorage<{ open: boolean }>()

  assertNone(): void {
    if (this.context.getStore()?.open === true) {
      throw new Error('a transaction is open here: use the statements that it was given')
    }
  }

  /** Marks everything that `work` awaits as inside; the mark ends with it, also for what it left running. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const mark = { open: true }
    return this.context.run(mark, async () => {
      try {
        return await work()
      } finally {
        mark.open = false
      }
    })
  }
}
