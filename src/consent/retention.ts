import type { ConsentWord } from './ledger.ts'
import { RETENTION_RULES, type RetentionRule, SHORTEST_YEARS } from './retention-rules.ts'

export interface KeptEntry {
  readonly state: ConsentWord
  /** Epoch milliseconds. */
  readonly recordedAt: number
  /** The last hand-off that relied on it, epoch milliseconds; null if none did. */
  readonly lastReliedAt: number | null
  /** ISO 3166, such as US-VA; undefined if it is not known, and then the strictest place counts. */
  readonly jurisdiction: string | undefined
  /** It is the entry by which messages may go out now. */
  readonly isInForce: boolean
}

/**
 * The instant until which an entry's evidence must be kept, in epoch milliseconds; infinity for a grant that is in force, because the
 * next message relies on it. Pure.
 */
export function keepUntil(entry: KeptEntry, now: number, rules: readonly RetentionRule[] = RETENTION_RULES): number {
  if (entry.isInForce && entry.state === 'granted') return Number.POSITIVE_INFINITY
  const lastUse = Math.max(entry.recordedAt, entry.lastReliedAt ?? entry.recordedAt)
  const applying = rules.filter((rule) => applies(rule, entry, now))
  return Math.max(
    yearsAfter(lastUse, SHORTEST_YEARS),
    ...applying.map(({ years, from }) => yearsAfter(from === 'recorded' ? entry.recordedAt : lastUse, years)),
  )
}

/**
 * Whether somebody's wish to be forgotten has to wait for the keyed hash of the address: of a "no", so that it can be honoured and
 * shown; of a "yes" that messages relied on, as the defence against a claim (GDPR Art. 17(3)(b) and (e)).
 */
export function keepsHash(entry: KeptEntry, now: number): boolean {
  const isDefence = entry.state === 'revoked' || (entry.state === 'granted' && entry.lastReliedAt !== null)
  // Nothing is in force any more for somebody who is forgotten.
  return isDefence && keepUntil({ ...entry, isInForce: false }, now) > now
}

function applies(rule: RetentionRule, { state, jurisdiction }: KeptEntry, now: number): boolean {
  if (!rule.states.includes(state) || Date.parse(rule.effectiveFrom) > now) return false
  return rule.jurisdiction === '*' || jurisdiction === undefined || jurisdiction === rule.jurisdiction
}

/** The same day and time so many calendar years later, UTC; 29 February becomes 1 March. */
export function yearsAfter(at: number, years: number): number {
  const date = new Date(at)
  return date.setUTCFullYear(date.getUTCFullYear() + years)
}
