import type { Statements } from '../core/database.ts'
import type { RenderedLink } from './outbound.ts'

/** One attempt to hand over one send. `startedRealAt` tells it from every other attempt of the same send. */
export interface Attempt {
  readonly sendId: string
  /** Epoch milliseconds of real time. */
  readonly startedRealAt: number
}

/** Where a send stands. `at` is its hand-off, or its last change if nothing was handed over. */
export interface Standing {
  readonly state: string
  readonly reason: string | null
  readonly at: number
}

export interface Claim extends Attempt {
  readonly now: number
  readonly provider: string
  readonly bodyHash: string
  readonly links: readonly RenderedLink[]
  /** Of a text: what the carrier charges, and whether it says how to opt out. */
  readonly text?: { readonly segments: number; readonly saysOptOut: boolean }
}

/**
 * Takes the send for this caller and stores its links, in one statement. False: somebody else has it, or a "no" was committed
 * since the gate looked, and the gate must decide again. Of any number of callers one at most is ever told true, which is
 * why no other code may move a send to `attempting`.
 *
 * A claim that had to wait for an erasure or a merge sees the send as it is now and everything else as it was before the wait. So it asks
 * of the send itself: an erased one has no address, a moved one has another contact than its run had.
 *
 * What forbids it here is what the gate forbids, so a claim that fails is answered by the gate and not repeated for ever. A
 * reservation with a reason is on hold: it has no place under the caps any more and needs a new one first.
 */
export async function claimSend(statements: Statements, claim: Claim): Promise<boolean> {
  const rows = await statements.query<{ id: string }>(
    `with claimed as (
       update send s
          set state = 'attempting', attempt_real_at = $2, handed_off_at = $3, updated_at = $3, body_hash = $4, provider = $5,
              reason = null, segments = coalesce($8::smallint, s.segments), opt_out_wording = $9::boolean,
              relied_on = (select c.event_id from consent c
                            where c.contact_id = s.contact_id and c.channel = s.channel and c.purpose in (s.purpose, '*')
                              and c.state = 'granted' and (c.expires_at is null or c.expires_at > $3)
                            order by c.purpose = '*' limit 1)
        where s.id = $1 and s.state = 'reserved' and s.reason is null
          and s.address_hash is not null
          and exists (select 1 from enrollment e
                       where e.id = s.enrollment_id and e.state = 'active' and e.contact_id = s.contact_id)
          and not exists (select 1 from suppression b
                           where b.address_hash = s.address_hash and b.channel = s.channel and b.lifted_at is null
                             and (b.reason <> 'unsubscribe' or s.class = 'marketing'))
          and not exists (select 1 from consent c
                           where c.contact_id = s.contact_id and c.channel = s.channel and c.state = 'revoked'
                             and (c.purpose = s.purpose or (c.purpose = '*' and not exists (
                               select 1 from consent later
                                where later.contact_id = c.contact_id and later.channel = c.channel
                                  and later.purpose = s.purpose and later.at > c.at))))
          and exists (select 1 from consent valid
                       where valid.contact_id = s.contact_id and valid.channel = s.channel
                         and valid.purpose in (s.purpose, '*') and valid.state = 'granted'
                         and (valid.expires_at is null or valid.expires_at > $3))
       returning s.id
     ), stored as (
       insert into link (token, send_id, url)
       select l.token, c.id, l.url from claimed c, unnest($6::text[], $7::text[]) as l (token, url)
       -- Written again after a call that was certainly not accepted: nobody has the old target.
       on conflict (token) do update set url = excluded.url where link.send_id = excluded.send_id
     )
     select id from claimed`,
    [
      claim.sendId,
      claim.startedRealAt,
      claim.now,
      claim.bodyHash,
      claim.provider,
      claim.links.map((link) => link.token),
      claim.links.map((link) => link.url),
      claim.text?.segments ?? null,
      claim.text?.saysOptOut ?? null,
    ],
  )
  return rows.length > 0
}

/**
 * Gives the reservation's place under the caps back until the gate decides it afresh, with the decision that says until when it waits
 * for its turn: a message that waits disturbs nobody.
 */
export async function putOnHold(statements: Statements, sendId: string, until: number, now: number): Promise<void> {
  await statements.query(
    `with held as (
       update send set reason = 'throttled', updated_at = $3
        where id = $1 and state = 'reserved' and reason is null
       returning enrollment_id, step, branch, version
     )
     insert into decision (enrollment_id, step, branch, verdict, reason, until_at, facts, version, at)
     select enrollment_id, step, branch, 'hold', 'throttled', $2, $4, version, $3 from held`,
    [sendId, until, now, JSON.stringify({ turn_at: until })],
  )
}

export interface Outcome {
  readonly state: 'accepted' | 'rejected' | 'unknown'
  readonly reason: string | null
  readonly providerId: string | null
}

/**
 * Writes what the call brought and returns where the send stands now. Feedback that overtook the answer has already raised the
 * state, which is then kept; an `unknown` that another attempt wrote meanwhile is replaced by what is certain.
 */
export async function recordOutcome(
  statements: Statements,
  attempt: Attempt,
  outcome: Outcome,
  now: number,
): Promise<Standing | undefined> {
  const [row] = await statements.query<Standing>(
    `update send
        set state = case when state in ('attempting', 'unknown') then $3 else state end,
            reason = case when state in ('attempting', 'unknown') then $4 else reason end,
            provider_id = coalesce(provider_id, $5),
            handed_off_at = case when state in ('attempting', 'unknown') and $3 = 'rejected' then null else handed_off_at end,
            updated_at = greatest(updated_at, $6)
      where id = $1 and attempt_real_at = $2
     returning state, reason, coalesce(handed_off_at, updated_at) as at`,
    [attempt.sendId, attempt.startedRealAt, outcome.state, outcome.reason, outcome.providerId, now],
  )
  return row
}

/**
 * Gives a send back that was certainly not accepted, with the decision that says why and until when. Its place in front of its number
 * is used up. False if it is no longer this attempt's to give back: then its outcome has been told already.
 */
export async function releaseSend(
  statements: Statements,
  attempt: Attempt,
  hold: { readonly until: number; readonly code: string },
  now: number,
): Promise<boolean> {
  const rows = await statements.query<{ id: string }>(
    `with released as (
       update send
          set state = 'reserved', reason = 'throttled', attempt_real_at = null, handed_off_at = null, updated_at = $3, paced_at = null
        where id = $1 and attempt_real_at = $2 and state = 'attempting'
       returning id, enrollment_id, step, branch, version
     ), decided as (
       insert into decision (enrollment_id, step, branch, verdict, reason, until_at, facts, version, at)
       select enrollment_id, step, branch, 'hold', 'throttled', $4, $5, version, $3 from released
     )
     select id from released`,
    [attempt.sendId, attempt.startedRealAt, now, hold.until, JSON.stringify({ carrier: hold.code })],
  )
  return rows.length > 0
}

/** Refuses a send that was reserved but cannot be written: nobody else may have taken it meanwhile. */
export async function refuseContent(
  statements: Statements,
  sendId: string,
  detail: string,
  now: number,
): Promise<boolean> {
  const rows = await statements.query<{ id: string }>(
    `with refused as (
       update send set state = 'refused', reason = 'content', updated_at = $2
        where id = $1 and state = 'reserved'
       returning id, enrollment_id, step, branch, version
     ), decided as (
       insert into decision (enrollment_id, step, branch, verdict, reason, facts, version, at)
       select enrollment_id, step, branch, 'refuse', 'content', $3, version, $2 from refused
     )
     select id from refused`,
    [sendId, now, JSON.stringify({ content: detail })],
  )
  return rows.length > 0
}

/** An attempt of somebody who may be dead: its outcome is unknown from now on, and the call is never made again. */
export async function markInterrupted(statements: Statements, sendId: string, now: number): Promise<void> {
  await statements.query(
    `update send set state = 'unknown', reason = 'interrupted', updated_at = $2 where id = $1 and state = 'attempting'`,
    [sendId, now],
  )
}

export async function readStanding(statements: Statements, sendId: string): Promise<Standing | undefined> {
  const [row] = await statements.query<Standing>(
    'select state, reason, coalesce(handed_off_at, updated_at) as at from send where id = $1',
    [sendId],
  )
  return row
}

/** Ends the run at `endsAt`, or lets it live until then when that is still to come. A run that has ended stays as it is. */
export async function endRunAt(statements: Statements, enrollment: string, endsAt: number, now: number): Promise<void> {
  await statements.query(
    endsAt <= now
      ? `update enrollment set state = 'ended', outcome = 'completed', ended_at = $2, ends_at = null
          where id = $1 and state = 'active'`
      : `update enrollment set ends_at = $2 where id = $1 and state = 'active'`,
    [enrollment, endsAt],
  )
}

/** Lets a run that only awaits its end live on, at least until then. */
export async function keepRunUntil(statements: Statements, enrollment: string, until: number): Promise<void> {
  await statements.query(`update enrollment set ends_at = $2 where id = $1 and state = 'active' and ends_at < $2`, [
    enrollment,
    until,
  ])
}
