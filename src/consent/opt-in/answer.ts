import type { Purpose } from '../../core/workspace.ts'

/** What a text says about opting in; undefined: nothing. */
export type OptInAnswer =
  /** To a request for confirmation, if there is one. */
  | { readonly kind: 'yes' }
  /** The person asks for a purpose. */
  | { readonly kind: 'keyword'; readonly keyword: string; readonly purpose: string }

/**
 * YES is taken besides Y: where Twilio passes it on, it is the same answer. The Spanish word too, but no other: "ok" and "sure" are
 * said to many things.
 */
const YES: ReadonlySet<string> = new Set(['Y', 'YES', 'SI'])
const LONGEST = 60

/** Reads a text as an answer to a request or as a keyword. Only the whole text counts: "yes but stop" is no yes. */
export function readAnswer(text: string, purposes: Readonly<Record<string, Purpose>>): OptInAnswer | undefined {
  if (text.length > LONGEST) return undefined
  const words = simplify(text)
  if (YES.has(words)) return { kind: 'yes' }
  const programmes = Object.entries(purposes).filter(
    ([, { keywords }]) => keywords !== undefined && keywords.length > 0,
  )
  for (const [purpose, { keywords = [] }] of programmes) {
    const keyword = keywords.find((one) => words === simplify(one) || words === `JOIN ${simplify(one)}`)
    if (keyword !== undefined) return { kind: 'keyword', keyword, purpose }
  }
  // JOIN alone is clear as long as there is one thing to join.
  const [only, other] = programmes
  if (words !== 'JOIN' || only === undefined || other !== undefined) return undefined
  return { kind: 'keyword', keyword: 'JOIN', purpose: only[0] }
}

/** What stands before the keyword of a purpose at the end of a text: STOP of "STOP CART". Undefined if there is no such keyword. */
export function beforeKeyword(text: string, purposes: Readonly<Record<string, Purpose>>): string | undefined {
  if (text.length > LONGEST) return undefined
  const words = simplify(text)
  const ends = Object.values(purposes).flatMap(({ keywords = [] }) => keywords.map((one) => ` ${simplify(one)}`))
  const end = ends.find((one) => one !== ' ' && words.endsWith(one))
  return end === undefined ? undefined : words.slice(0, -end.length)
}

/** Upper case, without accents, punctuation and surplus spaces. */
function simplify(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toUpperCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
