import { type Database, DatabaseUnavailable, type Statements } from '../../src/core/database.ts'

/** When a statement fails: before it ran, or after it was committed and only its answer was lost. */
export type Failure = 'before' | 'after'

export interface FailingDatabase extends Database {
  /** Whether the failure has happened. */
  failed(): boolean
}

/**
 * A store whose connection breaks at its n-th statement (a commit counts as one), once. Inside a transaction everything before it
 * is rolled back; "after" a statement of a transaction that is not its commit cannot be told from "before" it.
 */
export function failingAt(database: Database, n: number, failure: Failure): FailingDatabase {
  let count = 0
  let failed = false
  const breaks = (): boolean => {
    count += 1
    if (count !== n) return false
    failed = true
    return true
  }
  const lost = (): never => {
    throw new DatabaseUnavailable('the connection broke')
  }
  return {
    ...database,
    failed: () => failed,
    async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
      const now = breaks()
      if (now && failure === 'before') lost()
      const rows = await database.query<Row>(text, parameters)
      return now ? lost() : rows
    },
    async transaction<T>(work: (statements: Statements) => Promise<T>) {
      let atCommit = false
      const result = await database.transaction(async (statements) => {
        const inside: Statements = {
          async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
            return breaks() ? lost() : statements.query<Row>(text, parameters)
          },
        }
        const value = await work(inside)
        atCommit = breaks()
        if (atCommit && failure === 'before') lost()
        return value
      })
      return atCommit ? lost() : result
    },
  }
}
