/**
 * The seam between everything that asks the store and the two stores: PostgreSQL and PGlite (the same SQL on both).
 *
 * Statements are PostgreSQL with `$1` parameters. Instants are `bigint` epoch milliseconds and come back as numbers;
 * `jsonb` comes back parsed; a parameter that is a plain object or array for a `jsonb` column is passed as
 * `JSON.stringify(value)` by the caller. No statement uses SQL `now()`: time is a parameter.
 */
export interface Statements {
  /** Runs one statement and returns its rows. Throws {@link DatabaseUnavailable} when the store cannot be reached. */
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>
}

export interface Database extends Statements {
  readonly kind: 'postgres' | 'pglite'
  /**
   * Runs `work` in one READ COMMITTED transaction; commits when it resolves, rolls back when it throws. `work` may be run again
   * after a serialization failure or a deadlock (SQLSTATE 40001, 40P01), so it must have no effect outside the store.
   */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** The store is down or unreachable: infrastructure, worth retrying. Its message holds no connection string. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable'
}
