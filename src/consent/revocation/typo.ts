/**
 * Words that are one slip of a finger away from a word of refusal, and mean something. A real word is never a typo: "shop" asks
 * for something else than "stop".
 */
const REAL_WORDS: ReadonlySet<string> = new Set(
  (
    'shop step top tops atop slop stow stoic strop stomp stock store story stops stood spot spots post pots opts stir soup ' +
    'chop drop crop prop flop estop cancels cancelled canceled council quite quiet suit quilt quip quot unit ' +
    'alta auto altos halo salto falto aja caja bajo bajas raja baba paras pagar pasar sacar parir tapar canal'
  ).split(' '),
)

/**
 * Whether a word on its own is one of the given words with a slip: two letters swapped, one doubled, missing, wrong or too many. Long
 * words may hold two slips. The first letter's neighbours are slips, too.
 */
export function isTypoOf(word: string, targets: readonly string[]): boolean {
  if (word.length < 3 || REAL_WORDS.has(word) || !/^\p{L}+\d?$/u.test(word)) return false
  return targets.some((target) => {
    const allowed = target.length >= 8 ? 2 : 1
    return Math.abs(word.length - target.length) <= allowed && distance(word, target) <= allowed
  })
}

/** Edits between two words: insertion, deletion, substitution, or a swap of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, (before[j - 2] ?? 0) + 1)
      row.push(edits)
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
