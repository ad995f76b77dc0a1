import { lockAddress } from '../../consent/address-lock.ts'
import { type AddressKeys, hashAddress, hashesOf } from '../../consent/address.ts'
import { EVERY_PURPOSE } from '../../consent/ledger.ts'
import type { Channel } from '../../core/compiled-journey.ts'
import type { Statements } from '../../core/database.ts'
import type { Sender } from '../../core/workspace.ts'
import type { Outcome } from '../send-ledger.ts'
import { decideServiceMessage, lateAt, type ServiceDecision } from './decide.ts'
import type { ServiceMessageKind } from './service-message.ts'

/** A message that this caller, and nobody else, may hand over now. Never logged: it holds the address. */
export interface ClaimedMessage {
  readonly id: string
  readonly kind: ServiceMessageKind
  readonly channel: Channel
  readonly address: string
  readonly text: string
  readonly subject: string | null
  readonly html: string | null
  readonly sender: Sender
  readonly saidAt: number
  /** The instant from which it must not be sent any more. */
  readonly lateAt: number
}

export type Claim =
  | { readonly kind: 'claimed'; readonly message: ClaimedMessage }
  | { readonly kind: 'hold'; readonly reason: string; readonly until: number }
  /** Nothing is left to do: it was refused, or somebody has handed it over or tried to. */
  | { readonly kind: 'done'; readonly state: string; readonly reason: string | null }

export interface ClaimDeps {
  readonly keys: AddressKeys
  /** Whether a provider is configured in this process. */
  readonly hasProvider: (name: string) => boolean
  /** Of the clock: see `decideServiceMessage`. */
  readonly scale: number
}

interface Row {
  readonly kind: ServiceMessageKind
  readonly contact_id: string | null
  readonly channel: Channel
  readonly sender: string
  readonly purpose: string | null
  readonly asked: boolean
  readonly address: string | null
  readonly body: string | null
  readonly subject: string | null
  readonly html: string | null
  readonly state: string
  readonly reason: string | null
  readonly said_at: number
  readonly valid_until: number
}

const ROW = `select kind, contact_id, channel, sender, purpose, asked, address, body, subject, html, state, reason, said_at, valid_until
  from service_message where id = $1`

/** What is removed with the outcome: nothing of a message that is over says whom it went to. */
export const FORGET = 'address = null, body = null, subject = null, html = null'

/**
 * Decides and takes one service message, in the caller's transaction. Contacts and address are locked first, as everywhere, so a
 * "no" is committed before everything here is read, or after the claim.
 *
 * On entry, `attempting` is an attempt that never came back: it becomes `unknown` and is never called again.
 *
 * @param startedRealAt Epoch milliseconds of real time: tells this attempt from every other.
 */
export async function claimServiceMessage(
  statements: Statements,
  deps: ClaimDeps,
  id: string,
  now: number,
  startedRealAt: number,
): Promise<Claim> {
  const [unlocked] = await statements.query<Row>(ROW, [id])
  if (unlocked === undefined) throw new Error(`service message ${id} is not in the store`)
  if (unlocked.address !== null) await lockPeople(statements, deps.keys, unlocked, unlocked.address)
  const [row] = await statements.query<Row>(`${ROW} for update`, [id])
  if (row?.state !== 'reserved') return settled(statements, id, row, now)
  // Merged while it was waited for: the survivor is not locked, so the attempt is made again.
  if (row.contact_id !== unlocked.contact_id) throw new Error(`service message ${id} moved while it was being locked`)
  const { address, body } = row
  // Erased: there is nobody left to write to.
  if (address === null || body === null) return refuse(statements, id, 'erased', now)

  const { sender, switches } = await readSurroundings(statements, row)
  const decision = decideServiceMessage(
    {
      kind: row.kind,
      asked: row.asked,
      saidAt: row.said_at,
      validUntil: row.valid_until,
      suppressions: await blocksOf(statements, deps.keys, row.channel, address, now),
      revokedAt: await latestNo(statements, row),
      paused: switches > 0,
      hasSender: sender?.channel === row.channel && deps.hasProvider(sender.provider),
    },
    now,
    deps.scale,
  )
  if (decision.kind === 'refuse') return refuse(statements, id, decision.reason, now)
  if (decision.kind === 'hold' || sender === undefined) return hold(statements, deps, id, row, decision, now)
  const { hash } = hashAddress(deps.keys, row.channel, address)
  await statements.query(
    `update service_message
        set state = 'attempting', reason = null, attempt_real_at = $2, handed_off_at = $3, updated_at = $3, provider = $4,
            address_hash = $5
      where id = $1`,
    [id, startedRealAt, now, sender.provider, hash],
  )
  const { kind, channel, subject, html } = row
  const times = { saidAt: row.said_at, lateAt: lateOf(row, deps) }
  return { kind: 'claimed', message: { id, kind, channel, address, text: body, subject, html, sender, ...times } }
}

/** Everybody who has the address, and the person whom it is about. */
async function lockPeople(statements: Statements, keys: AddressKeys, row: Row, address: string): Promise<void> {
  await statements.query(
    `select id from contact
      where id = $1 or ${row.channel === 'email' ? 'email' : 'phone'} = $2 order by id for no key update`,
    [row.contact_id, address],
  )
  await lockAddress(statements, keys, row.channel, address)
}

async function settled(statements: Statements, id: string, row: Row | undefined, now: number): Promise<Claim> {
  if (row?.state !== 'attempting') return { kind: 'done', state: row?.state ?? 'refused', reason: row?.reason ?? null }
  await statements.query(
    `update service_message set state = 'unknown', reason = 'interrupted', updated_at = $2, ${FORGET}
      where id = $1 and state = 'attempting'`,
    [id, now],
  )
  return { kind: 'done', state: 'unknown', reason: 'interrupted' }
}

async function refuse(statements: Statements, id: string, reason: string, now: number): Promise<Claim> {
  await statements.query(
    `update service_message set state = 'refused', reason = $2, updated_at = $3, ${FORGET} where id = $1`,
    [id, reason, now],
  )
  return { kind: 'done', state: 'refused', reason }
}

async function hold(
  statements: Statements,
  deps: ClaimDeps,
  id: string,
  row: Row,
  decision: Exclude<ServiceDecision, { kind: 'refuse' }>,
  now: number,
): Promise<Claim> {
  const reason = decision.kind === 'hold' ? decision.reason : 'no_sender'
  await statements.query('update service_message set reason = $2, updated_at = $3 where id = $1', [id, reason, now])
  return { kind: 'hold', reason, until: Math.min(lookAgainAt(row.said_at, now, deps.scale), lateOf(row, deps)) }
}

const SHORTEST_LOOK_MS = 15_000
const LONGEST_LOOK_MS = 900_000

/**
 * When a message that is held is looked at again: the longer it has waited, the less often, because every look costs its workflow
 * some of a history that ends.
 */
export function lookAgainAt(saidAt: number, now: number, scale: number): number {
  const waited = (now - saidAt) / 8
  return now + Math.ceil(Math.max(SHORTEST_LOOK_MS * scale, Math.min(LONGEST_LOOK_MS * scale, waited)))
}

function lateOf(row: Row, { scale }: ClaimDeps): number {
  return lateAt({ kind: row.kind, saidAt: row.said_at, validUntil: row.valid_until }, scale)
}

interface Surroundings {
  readonly sender: Sender | undefined
  readonly switches: number
}

async function readSurroundings(statements: Statements, row: Row): Promise<Surroundings> {
  const [live] = await statements.query<{ sender: Sender | null; switches: number }>(
    `with live as (select (select compiled -> 'senders' -> $1 from workspace where id = 1) as sender)
     select live.sender,
            (select count(*) from kill_switch k
              where k.scope = 'all' or (k.scope = 'channel' and k.name = $2)
                 or (k.scope = 'provider' and k.name = live.sender ->> 'provider')) as switches
       from live`,
    [row.sender, row.channel],
  )
  return { sender: live?.sender ?? undefined, switches: live?.switches ?? 0 }
}

/** The blocks that are in force, with the instant of each. */
async function blocksOf(
  statements: Statements,
  keys: AddressKeys,
  channel: Channel,
  address: string,
  now: number,
): Promise<readonly { readonly reason: string; readonly at: number }[]> {
  return statements.query(
    `select reason, max(at) as at from suppression
      where address_hash = any($1::text[]) and channel = $2 and lifted_at is null and (expires_at is null or expires_at > $3)
      group by reason order by reason`,
    [hashesOf(keys, channel, address), channel, now],
  )
}

async function latestNo(statements: Statements, row: Row): Promise<number | null> {
  if (row.contact_id === null) return null
  const [no] = await statements.query<{ at: number | null }>(
    `select max(at) as at from consent
      where contact_id = $1 and channel = $2 and state = 'revoked' and purpose in ($3, '${EVERY_PURPOSE}')`,
    [row.contact_id, row.channel, row.purpose ?? EVERY_PURPOSE],
  )
  return no?.at ?? null
}

/** Writes what the call brought and removes the text and the address. Feedback that overtook the answer stays. */
export async function recordServiceOutcome(
  statements: Statements,
  attempt: { readonly id: string; readonly startedRealAt: number },
  outcome: Outcome,
  now: number,
): Promise<void> {
  await statements.query(
    `update service_message
        set state = case when state in ('attempting', 'unknown') then $3 else state end,
            reason = case when state in ('attempting', 'unknown') then $4 else reason end,
            provider_id = coalesce(provider_id, $5),
            handed_off_at = case when state in ('attempting', 'unknown') and $3 = 'rejected' then null else handed_off_at end,
            updated_at = greatest(updated_at, $6), ${FORGET}
      where id = $1 and attempt_real_at = $2`,
    [attempt.id, attempt.startedRealAt, outcome.state, outcome.reason, outcome.providerId, now],
  )
}

/** Gives a message back that was certainly not accepted. False if it is no longer this attempt's to give back. */
export async function releaseServiceMessage(
  statements: Statements,
  attempt: { readonly id: string; readonly startedRealAt: number },
  now: number,
): Promise<boolean> {
  const rows = await statements.query<{ id: string }>(
    `update service_message
        set state = 'reserved', reason = 'throttled', attempt_real_at = null, handed_off_at = null, updated_at = $3
      where id = $1 and attempt_real_at = $2 and state = 'attempting' returning id`,
    [attempt.id, attempt.startedRealAt, now],
  )
  return rows.length > 0
}
