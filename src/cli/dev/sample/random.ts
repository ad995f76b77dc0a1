/** Draws from a fixed seed: the same seed gives the same sample on every machine. */
export interface Random {
  /** In [0, 1). */
  fraction(): number
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number
  pick<T>(choices: readonly T[]): T
  /** An index, by weight. */
  weighted(weights: readonly number[]): number
}

/** mulberry32 (Tommy Ettinger, public domain): small, fast, and good enough for a sample. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    fraction,
    whole: (from, to) => from + Math.floor(fraction() * (to - from + 1)),
    pick: (choices) => {
      const chosen = choices[Math.floor(fraction() * choices.length)]
      if (chosen === undefined) throw new Error('there is nothing to pick from')
      return chosen
    },
    weighted: (weights) => {
      let left = fraction() * weights.reduce((sum, weight) => sum + weight, 0)
      const index = weights.findIndex((weight) => (left -= weight) < 0)
      return index === -1 ? weights.length - 1 : index
    },
  }
}
