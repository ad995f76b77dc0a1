import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { type Refusal, takeBack } from './take-back.ts'

/**
 * A refusal that speaks of another channel than the one it came by ("stop texting me" in an email): it holds there as well, for the
 * addresses of the people who wrote. The contacts are locked by the refusal itself.
 */
export async function takeBackElsewhere(
  statements: Statements,
  refusal: Refusal,
  channel: Channel,
  contacts: readonly string[],
): Promise<void> {
  const column = channel === 'email' ? 'email' : 'phone'
  const rows = await statements.query<{ address: string }>(
    `select distinct ${column} as address from contact where id = any($1::uuid[]) and ${column} is not null order by 1`,
    [contacts],
  )
  for (const { address } of rows) await takeBack(statements, { ...refusal, channel, address, carrierBlocks: false })
}
