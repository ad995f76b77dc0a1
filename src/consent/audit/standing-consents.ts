import type { Channel } from '../../core/compiled-journey.ts'
import type { Statements } from '../../core/database.ts'

/** The grants in force of one channel and purpose, and what is to be said about them. */
export interface StandingConsents {
  readonly channel: Channel
  readonly purpose: string
  readonly inForce: number
  /** Lapse soon. */
  readonly expiring: number
  /** Given long ago by somebody who has not clicked, ordered or answered since. */
  readonly stale: number
  /** Nothing to show for them. */
  readonly withoutProof: number
  /** Something to show, but not the words that were agreed to. */
  readonly withoutWording: number
}

const DAY_MS = 86_400_000
const EXPIRING_WITHIN_MS = 30 * DAY_MS
/** 18 months, as long as a purchase makes a business relationship: 47 CFR 64.1200(f)(5). */
export const STALE_AFTER_MS = 548 * DAY_MS

/** Orders under the names of our samples and of Segment's ecommerce spec. */
const ORDERS = ['order.placed', 'Order Completed']

/** Looks at every grant in force at `now`, in one statement. */
export async function standingConsents(statements: Statements, now: number): Promise<readonly StandingConsents[]> {
  return statements.query<StandingConsents>(
    `with alive as (
       select contact_id from event where at >= $2 and name = any($4::text[]) and contact_id is not null
       union select contact_id from inbound_message where received_at >= $2 and contact_id is not null
       union select contact_id from enrollment where converted_at >= $2
       union select s.contact_id from click k join link l on l.token = k.token join send s on s.id = l.send_id
              where k.at >= $2 and not k.machine
       union select s.contact_id from feedback f join send s on s.id = f.send_id
              where f.at >= $2 and f.event = 'clicked' and not f.machine
     )
     select n.channel, n.purpose, count(*) as "inForce",
            count(*) filter (where n.expires_at <= $3) as expiring,
            count(*) filter (where n.at < $2 and a.contact_id is null) as stale,
            count(*) filter (where coalesce(e.proof::text, '{}') = '{}') as "withoutProof",
            count(*) filter (where e.proof::text <> '{}' and coalesce(e.proof ->> 'wording', e.proof ->> 'keyword') is null)
              as "withoutWording"
       from consent n
       join consent_event e on e.id = n.event_id
       left join alive a on a.contact_id = n.contact_id
      where n.state = 'granted' and (n.expires_at is null or n.expires_at > $1)
      group by n.channel, n.purpose
      order by n.channel, n.purpose`,
    [now, now - STALE_AFTER_MS, now + EXPIRING_WITHIN_MS, ORDERS],
  )
}
