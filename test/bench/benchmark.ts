/** One benchmark: a file in the list of `main.ts`. */
export interface Benchmark {
  /** What `npm run bench -- <name>` and the JSON's key say. */
  readonly name: string
  /** One sentence over the table. */
  readonly measures: string
  /** Real servers, real time. `say` tells a person what is going on; it never reaches stdout. */
  run(say: (line: string) => void): Promise<Finding>
}

export interface Finding {
  /** JSON-safe: the value under the benchmark's name. */
  readonly figures: Readonly<Record<string, unknown>>
  /** The same and more, for a person. */
  readonly rows: readonly Row[]
}

/** Words, value, and what was hoped for (empty without a target). */
export type Row = readonly [label: string, value: string, target: string]

/** The middle one; of an even number the lower middle, so that luck is never rounded up. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

export function round(value: number, digits = 0): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}

/** Runs `work` on every item, `lanes` at a time, in order. */
export async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
