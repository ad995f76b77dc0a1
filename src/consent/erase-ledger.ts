import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { recordAct } from '../administration/audit-trail.ts'
import { readEvidence } from './evidence.ts'
import type { ConsentWord } from './ledger.ts'
import { HANDED_OVER, RELIANCE } from './reliance.ts'
import { keepsHash } from './retention.ts'

export interface LedgerErasure {
  readonly contactId: string
  /** The keyed hash of the contact's address, by channel; a channel without one has no address. */
  readonly addressHashes: Partial<Readonly<Record<Channel, { readonly hash: string; readonly version: number }>>>
  /** Epoch milliseconds. */
  readonly at: number
  /** As for the audit trail. */
  readonly actor: string
}

interface Row {
  readonly id: number
  readonly channel: Channel
  readonly state: ConsentWord
  readonly recordedAt: number
  readonly proof: Readonly<Record<string, unknown>> | null
  readonly lastReliedAt: number | null
}

/**
 * Removes everything personal from a contact's ledger, in the caller's transaction and with a row on the audit trail. Entries and
 * chains stay and go on verifying. Of a "no", and of a "yes" that messages relied on, a keyed hash of the address stays until the time
 * is over for which the law asks for it. Locks the contact row. Saying it again changes nothing.
 */
export async function eraseFromLedger(
  statements: Statements,
  erasure: LedgerErasure,
): Promise<{ readonly erased: number; readonly hashed: number }> {
  const { contactId, addressHashes, at, actor } = erasure
  await statements.query('select id from contact where id = $1 for no key update', [contactId])
  await noteReliance(statements, contactId)
  const rows = await statements.query<Row>(
    `select e.id, e.channel, e.state, e.recorded_at as "recordedAt", e.proof, r.last_at as "lastReliedAt"
       from consent_event e left join consent_reliance r on r.event_id = e.id
      where e.contact_id = $1 and e.removed_at is null order by e.id`,
    [contactId],
  )
  if (rows.length === 0) return { erased: 0, hashed: 0 }
  const kept = rows.map((row) => {
    const jurisdiction = readEvidence(row.proof ?? {}).jurisdiction
    return keepsHash({ ...row, jurisdiction, isInForce: false }, at) ? addressHashes[row.channel] : undefined
  })
  await statements.query(
    `update consent_event e
        set proof = null, address = null, salt = null, removed_at = $2, removed_for = 'erasure', address_hash = k.hash,
            key_version = k.version
       from unnest($1::bigint[], $3::text[], $4::smallint[]) as k (id, hash, version)
      where e.id = k.id`,
    [rows.map(({ id }) => id), at, kept.map((one) => one?.hash ?? null), kept.map((one) => one?.version ?? null)],
  )
  const hashed = kept.filter((one) => one !== undefined).length
  await recordAct(statements, {
    actor,
    act: 'consent.erase',
    subject: contactId,
    detail: { entries: rows.length, hashed },
    at,
  })
  return { erased: rows.length, hashed }
}

/** The weekly audit notes reliance up to its week; what was sent since must not be forgotten with the evidence. */
async function noteReliance(statements: Statements, contactId: string): Promise<void> {
  await statements.query(
    `insert into consent_reliance as known (event_id, last_at)
     select relied.relied_on, max(s.handed_off_at) from send s ${RELIANCE}
      where s.contact_id = $1 and s.state in ${HANDED_OVER} and s.handed_off_at is not null and relied.relied_on is not null
      group by relied.relied_on order by relied.relied_on
     on conflict (event_id) do update set last_at = greatest(known.last_at, excluded.last_at)`,
    [contactId],
  )
}
