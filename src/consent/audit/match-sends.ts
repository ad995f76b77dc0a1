import type { Channel } from '../../core/compiled-journey.ts'
import type { Statements } from '../../core/database.ts'
import { HANDED_OVER, RELIANCE } from '../reliance.ts'
import type { Period } from './week.ts'

/**
 * - `matched`: a grant that was in force allowed it.
 * - `crossed`: the "no" was recorded within {@link CROSSING_MS} before the hand-off: the call may have begun already.
 * - `after_no`: it went out after a "no".
 * - `lapsed`: the grant had expired.
 * - `no_consent`: nobody had ever said anything.
 */
export const SEND_VERDICTS = ['matched', 'crossed', 'after_no', 'lapsed', 'no_consent'] as const
export type SendVerdict = (typeof SEND_VERDICTS)[number]

/** A "no" is committed a moment after its instant, and a call that had begun is not stopped any more (G2 in docs/compliance.md). */
const CROSSING_MS = 60_000

/** Messages that are named; all are counted. */
const NAMED = 100

export interface NamedSend {
  readonly send: string
  readonly verdict: Exclude<SendVerdict, 'matched'>
  readonly journey: string
  readonly step: string
  readonly channel: Channel
  readonly purpose: string
  readonly contact: string
  /** Epoch milliseconds. */
  readonly at: number
}

export interface SendMatch {
  readonly counts: Readonly<Record<SendVerdict, number>>
  /** The first of those without a match. */
  readonly named: readonly NamedSend[]
}

/**
 * Matches every message of a period with the consent that allowed it, in one statement whatever their number. With `note` it also notes
 * when each grant was last relied on, from which its retention counts.
 */
export async function matchSends(
  statements: Statements,
  period: Period,
  options: { readonly note: boolean },
): Promise<SendMatch> {
  const [row] = await statements.query<{
    counts: readonly { readonly verdict: SendVerdict; readonly count: number }[]
    named: readonly NamedSend[]
  }>(
    `with sent as materialized (
       select s.id as send, s.journey, s.step, s.channel, s.purpose, s.contact_id as contact, s.handed_off_at as at, relied.relied_on,
              case when relied.relied_on is not null then 'matched'
                   when own.state = 'revoked' or every.state = 'revoked'
                   then case when s.handed_off_at - greatest(
                                    case when own.state = 'revoked' then own.recorded_at end,
                                    case when every.state = 'revoked' then every.recorded_at end) <= ${CROSSING_MS}
                             then 'crossed' else 'after_no' end
                   when own.state is not null or every.state is not null then 'lapsed'
                   else 'no_consent' end as verdict
         from send s ${RELIANCE}
        where s.handed_off_at >= $1 and s.handed_off_at < $2 and s.state in ${HANDED_OVER}
     )${options.note ? NOTE : ''}
     select (select coalesce(json_agg(c), '[]') from (select verdict, count(*) as count from sent group by verdict) c) as counts,
            (select coalesce(json_agg(n order by n.at, n.send), '[]') from (
               select send, verdict, journey, step, channel, purpose, contact, at from sent
                where verdict <> 'matched' order by at, send limit ${NAMED}) n) as named`,
    [period.from, period.to],
  )
  const counts: Record<SendVerdict, number> = { matched: 0, crossed: 0, after_no: 0, lapsed: 0, no_consent: 0 }
  for (const { verdict, count } of row?.counts ?? []) counts[verdict] = count
  return { counts, named: row?.named ?? [] }
}

// In one order, so that two audits at once do not wait for each other in a circle.
const NOTE = `, noted as (
       insert into consent_reliance as known (event_id, last_at)
       select relied_on, max(at) from sent where relied_on is not null group by relied_on order by relied_on
       on conflict (event_id) do update set last_at = greatest(known.last_at, excluded.last_at)
     )`
