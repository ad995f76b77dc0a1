import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'

/** A purpose that stands for all of them, as in "stop everything". */
export const EVERY_PURPOSE = '*'

export type ConsentState = 'granted' | 'revoked'

export interface ConsentStatement {
  readonly contactId: string
  readonly channel: Channel
  /** A purpose of segue.yaml, or {@link EVERY_PURPOSE}. */
  readonly purpose: string
  readonly state: ConsentState
  /** How it was said: api, import, keyword, link. */
  readonly source: string
  /** Evidence: wording and its version, page, IP, message id. */
  readonly proof: Readonly<Record<string, unknown>>
  /** Epoch milliseconds at which the person said so. */
  readonly at: number
  /** Epoch milliseconds at which it came to be known. */
  readonly recordedAt: number
}

/**
 * Appends what a person said to the ledger and derives what holds now. Locks the contact row, so that it is before or after a
 * gate of that contact, never in the middle.
 *
 * Statements may arrive in any order: the later `at` wins, and of two at the same instant the revocation wins. So an import of old
 * consents never brings back a person who has said no since.
 */
export async function recordConsent(statements: Statements, said: ConsentStatement): Promise<void> {
  await statements.query('select id from contact where id = $1 for no key update', [said.contactId])
  await statements.query(
    `with said as (
       insert into consent_event (contact_id, channel, purpose, state, source, proof, at, recorded_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       returning id, contact_id, channel, purpose, state, at
     )
     insert into consent as now (contact_id, channel, purpose, state, at, event_id)
     select contact_id, channel, purpose, state, at, id from said
     on conflict (contact_id, channel, purpose) do update
       set state = excluded.state, at = excluded.at, event_id = excluded.event_id
       where excluded.at > now.at or (excluded.at = now.at and excluded.state = 'revoked')`,
    [
      said.contactId,
      said.channel,
      said.purpose,
      said.state,
      said.source,
      JSON.stringify(said.proof),
      said.at,
      said.recordedAt,
    ],
  )
}

export interface ConsentFact {
  readonly purpose: string
  readonly state: ConsentState
  readonly at: number
}

/**
 * Whether what was said allows a purpose. A revocation of the purpose always forbids it. A revocation of everything forbids it,
 * unless the person granted this very purpose later. Otherwise a grant of the purpose, or of everything, is needed.
 */
export function allowsPurpose(purpose: string, facts: readonly ConsentFact[]): boolean {
  const own = facts.find((fact) => fact.purpose === purpose)
  const every = facts.find((fact) => fact.purpose === EVERY_PURPOSE)
  if (own?.state === 'revoked') return false
  if (every?.state === 'revoked') return own !== undefined && own.at > every.at
  return own !== undefined || every !== undefined
}
