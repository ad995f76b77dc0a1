import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { type AddressKeys, hashesOf, normalizeAddress } from './address.ts'
import type { ChainProblem, LedgerEntry } from './chain.ts'
import { type ConsentEvidence, readEvidence } from './evidence.ts'
import type { ConsentState, ConsentWord } from './ledger.ts'
import { HANDED_OVER, RELIANCE } from './reliance.ts'
import { readLedgerOf } from './verify-ledger.ts'

/**
 * Everything that shows whether, when and how one person agreed, and what was sent because of it. JSON-safe; instants are RFC 3339 with
 * milliseconds, so that a reader can compute every hash again (docs/compliance.md says how). It holds personal data.
 */
export interface ProofDocument {
  readonly format: '1.0'
  readonly kind: 'segue.consent-proof'
  readonly generatedAt: string
  readonly contact: ProofContact
  /** Whether every chain of this person is whole and says what the gate reads. */
  readonly verification: { readonly holds: boolean; readonly problems: readonly ChainProblem[] }
  /** What holds now. */
  readonly standing: readonly ProofStanding[]
  /** In the order in which they were recorded. */
  readonly entries: readonly ProofEntry[]
  /** Messages that no entry allowed. There should be none. */
  readonly withoutConsent: readonly ProofSend[]
  /** Blocks of the person's addresses, lifted ones as well. */
  readonly suppressions: readonly ProofSuppression[]
}

export interface ProofContact {
  readonly id: string
  readonly externalId: string | null
  readonly email: string | null
  readonly phone: string | null
}

export interface ProofStanding {
  readonly channel: Channel
  readonly purpose: string
  readonly state: ConsentState | 'lapsed'
  readonly since: string
  readonly expiresAt: string | null
}

export interface ProofEntry {
  readonly id: number
  /** Whose ledger it is in: this contact's, or that of one that was merged into it. */
  readonly contact: string
  readonly channel: Channel
  readonly purpose: string
  readonly state: ConsentWord
  readonly source: string
  readonly at: string
  readonly recordedAt: string
  readonly expiresAt: string | null
  /** The address that it was about, as it was then; null once it was removed. */
  readonly address: string | null
  readonly evidence: ConsentEvidence
  readonly removed: { readonly at: string; readonly because: 'erasure' | 'retention' } | null
  /** What the hash is made of. `proof` is the text that was committed to, byte for byte. */
  readonly chain: {
    readonly seq: number
    readonly prevHash: string
    readonly hash: string
    readonly commitment: string
    readonly salt: string | null
    readonly proof: string | null
  }
  readonly reliedOnBy: readonly ProofSend[]
}

export interface ProofSend {
  readonly send: string
  readonly at: string
  readonly channel: Channel
  readonly purpose: string
  readonly journey: string
  readonly step: string
  readonly version: string
  readonly commit: string | null
  readonly state: string
}

export interface ProofSuppression {
  readonly channel: Channel
  readonly reason: string
  readonly source: string
  readonly at: string
  readonly liftedAt: string | null
}

type Read<Part> = {
  readonly [Field in keyof Part]: Field extends 'at' | 'liftedAt' | 'since' | 'expiresAt'
    ? number | Extract<Part[Field], null>
    : Part[Field]
}
export type ReadSend = Read<ProofSend> & { readonly reliedOn: number | null; readonly ledger: string }

/** What {@link proofDocument} is made of. */
export interface ProofParts {
  readonly contact: ProofContact
  readonly entries: readonly LedgerEntry[]
  readonly problems: readonly ChainProblem[]
  readonly standing: readonly (Read<ProofStanding> & { readonly state: ConsentState })[]
  readonly sends: readonly ReadSend[]
  readonly suppressions: readonly Read<ProofSuppression>[]
}

/** The proof of one person's consent at the instant `at`; undefined if there is no such contact. Reads only. */
export async function proofOf(
  statements: Statements,
  contactId: string,
  { keys, at }: { readonly keys: AddressKeys; readonly at: number },
): Promise<ProofDocument | undefined> {
  const [contact] = await statements.query<ProofContact>(
    'select id, external_id as "externalId", email, phone from contact where id = $1',
    [contactId],
  )
  if (contact === undefined) return undefined
  const standing = await statements.query<ProofParts['standing'][number]>(
    `select channel, purpose, state, at as since, expires_at as "expiresAt" from consent
      where contact_id = $1 order by channel, purpose`,
    [contactId],
  )
  const sends = await statements.query<ReadSend>(
    `select s.id as send, s.handed_off_at as at, s.channel, s.purpose, s.journey, s.step, s.version, v.commit_hash as commit, s.state,
            relied.relied_on as "reliedOn", person.contact_id as ledger
       from send s ${RELIANCE} left join journey_version v on v.hash = s.version
      where s.contact_id = $1 and s.state in ${HANDED_OVER} and s.handed_off_at is not null
      order by s.handed_off_at, s.id`,
    [contactId],
  )
  const { entries, problems } = await readLedgersOf(statements, [contactId, ...sends.map(({ ledger }) => ledger)])
  const suppressions = await statements.query<ProofParts['suppressions'][number]>(
    `select channel, reason, source, at, lifted_at as "liftedAt" from suppression
      where address_hash = any($1::text[]) order by at, channel, reason`,
    [hashesOfAll(keys, contact, entries)],
  )
  return proofDocument({ contact, entries, problems, standing, sends, suppressions }, at)
}

/** The ledgers of a person: their own, those that messages of theirs relied on, and those that were merged into it. */
async function readLedgersOf(
  statements: Statements,
  contactIds: readonly string[],
): Promise<{ entries: readonly LedgerEntry[]; problems: readonly ChainProblem[] }> {
  const entries: LedgerEntry[] = []
  const problems: ChainProblem[] = []
  const contacts = new Set(contactIds)
  // Grows while it is walked: what was merged may have been merged before.
  for (const contactId of contacts) {
    const ledger = await readLedgerOf(statements, contactId)
    entries.push(...ledger.entries)
    problems.push(...ledger.problems)
    for (const { proof } of ledger.entries) {
      const merged = proof === null ? undefined : parseProof(proof)['merged']
      if (typeof merged === 'string' && UUID.test(merged)) contacts.add(merged)
    }
  }
  return { entries, problems }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Pure: puts the parts together. */
export function proofDocument(parts: ProofParts, at: number): ProofDocument {
  const { contact, entries, problems, standing, sends, suppressions } = parts
  const reliedOnBy = groupByEntry(sends)
  return {
    format: '1.0',
    kind: 'segue.consent-proof',
    generatedAt: instant(at),
    contact,
    verification: { holds: problems.length === 0, problems },
    standing: standing.map((one) => ({
      channel: one.channel,
      purpose: one.purpose,
      state: one.state === 'granted' && one.expiresAt !== null && one.expiresAt <= at ? 'lapsed' : one.state,
      since: instant(one.since),
      expiresAt: instantOrNull(one.expiresAt),
    })),
    entries: entries.toSorted((a, b) => a.id - b.id).map((entry) => writeEntry(entry, reliedOnBy.get(entry.id) ?? [])),
    withoutConsent: (reliedOnBy.get(null) ?? []).map(writeSend),
    suppressions: suppressions.map((one) => ({ ...one, at: instant(one.at), liftedAt: instantOrNull(one.liftedAt) })),
  }
}

function groupByEntry(sends: readonly ReadSend[]): ReadonlyMap<number | null, readonly ReadSend[]> {
  const groups = new Map<number | null, ReadSend[]>()
  for (const send of sends) {
    const group = groups.get(send.reliedOn)
    if (group === undefined) groups.set(send.reliedOn, [send])
    else group.push(send)
  }
  return groups
}

function writeEntry(entry: LedgerEntry, sends: readonly ReadSend[]): ProofEntry {
  const { seq, prevHash, hash, commitment, salt, proof, removedAt, removedFor } = entry
  return {
    id: entry.id,
    contact: entry.contactId,
    channel: entry.channel,
    purpose: entry.purpose,
    state: entry.state,
    source: entry.source,
    at: instant(entry.at),
    recordedAt: instant(entry.recordedAt),
    expiresAt: instantOrNull(entry.expiresAt),
    address: entry.address,
    evidence: proof === null ? {} : readEvidence(parseProof(proof)),
    removed: removedAt === null || removedFor === null ? null : { at: instant(removedAt), because: removedFor },
    chain: { seq, prevHash, hash, commitment, salt, proof },
    reliedOnBy: sends.map(writeSend),
  }
}

function writeSend({ reliedOn: _reliedOn, ledger: _ledger, at, ...send }: ReadSend): ProofSend {
  return { ...send, at: instant(at) }
}

/** Blocks may be of an address that the person had when saying something, and has no more. */
function hashesOfAll(keys: AddressKeys, contact: ProofContact, entries: readonly LedgerEntry[]): readonly string[] {
  const said = entries.map(({ channel, address }) => ({ channel, address }))
  const all = [
    { channel: 'email', address: contact.email },
    { channel: 'sms', address: contact.phone },
    ...said,
  ] as const
  const hashes = all.flatMap(({ channel, address }) =>
    address === null ? [] : hashesOf(keys, channel, normalizeAddress(channel, address) ?? address),
  )
  return [...new Set(hashes)]
}

function parseProof(text: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(text)
  return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
}

function instant(at: number): string {
  return new Date(at).toISOString()
}

function instantOrNull(at: number | null): string | null {
  return at === null ? null : instant(at)
}
