import { type ConsentWord, EVERY_PURPOSE, expiryOf, recordConsent } from '../consent/ledger.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'

export interface LedgerEntry {
  readonly id: number
  readonly purpose: string
  readonly state: ConsentWord
  readonly source: string
  readonly proof: Readonly<Record<string, unknown>> | null
  readonly at: number
  readonly expiresAt: number | null
}

/** A purpose that a START gives back, and the entry of before that it rests on. */
export interface Restored {
  readonly purpose: string
  readonly evidence: number
  readonly revocation: number
}

/**
 * What a START may give back: only what a STOP ended, and only where the person had given evidenced consent before it. A carrier's
 * opt-in word alone is weak evidence of written consent (compliance: restores the programmes that the STOP ended, nothing else).
 * A refusal that came from elsewhere (a link, an operator, a complaint, somebody else at this number) stays.
 */
export function restorable(entries: readonly LedgerEntry[], at: number): readonly Restored[] {
  const said = entries.filter((entry) => entry.state !== 'requested' && entry.at < at).toSorted(byTime)
  const everything = last(said, EVERY_PURPOSE)
  const stoppedAll = everything?.state === 'revoked' ? everything : undefined
  if (stoppedAll !== undefined && !isStop(stoppedAll)) return []
  const restored: Restored[] = []
  for (const purpose of new Set(said.map((entry) => entry.purpose))) {
    const own = last(said, purpose)
    const stop = own?.state === 'revoked' ? own : stoppedAll
    // What was granted after the STOP still holds, and needs no giving back.
    if (stop === undefined || !isStop(stop) || (own?.state === 'granted' && own.at > stop.at)) continue
    const before = said.filter((entry) => byTime(entry, stop) < 0)
    const [mine, all] = [last(before, purpose), last(before, EVERY_PURPOSE)]
    if (mine?.state === 'revoked' || (all?.state === 'revoked' && (mine === undefined || mine.at <= all.at))) continue
    const evidence = mine ?? all
    if (evidence === undefined || (evidence.expiresAt !== null && evidence.expiresAt <= at)) continue
    restored.push({ purpose, evidence: evidence.id, revocation: stop.id })
  }
  return restored
}

function last(entries: readonly LedgerEntry[], purpose: string): LedgerEntry | undefined {
  return entries.findLast((entry) => entry.purpose === purpose)
}

/** By time; at the same instant the refusal is the later word, as everywhere. */
function byTime(a: LedgerEntry, b: LedgerEntry): number {
  return a.at - b.at || Number(a.state === 'revoked') - Number(b.state === 'revoked') || a.id - b.id
}

/** A STOP by text, as we read it or as the carrier did. */
function isStop({ source, proof }: LedgerEntry): boolean {
  const hints = proof?.['hints']
  const isStranger = Array.isArray(hints) && hints.includes('wrong_number')
  return (source === 'keyword' || source === 'carrier') && !isStranger && proof?.['event'] !== 'complaint'
}

/** Records what {@link restorable} allows; each new grant names the entry it rests on. The contact is locked. Returns the purposes. */
export async function restoreConsent(
  statements: Statements,
  about: {
    readonly contactId: string
    readonly channel: Channel
    readonly workspace: CompiledWorkspace | undefined
    readonly proof: Readonly<Record<string, unknown>>
    readonly at: number
  },
): Promise<readonly string[]> {
  const { contactId, channel, at } = about
  const column = channel === 'email' ? 'email' : 'phone'
  // Consent to another address is no evidence for this one, nor is consent whose evidence is gone.
  const entries = await statements.query<LedgerEntry>(
    `select id, purpose, state, source, proof, at, expires_at as "expiresAt" from consent_event
      where contact_id = $1 and channel = $2
        and (state <> 'granted' or address = (select ${column} from contact where id = $1))
      order by id`,
    [contactId, channel],
  )
  const restored = restorable(entries, at)
  const lapses = new Map(entries.map(({ id, expiresAt }) => [id, expiresAt]))
  for (const { purpose, evidence, revocation } of restored) {
    await recordConsent(statements, {
      contactId,
      channel,
      purpose,
      state: 'granted',
      source: 'keyword',
      proof: { ...about.proof, restores: evidence, revocation },
      at,
      recordedAt: at,
      expiresAt: earlier(expiryOf(about.workspace?.purposes[purpose], at), lapses.get(evidence) ?? undefined),
    })
  }
  return restored.map(({ purpose }) => purpose)
}

/** A START is weak evidence: it never makes consent last longer than the consent that it rests on. */
function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other)
}
