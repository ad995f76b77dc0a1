import { canonicalJson } from '../core/canonical-json.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { Purpose } from '../core/workspace.ts'

/** A purpose that stands for all of them, as in "stop everything". */
export const EVERY_PURPOSE = '*'

/** What a person said. `requested`: a confirmation was asked for; it is kept as proof and changes nothing about what holds. */
export type ConsentWord = 'granted' | 'revoked' | 'requested'

/** What holds. */
export type ConsentState = Exclude<ConsentWord, 'requested'>

/** How it was said. Closed, so that an audit can tell what kind of evidence to expect. Stored, so never renamed. */
export const CONSENT_SOURCES = [
  /** A server with a server key said so. */
  'api',
  'form',
  'checkout',
  /** A word that was texted to one of our numbers. */
  'keyword',
  'import',
  /** A link in a message, or its one-click button. */
  'link',
  'preferences',
  /** The answer to a request for confirmation. */
  'double_opt_in',
  /** A carrier or mailbox provider passed it on. */
  'carrier',
  'operator',
  /** The number changed, and with it the person, perhaps. */
  'identify',
  /** Said under another contact that turned out to be the same person. */
  'merge',
] as const
export type ConsentSource = (typeof CONSENT_SOURCES)[number]

export interface ConsentStatement {
  readonly contactId: string
  readonly channel: Channel
  /** A purpose of segue.yaml, or {@link EVERY_PURPOSE}. */
  readonly purpose: string
  readonly state: ConsentWord
  readonly source: ConsentSource
  /** Evidence, as named in {@link ConsentEvidence}; anything else is kept as well. The address is added by the store. */
  readonly proof: Readonly<Record<string, unknown>>
  /** Epoch milliseconds at which the person said so. */
  readonly at: number
  /** Epoch milliseconds at which it came to be known. */
  readonly recordedAt: number
  /** Epoch milliseconds from which a grant no longer counts; absent: it does not lapse. Ignored for anything but a grant. */
  readonly expiresAt?: number | undefined
}

/**
 * Appends what a person said to the ledger and derives what holds now. Locks the contact row, so that it is before or after a
 * gate of that contact, never in the middle, and so that each chain grows by one entry at a time. The store links the entry to its
 * chain (migration 0003).
 *
 * Statements may arrive in any order: the later `at` wins; of two at the same instant the revocation, and of two grants the one that
 * lapses first. So an import of old consents never brings back a person who has said no since.
 */
export async function recordConsent(statements: Statements, said: ConsentStatement): Promise<void> {
  const contactId = await lockSpeaker(statements, said)
  await statements.query(
    `with said as (
       insert into consent_event (contact_id, channel, purpose, state, source, proof, at, recorded_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       returning id, contact_id, channel, purpose, state, at, expires_at
     )
     insert into consent as now (contact_id, channel, purpose, state, at, event_id, expires_at)
     select contact_id, channel, purpose, state, at, id, expires_at from said where state <> 'requested'
     on conflict (contact_id, channel, purpose) do update
       set state = excluded.state, at = excluded.at, event_id = excluded.event_id, expires_at = excluded.expires_at
       where excluded.at > now.at
          or (excluded.at = now.at
              and (excluded.state = 'revoked'
                   or (now.state = 'granted' and excluded.expires_at < coalesce(now.expires_at, excluded.expires_at + 1))))`,
    [
      contactId,
      said.channel,
      said.purpose,
      said.state,
      said.source,
      canonicalJson(said.proof),
      said.at,
      said.recordedAt,
      said.state === 'granted' ? (said.expiresAt ?? null) : null,
    ],
  )
}

/**
 * Locks the contact. Of one that was merged while the caller waited, a "no" is the survivor's as well, and must not be lost; a "yes"
 * stays where it was said, because the survivor may have another address.
 */
async function lockSpeaker(statements: Statements, { contactId, state }: ConsentStatement): Promise<string> {
  const [row] = await statements.query<{ merged_into: string | null }>(
    'select merged_into from contact where id = $1 for no key update',
    [contactId],
  )
  const survivor = row?.merged_into ?? null
  if (survivor === null || state !== 'revoked') return contactId
  await statements.query('select id from contact where id = $1 for no key update', [survivor])
  return survivor
}

/** When a grant of a purpose that is given at `at` lapses, by the live workspace; undefined if it does not. Epoch milliseconds. */
export function expiryOf(purpose: Purpose | undefined, at: number): number | undefined {
  return purpose?.consentExpiresAfterMs === undefined ? undefined : at + purpose.consentExpiresAfterMs
}

export interface ConsentFact {
  readonly purpose: string
  readonly state: ConsentState
  readonly at: number
  /** Epoch milliseconds from which a grant does not count any more. */
  readonly expiresAt?: number | null
}

/**
 * Whether what was said allows a purpose at `now`. A revocation of the purpose always forbids it. A revocation of everything forbids
 * it, unless the person granted this very purpose later. Otherwise a grant of the purpose, or of everything, is needed. A grant that
 * has lapsed is as good as none.
 */
export function allowsPurpose(purpose: string, facts: readonly ConsentFact[], now: number): boolean {
  const valid = facts.filter((fact) => !hasLapsed(fact, now))
  const own = valid.find((fact) => fact.purpose === purpose)
  const every = valid.find((fact) => fact.purpose === EVERY_PURPOSE)
  if (own?.state === 'revoked') return false
  if (every?.state === 'revoked') return own !== undefined && own.at > every.at
  return own !== undefined || every !== undefined
}

function hasLapsed({ state, expiresAt }: ConsentFact, now: number): boolean {
  return state === 'granted' && expiresAt !== undefined && expiresAt !== null && expiresAt <= now
}
