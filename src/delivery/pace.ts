import type { Statements } from '../core/database.ts'
import type { Sender } from '../core/workspace.ts'

type TextSender = Extract<Sender, { channel: 'sms' }>

/**
 * Segments a second that carriers take from a number, by its kind. What comes faster waits in Twilio's queue for up to ten hours, past
 * every window and every STOP, or is refused (30001). Source: Twilio, "Understanding Twilio Rate Limits and Message Queues".
 */
const PER_SECOND = { long_code: 1, toll_free: 3, short_code: 100, alphanumeric: 1 } as const

/** A carrier smooths bursts of a second by itself; nothing is held for less. Milliseconds. */
const TOLERANCE_MS = 1_000

/**
 * A place that was missed by more than this is none any more: whoever was held for the night meanwhile must not leave with all the
 * others of that evening at once. Much longer than a busy worker is late.
 */
const LAPSED_MS = 3_600_000

const DAY_MS = 86_400_000
/** T-Mobile counts its daily allowance by Pacific time. */
const CARRIERS_ZONE = 'America/Los_Angeles'

export type Turn = { readonly kind: 'now' } | { readonly kind: 'later'; readonly at: number }

/** A message that asks for its place in the queue in front of a number. */
export interface PaceRequest {
  readonly sendId: string
  /** The number that it leaves from: a sender may have several. */
  readonly from: string
  readonly sender: TextSender
  readonly segments: number
  /** Virtual epoch milliseconds. */
  readonly now: number
}

/**
 * A place in the queue in front of a number. It is given out once and kept with the send: a message that was held for its turn does
 * not go to the end of the queue again. All workers share the queue, in the store, so their number does not matter. A worker whose
 * clock is ahead holds up its numbers by as much, once; `segue doctor` looks at the clock.
 */
export async function takeTurn(statements: Statements, request: PaceRequest): Promise<Turn> {
  const { sendId, from, sender, segments, now } = request
  const perSecond = sender.segmentsPerSecond ?? PER_SECOND[sender.kind ?? 'long_code']
  const costMs = Math.ceil((segments * 1_000) / perSecond)
  const day = carriersDay(now)
  const [row] = await statements.query<{ slot: number | null }>(
    `with mine as (
       select case when paced_at >= $3::bigint - ${LAPSED_MS} then paced_at end as paced_at,
              -- What its carrier sent back has lost its place and is counted already.
              case when paced_at is null and segments is not null then 0 else $6::int end as uncounted
         from send where id = $1
     ), place as (
       insert into sender_pace as p (number, free_at, day, segments)
       select $2::text, $3::bigint + $4::bigint, $5::int, uncounted from mine where paced_at is null
       on conflict (number) do update set
         free_at = greatest(p.free_at, $3::bigint) + $4::bigint,
         -- Never back: of two workers around midnight, the one whose clock is behind must not empty the count of the new day.
         day = greatest(p.day, $5::int),
         segments = case when p.day >= $5::int then p.segments else 0 end + excluded.segments
         where p.day < $5::int or p.segments + excluded.segments <= $7::int
       returning free_at - $4::bigint as slot
     ), kept as (
       update send set paced_at = place.slot, segments = $6::int from place where id = $1
     )
     select coalesce((select paced_at from mine), (select slot from place)) as slot`,
    [sendId, from, now, costMs, day.number, segments, sender.segmentsPerDay ?? 2_147_483_647],
  )
  // The day's allowance is used up: tomorrow there is another, for whoever comes first.
  if (row?.slot === null || row === undefined) return { kind: 'later', at: day.endsAt }
  return row.slot <= now + TOLERANCE_MS ? { kind: 'now' } : { kind: 'later', at: row.slot }
}

const wallClock = new Intl.DateTimeFormat('en-US', {
  timeZone: CARRIERS_ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
})

/** The carriers' day of an instant, and when it ends; both by their own clocks, which change twice a year. */
export function carriersDay(at: number): { readonly number: number; readonly endsAt: number } {
  const local = wallTime(at)
  const number = Math.floor(local / DAY_MS)
  let endsAt = at + (number + 1) * DAY_MS - local
  // On a day of 23 or 25 hours midnight lies an hour earlier or later than that.
  endsAt += (number + 1) * DAY_MS - wallTime(endsAt)
  return { number, endsAt }
}

/** Local time in the carriers' zone, as if it were UTC. */
function wallTime(at: number): number {
  const parts = Object.fromEntries(wallClock.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  const read = (name: string): number => parts[name] ?? 0
  const day = Date.UTC(read('year'), read('month') - 1, read('day'))
  return day + ((read('hour') * 60 + read('minute')) * 60 + read('second')) * 1_000 + (at % 1_000)
}
