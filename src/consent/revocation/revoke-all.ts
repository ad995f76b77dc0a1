import type { StopScope } from './rule.ts'

/** From when to when a country's law says what one STOP to a text ends. Never change a row: end it, and add another. */
export interface RevocationLaw {
  readonly id: string
  /** ISO 3166. */
  readonly countries: readonly string[]
  readonly scope: StopScope
  readonly source: string
  /** ISO date on which somebody last read the source. */
  readonly reviewed: string
  /** Epoch milliseconds. */
  readonly effectiveFrom: number
  /** Epoch milliseconds, exclusive; absent: until superseded. */
  readonly effectiveTo?: number
}

const UNITED_STATES = ['US', 'PR', 'GU', 'VI', 'AS', 'MP'] as const

export const REVOKE_ALL: readonly RevocationLaw[] = [
  {
    id: 'fcc-revoke-programme',
    countries: UNITED_STATES,
    scope: 'purpose',
    source: '47 CFR 64.1200(a)(10); revoke-all waived by DA 26-12 of 6 January 2026',
    reviewed: '2026-11-23',
    effectiveFrom: Date.UTC(2025, 3, 11),
    effectiveTo: Date.UTC(2027, 0, 31),
  },
  {
    // Its reconsideration was opened in October 2025 (FNPRM); no later order was known when this was reviewed.
    id: 'fcc-revoke-all',
    countries: UNITED_STATES,
    scope: 'everything',
    source:
      'FCC 24-24 (89 FR 15756): a revocation holds for every later robotext of that sender; waiver of DA 26-12 ends 31 January 2027',
    reviewed: '2026-11-23',
    effectiveFrom: Date.UTC(2027, 0, 31),
  },
]
