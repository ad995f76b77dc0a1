import type { Statements } from '../core/database.ts'
import { writeOutbox } from '../engine/outbox.ts'

/**
 * Of two live runs of one journey and key the elder goes on and the younger ends as `merged`, before they belong to one contact:
 * there is never more than one. Returns how many ended.
 */
export async function endYoungerRuns(statements: Statements, from: string, into: string, at: number): Promise<number> {
  const ended = await statements.query<{ id: string }>(
    `update enrollment e set state = 'ended', outcome = 'merged', ended_at = $3
      where e.state = 'active' and e.contact_id in ($1, $2)
        and exists (select 1 from enrollment o
                     where o.state = 'active' and o.contact_id in ($1, $2) and o.contact_id <> e.contact_id
                       and o.journey = e.journey and o.key = e.key
                       and (o.entered_at, o.id) < (e.entered_at, e.id))
      returning e.id`,
    [from, into, at],
  )
  for (const { id } of ended) await writeOutbox(statements, id, { kind: 'signal', event: { kind: 'exit', at } }, at)
  return ended.length
}
