import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowsPurpose } from '../../src/consent/ledger.ts'
import { type LedgerEntry, restorable } from '../../src/ingestion/restore-consent.ts'

let ids = 0
const entry = (
  state: LedgerEntry['state'],
  purpose: string,
  at: number,
  more: Partial<LedgerEntry> = {},
): LedgerEntry => ({
  id: (ids += 1),
  purpose,
  state,
  source: state === 'revoked' ? 'keyword' : 'form',
  proof: {},
  at,
  expiresAt: null,
  ...more,
})
const purposes = (entries: readonly LedgerEntry[], at = 100) => restorable(entries, at).map(({ purpose }) => purpose)

describe('what a START gives back', () => {
  it('is what the STOP ended, resting on the grant before it', () => {
    const [grant, stop] = [entry('granted', 'news', 1), entry('revoked', 'news', 2)]
    expect(restorable([grant, stop], 3)).toEqual([{ purpose: 'news', evidence: grant.id, revocation: stop.id }])
  })

  it('is every purpose that was granted before a STOP to everything', () => {
    expect(purposes([entry('granted', 'a', 1), entry('granted', 'b', 2), entry('revoked', '*', 3)])).toEqual(['a', 'b'])
  })

  it('is consent to everything where that is what was given', () => {
    expect(purposes([entry('granted', '*', 1), entry('revoked', '*', 3)])).toEqual(['*'])
    expect(purposes([entry('granted', '*', 1), entry('revoked', 'a', 3)])).toEqual(['a'])
  })

  it.each([
    ['nothing where nobody ever agreed', [entry('revoked', 'a', 2)]],
    ['nothing that was only asked for', [entry('requested', 'a', 1), entry('revoked', 'a', 2)]],
    [
      'nothing that was refused before the STOP',
      [entry('granted', 'a', 1), entry('revoked', 'a', 2, { source: 'link' }), entry('revoked', '*', 3)],
    ],
    [
      'nothing that was refused elsewhere after it',
      [entry('granted', 'a', 1), entry('revoked', 'a', 2), entry('revoked', 'a', 3, { source: 'preferences' })],
    ],
    [
      'nothing that somebody else at this number refused',
      [entry('granted', 'a', 1), entry('revoked', '*', 2, { proof: { hints: ['wrong_number'] } })],
    ],
    [
      'nothing that ended in a complaint',
      [entry('granted', 'a', 1), entry('revoked', '*', 2, { source: 'carrier', proof: { event: 'complaint' } })],
    ],
    ['nothing that has lapsed', [entry('granted', 'a', 1, { expiresAt: 50 }), entry('revoked', 'a', 2)]],
    ['nothing that still holds', [entry('granted', 'a', 1)]],
    ['nothing by a START that is older than the STOP', [entry('granted', 'a', 1), entry('revoked', 'a', 100)]],
  ])('is %s', (_what, entries) => {
    expect(purposes(entries)).toEqual([])
  })

  it('is never more than what held just before a STOP, whatever the ledger says', () => {
    const anything = fc.array(
      fc.record({
        state: fc.constantFrom<LedgerEntry['state']>('granted', 'revoked', 'requested'),
        purpose: fc.constantFrom('a', 'b', '*'),
        at: fc.integer({ min: 1, max: 20 }),
        source: fc.constantFrom('form', 'keyword', 'carrier', 'link', 'operator'),
      }),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(anything, (said) => {
        const entries = said.map(({ state, purpose, at, source }) => entry(state, purpose, at, { source }))
        for (const { purpose, evidence, revocation } of restorable(entries, 21)) {
          const proof = entries.find(({ id }) => id === evidence)
          const stop = entries.find(({ id }) => id === revocation)
          expect(proof).toMatchObject({ state: 'granted' })
          expect(stop).toMatchObject({ state: 'revoked' })
          expect(['keyword', 'carrier']).toContain(stop?.source)
          expect(proof?.at ?? 0).toBeLessThanOrEqual(stop?.at ?? 0)
          expect([purpose, '*']).toContain(proof?.purpose)
          // What holds now does not allow it: only what was ended is given back.
          const latest = [...new Set(entries.map((one) => one.purpose))].flatMap((name) => {
            const own = entries
              .filter((one) => one.purpose === name && one.state !== 'requested')
              .toSorted((a, b) => a.at - b.at || Number(a.state === 'revoked') - Number(b.state === 'revoked'))
              .at(-1)
            return own === undefined || own.state === 'requested'
              ? []
              : [{ purpose: name, state: own.state, at: own.at }]
          })
          expect(allowsPurpose(purpose, latest, 21)).toBe(false)
        }
      }),
    )
  })
})
