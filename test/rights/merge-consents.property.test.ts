import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowsPurpose, type ConsentFact } from '../../src/consent/ledger.ts'
import { forbidsPurpose, type MergingSide, mayStay, tighten } from '../../src/rights/merge-consents.ts'

const NOW = 1_000
const PURPOSES = ['*', 'cart', 'news']
/** Also one that nobody has spoken of: a later purpose of the shop. */
const ASKED = ['cart', 'news', 'of-next-year']

const facts = fc
  .uniqueArray(
    fc.record({
      purpose: fc.constantFrom(...PURPOSES),
      state: fc.constantFrom('granted' as const, 'revoked' as const),
      at: fc.integer({ min: 0, max: 6 }),
      expiresAt: fc.constantFrom(null, NOW - 1, NOW + 1),
    }),
    { selector: ({ purpose }) => purpose },
  )
  .map((said) => said.map((fact): ConsentFact => (fact.state === 'granted' ? fact : { ...fact, expiresAt: null })))
const side: fc.Arbitrary<MergingSide> = fc.record({ facts, holdsAddress: fc.boolean() })

/** What the ledger makes of further noes: the later word wins, and of two at one instant the no. */
function recorded(
  after: readonly ConsentFact[],
  noes: readonly { purpose: string; at: number }[],
): readonly ConsentFact[] {
  const held = new Map(after.map((fact) => [fact.purpose, fact]))
  for (const { purpose, at } of noes) {
    const known = held.get(purpose)
    if (known === undefined || at >= known.at) held.set(purpose, { purpose, state: 'revoked', at })
  }
  return [...held.values()]
}

describe('the stricter of two consents', () => {
  it('never turns a no into a yes, whatever both said, in whatever order, and whatever the joined ledger came to', () => {
    fc.assert(
      fc.property(side, side, facts, (survivor, merged, after) => {
        const final = recorded(after, tighten(survivor, merged, after, NOW))
        for (const purpose of ASKED) {
          if (!allowsPurpose(purpose, final, NOW)) continue
          const someone = [survivor, merged].some((one) => one.holdsAddress && allowsPurpose(purpose, one.facts, NOW))
          expect(someone, `nobody allowed ${purpose} at this address`).toBe(true)
          for (const one of [survivor, merged]) expect(forbidsPurpose(purpose, one.facts, NOW)).toBe(false)
        }
      }),
      { numRuns: 5_000 },
    )
  })

  it('takes nothing back that both contacts allowed at the address, by purpose', () => {
    fc.assert(
      fc.property(side, side, (survivor, merged) => {
        const named = [...survivor.facts, ...merged.facts].some(({ purpose }) => purpose === '*')
        if (named) return
        const noes = tighten(survivor, merged, survivor.facts, NOW)
        for (const { purpose } of noes) expect(mayStay(purpose, survivor, merged, NOW)).toBe(false)
      }),
    )
  })
})
