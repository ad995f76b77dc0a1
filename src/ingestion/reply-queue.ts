import { recordAct } from '../administration/audit-trail.ts'
import { lockAddressHashes } from '../consent/address-lock.ts'
import { type AddressKeys, hashesOf } from '../consent/address.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Database } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { takeBack } from './take-back.ts'

export interface StoredReply {
  readonly id: number
  readonly contactId: string | null
  readonly channel: Channel
  readonly meaning: string
  readonly rule: string | null
  readonly state: 'open' | 'closed' | null
  readonly text: string
  /** Epoch milliseconds. */
  readonly receivedAt: number
}

/** What people wrote, the latest first; `open` only what waits for a decision, the oldest first. */
export async function listReplies(
  database: Database,
  which: { readonly open: boolean; readonly limit: number },
): Promise<readonly StoredReply[]> {
  return database.query<StoredReply>(
    `select id, contact_id as "contactId", channel, meaning, rule, state, body as text, received_at as "receivedAt"
       from inbound_message
      where not $1 or state = 'open'
      order by case when $1 then id else -id end limit $2`,
    [which.open, which.limit],
  )
}

export type Closed = 'closed' | 'unknown' | 'not_open' | 'no_contact'

/**
 * An operator has read a doubtful message. `stop`: it was a refusal, and now it is one; marketing ends on every channel that it could
 * mean. Otherwise marketing to the person goes on with the next decision.
 */
export async function closeReply(
  database: Database,
  deps: { readonly keys: AddressKeys },
  closing: { readonly id: number; readonly stop: boolean; readonly actor: string; readonly at: number },
): Promise<Closed> {
  const { id, stop, actor, at } = closing
  return database.transaction(async (statements): Promise<Closed> => {
    const [found] = await statements.query<{
      state: string | null
      channel: Channel
      email: string | null
      phone: string | null
      hash: string | null
      version: number | null
    }>(
      `select i.state, i.channel, i.address_hash as hash, i.key_version as version, c.email, c.phone from inbound_message i left join contact c on c.id = i.contact_id where i.id = $1`,
      [id],
    )
    if (found === undefined) return 'unknown'
    if (found.state !== 'open') return 'not_open'
    const address = found.channel === 'email' ? found.email : found.phone
    if (stop && address === null && found.hash === null) return 'no_contact'
    if (stop && address !== null) {
      const [live] = await statements.query<{ compiled: CompiledWorkspace }>(
        'select compiled from workspace where id = 1',
      )
      await takeBack(statements, {
        keys: deps.keys,
        workspace: live?.compiled,
        channel: found.channel,
        address,
        scope: 'marketing',
        carrierBlocks: false,
        by: 'operator',
        source: 'operator',
        proof: { inbound: id, decidedBy: actor },
        at,
        receivedAt: at,
      })
    }
    // Written from an address that no contact has any more: the "no" is about that one too, known by its hash alone.
    const { hash, version } = found
    const isElsewhere = address === null || !hashesOf(deps.keys, found.channel, address).includes(hash ?? '')
    if (stop && hash !== null && isElsewhere) {
      await lockAddressHashes(statements, [hash])
      await statements.query(
        `insert into suppression as old (address_hash, key_version, channel, reason, source, at)
         values ($1, $2, $3, 'unsubscribe', 'operator', $4)
         on conflict (address_hash, channel, reason) do update
           set at = greatest(old.at, excluded.at), lifted_at = null, lifted_by = null`,
        [hash, version ?? deps.keys.current, found.channel, at],
      )
    }
    const closed = await statements.query<{ id: number }>(
      `update inbound_message set state = 'closed', closed_at = $2, closed_by = $3, meaning = case when $4 then 'stop' else meaning end
        where id = $1 and state = 'open' returning id`,
      [id, at, actor, stop],
    )
    if (closed.length === 0) return 'not_open'
    await recordAct(statements, { actor, act: 'reply.close', subject: String(id), detail: { stop }, at })
    return 'closed'
  })
}
