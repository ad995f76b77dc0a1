/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours each cost one.
 * Plain Levenshtein counts a swap twice, and most slips of the hand are swaps (`emial`).
 */
export function alignmentDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1)
      }
      current.push(best)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length] ?? 0
}

/** The candidate that was most likely meant, or undefined if none is near. Long inputs are nobody's slip. */
export function suggest(written: string, candidates: Iterable<string>): string | undefined {
  if (written.length > 80) return undefined
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const name of candidates) {
    if (name.length > 80 || Math.abs(name.length - written.length) > 27) continue
    const distance = alignmentDistance(written.toLowerCase(), name.toLowerCase())
    const limit = Math.max(1, Math.floor(Math.max(name.length, written.length) / 3))
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}
