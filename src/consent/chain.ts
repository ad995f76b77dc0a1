import { createHash } from 'node:crypto'
import type { Channel } from '../core/compiled-journey.ts'
import type { ConsentState, ConsentWord } from './ledger.ts'

/** The hash before the first entry of a chain. */
export const GENESIS = '0'.repeat(64)

/** One entry as it stands in the ledger. */
export interface LedgerEntry {
  readonly id: number
  readonly contactId: string
  readonly channel: Channel
  readonly purpose: string
  readonly seq: number
  readonly state: ConsentWord
  readonly source: string
  readonly at: number
  readonly recordedAt: number
  readonly expiresAt: number | null
  readonly commitment: string
  readonly prevHash: string
  readonly hash: string
  /** The evidence: null together, once it was removed. `proof` is the JSON text that was committed to, byte for byte. */
  readonly salt: string | null
  readonly address: string | null
  readonly proof: string | null
  readonly removedAt: number | null
  readonly removedFor: 'erasure' | 'retention' | null
}

/** Where a chain ends, and what holds, as the store remembers them besides the entries. */
export interface ChainEnd {
  readonly head: { readonly seq: number; readonly hash: string } | null
  readonly standing: Standing | null
}

export interface Standing {
  readonly state: ConsentState
  readonly at: number
  readonly expiresAt: number | null
}

/** What can be wrong with an entry, or with a chain as a whole (`end`, `standing`). In words: {@link FAULT_WORDS}. */
export type ChainFault = 'changed' | 'order' | 'evidence' | 'evidence_missing' | 'end' | 'standing'

export const FAULT_WORDS: Readonly<Record<ChainFault, string>> = {
  changed: 'a field is not what was recorded',
  order: 'an entry before it is missing, or it stands in the place of another',
  evidence: 'the evidence is not what was committed to',
  evidence_missing: 'the evidence is gone and nobody said why',
  end: 'entries at its end are missing',
  standing: 'the state that is acted on is not what was said',
}

export interface ChainProblem {
  readonly fault: ChainFault
  readonly contactId: string
  readonly channel: Channel
  readonly purpose: string
  /** Of the entry; 0 if it is about the chain as a whole. */
  readonly seq: number
}

/** The salted commitment to an entry's evidence: SHA-256 (hex) over the JSON of salt, address and the proof's text. */
export function commitmentOf(salt: string, address: string | null, proof: string): string {
  return sha256(JSON.stringify([salt, address, proof]))
}

/**
 * The hash of an entry: SHA-256 (hex) over the JSON array of its fields in a fixed order, the hash before it among them. The same as
 * `consent_link` of migration 0003; a change of either would break every chain there is.
 */
export function entryHash(
  entry: Omit<LedgerEntry, 'id' | 'hash' | 'salt' | 'address' | 'proof' | 'removedAt' | 'removedFor'>,
): string {
  return sha256(
    JSON.stringify([
      'segue-consent-1',
      entry.prevHash,
      entry.seq,
      entry.contactId,
      entry.channel,
      entry.purpose,
      entry.state,
      entry.source,
      entry.at,
      entry.recordedAt,
      entry.expiresAt,
      entry.commitment,
    ]),
  )
}

/** What holds after the entries, whatever order they are in: the rule of `recordConsent`. Null if nothing was said but requests. */
export function standingOf(entries: readonly Pick<LedgerEntry, 'state' | 'at' | 'expiresAt'>[]): Standing | null {
  let now: Standing | null = null
  for (const { state, at, expiresAt } of entries) {
    if (state !== 'requested' && (now === null || outweighs({ state, at, expiresAt }, now)))
      now = { state, at, expiresAt }
  }
  return now
}

function outweighs(said: Standing, now: Standing): boolean {
  if (said.at !== now.at) return said.at > now.at
  if (said.state !== now.state) return said.state === 'revoked'
  return (said.expiresAt ?? Number.POSITIVE_INFINITY) < (now.expiresAt ?? Number.POSITIVE_INFINITY)
}

/** Everything that is wrong with one chain. `entries` in the order of their `seq`; all of one contact, channel and purpose. */
export function verifyChain(entries: readonly LedgerEntry[], end: ChainEnd): readonly ChainProblem[] {
  const [first] = entries
  if (first === undefined) return []
  const problems: ChainProblem[] = []
  const { contactId, channel, purpose } = first
  const report = (fault: ChainFault, seq: number): number => problems.push({ fault, contactId, channel, purpose, seq })
  let previous = { seq: 0, hash: GENESIS }
  for (const entry of entries) {
    if (entry.seq !== previous.seq + 1 || entry.prevHash !== previous.hash) report('order', entry.seq)
    if (entryHash(entry) !== entry.hash) report('changed', entry.seq)
    const fault = evidenceFault(entry)
    if (fault !== undefined) report(fault, entry.seq)
    previous = entry
  }
  if (end.head?.seq !== previous.seq || end.head.hash !== previous.hash) report('end', 0)
  if (!isSame(standingOf(entries), end.standing)) report('standing', 0)
  return problems
}

function evidenceFault({ salt, address, proof, commitment, removedAt }: LedgerEntry): ChainFault | undefined {
  if (removedAt !== null) return salt === null && address === null && proof === null ? undefined : 'evidence'
  if (salt === null || proof === null) return 'evidence_missing'
  return commitmentOf(salt, address, proof) === commitment ? undefined : 'evidence'
}

function isSame(a: Standing | null, b: Standing | null): boolean {
  return a?.state === b?.state && a?.at === b?.at && (a?.expiresAt ?? null) === (b?.expiresAt ?? null)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
