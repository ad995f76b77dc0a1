import type { Database } from '../../../core/database.ts'
import { GHOSTS, HANDED_OVER, TURNED_DOWN } from './hand-off.ts'

/** How far a set of runs has got. Steps are counted once each, a step's fallback as a message of its own. */
export interface RunCounts {
  readonly entered: number
  readonly sent: { readonly email: number; readonly sms: number }
  /** Steps that had to wait at least once for quiet hours, a gap, a cap or a pause. */
  readonly held: number
  /** Messages that were decided against, or that a carrier refused, by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** Messages of held-out contacts: written, never handed over. */
  readonly ghost: number
  readonly converted: number
  readonly finished: number
}

export interface Progress extends RunCounts {
  readonly waiting: number
  readonly journeys: Readonly<Record<string, RunCounts>>
}

interface Row {
  readonly journey: string
  readonly figure: 'entered' | 'converted' | 'finished' | 'sent' | 'ghost' | 'refused' | 'held'
  readonly detail: string
  readonly n: number
}

// A run whose last receipt is overdue is over, although nobody may have looked yet.
const COUNTS = `
  select journey, 'entered' as figure, '' as detail, count(*) as n from enrollment group by journey
  union all
  select journey, 'converted', '', count(*) from enrollment where converted_at is not null group by journey
  union all
  select journey, 'finished', '', count(*) from enrollment where state = 'ended' or ends_at <= $1 group by journey
  union all
  select journey, 'sent', channel, count(*) from send where state = any($2::text[]) group by journey, channel
  union all
  select journey, 'ghost', '', count(*) from send where state = any($3::text[]) group by journey
  union all
  select journey, 'refused', split_part(coalesce(reason, 'unknown'), ':', 1), count(*)
    from send where state = any($4::text[]) group by 1, 3
  union all
  select e.journey, 'held', '', count(distinct (d.enrollment_id, d.step))
    from decision d join enrollment e on e.id = d.enrollment_id
   where d.verdict = 'hold' and d.reason <> 'not_due' group by e.journey`

/** Reads how far all runs have got, in one statement. `now` is virtual, epoch milliseconds. */
export async function readProgress(database: Database, now: number): Promise<Progress> {
  const rows = await database.query<Row>(COUNTS, [now, HANDED_OVER, GHOSTS, TURNED_DOWN])
  const journeys = [...new Set(rows.map((row) => row.journey))].toSorted()
  const all = counted(rows)
  return {
    ...all,
    waiting: all.entered - all.finished,
    journeys: Object.fromEntries(journeys.map((id) => [id, counted(rows.filter((row) => row.journey === id))])),
  }
}

function counted(rows: readonly Row[]): RunCounts {
  const total = (figure: Row['figure'], detail?: string): number =>
    rows
      .filter((row) => row.figure === figure && (detail === undefined || row.detail === detail))
      .reduce((sum, row) => sum + row.n, 0)
  const reasons = [...new Set(rows.flatMap((row) => (row.figure === 'refused' ? [row.detail] : [])))].toSorted()
  return {
    entered: total('entered'),
    sent: { email: total('sent', 'email'), sms: total('sent', 'sms') },
    held: total('held'),
    refused: Object.fromEntries(reasons.map((reason) => [reason, total('refused', reason)])),
    ghost: total('ghost'),
    converted: total('converted'),
    finished: total('finished'),
  }
}
