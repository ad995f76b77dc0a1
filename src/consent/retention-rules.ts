import type { ConsentWord } from './ledger.ts'

/**
 * How long the evidence of an entry is kept at least. Data, not advice: each row names its source and its last review, and holds from
 * `effectiveFrom` (a UTC date). Every row that applies holds; the longest decides. Rows are never changed, only added.
 *
 * Blocks of addresses (`suppression`) are no evidence and never expire: whoever said no stays out, whatever became of the papers.
 */
export interface RetentionRule {
  /** What was said. */
  readonly states: readonly ConsentWord[]
  /** ISO 3166 code of where it holds, such as US-VA; `*` for everywhere. */
  readonly jurisdiction: string
  /** Calendar years. */
  readonly years: number
  /** `last_reliance`: after the last message that relied on it; `recorded`: after it was said. */
  readonly from: 'last_reliance' | 'recorded'
  readonly source: string
  readonly confidence: 'primary' | 'secondary'
  readonly reviewer: string
  readonly reviewed: string
  readonly effectiveFrom: string
}

/** No row and no jurisdiction may bring it below this: the federal limitation of four years (28 USC 1658) runs from the last message. */
export const SHORTEST_YEARS = 3

const REVIEW = { reviewer: 'Segue maintainers; not legal advice', reviewed: '2026-11-25' } as const

export const RETENTION_RULES: readonly RetentionRule[] = [
  {
    states: ['granted', 'revoked', 'requested'],
    jurisdiction: '*',
    years: 5,
    from: 'last_reliance',
    source: 'FTC Telemarketing Sales Rule, 16 CFR 310.5(a) and (b), as amended in 2024',
    confidence: 'primary',
    effectiveFrom: '2024-10-15',
    ...REVIEW,
  },
  {
    states: ['revoked'],
    jurisdiction: '*',
    years: 5,
    from: 'recorded',
    source: '47 CFR 64.1200(d)(6): a do-not-call request is honoured for 5 years',
    confidence: 'primary',
    effectiveFrom: '2003-08-25',
    ...REVIEW,
  },
  {
    states: ['revoked'],
    jurisdiction: 'US-VA',
    years: 10,
    from: 'recorded',
    source: 'Virginia SB 1339 (2025): a STOP by text is honoured for at least 10 years',
    confidence: 'secondary',
    effectiveFrom: '2026-01-01',
    ...REVIEW,
  },
]
