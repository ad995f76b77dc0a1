import type { Database } from '../../core/database.ts'
import { FORGET } from './claim.ts'

/** Nobody is alive who could still be making an attempt. Real milliseconds; an attempt has twenty seconds. */
const INTERRUPTED_AFTER_MS = 60_000
/** So long after its end a message that waits is nobody's any more: its own workflow would have refused it. */
const LATE_BY_MS = 3_600_000

/**
 * Settles messages that no workflow sees to any more, because somebody ended it or the engine lost it: an attempt that never came back
 * is unknown, what is long too late is refused, and neither keeps a text and an address for ever. It never sends. A workflow that comes
 * back after all finds nothing left to do. Returns how many were settled.
 */
export async function settleLeftovers(
  database: Database,
  at: { readonly now: number; readonly realNow: number; readonly scale: number },
): Promise<number> {
  const settled = await database.query<{ id: string }>(
    `update service_message
        set state = case state when 'attempting' then 'unknown' else 'refused' end,
            reason = case state when 'attempting' then 'interrupted' else 'expired' end, updated_at = $1,
            started_at = coalesce(started_at, $5), ${FORGET}
      where (state = 'attempting' and attempt_real_at < $2)
         or (state = 'reserved' and said_at + (valid_until - said_at) * $3::float8 < $4::float8)
      returning id`,
    [at.now, at.realNow - INTERRUPTED_AFTER_MS, at.scale, at.now - LATE_BY_MS, at.realNow],
  )
  return settled.length
}
