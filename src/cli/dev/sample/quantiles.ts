/** Values at these shares of a distribution, in their order. */
export const QUANTILE_SHARES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95] as const

/** The values at {@link QUANTILE_SHARES}, by linear interpolation between neighbours, to the hundredth. */
export function quantilesOf(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b)
  return QUANTILE_SHARES.map((share) => hundredth(at(sorted, share * (sorted.length - 1))))
}

/** The value at a share between the first and the last quantile; shares beyond them give these. */
export function valueAt(quantiles: readonly number[], share: number): number {
  const bounds: readonly number[] = QUANTILE_SHARES
  const above = bounds.findIndex((bound) => bound >= share)
  if (above === -1) return quantiles.at(-1) ?? 0
  if (above === 0) return quantiles[0] ?? 0
  const [low = 0, high = 1] = bounds.slice(above - 1, above + 1)
  return at(quantiles, above - 1 + (share - low) / (high - low))
}

export function hundredth(value: number): number {
  return Math.round(value * 100) / 100
}

function at(sorted: readonly number[], position: number): number {
  const below = Math.floor(position)
  const low = sorted[below] ?? 0
  return low + ((sorted[below + 1] ?? low) - low) * (position - below)
}
