import { type AddressKeys, hashesOf, normalizeAddress } from '../consent/address.ts'
import {
  messageOf,
  type Branch,
  type Channel,
  CHANNELS,
  type CompiledJourney,
  type Step,
} from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { dueAt } from '../core/timing.ts'
import { CONTACTING } from '../gate/checks/contacts.ts'
import { textHoursIn } from '../gate/jurisdictions/text-hours.ts'
import type {
  ConsentEvidence,
  ContactEvidence,
  DecisionEvidence,
  FeedbackEvidence,
  LawEvidence,
  MessageEvidence,
  RunEvidence,
  SendEvidence,
  SuppressionEvidence,
  VersionEvidence,
} from './evidence.ts'

/** A run with what all of its messages share. */
export interface RunRow extends RunEvidence {
  readonly contact: string
  readonly email: string | null
  readonly phone: string | null
  readonly compiled: CompiledJourney
  readonly version: Omit<VersionEvidence, 'approver'>
  readonly zone: string | null
}

export const RUN = `select e.id, e.journey, e.state, e.outcome, e.end_reason as "endReason", e.entered_at as "enteredAt",
    e.ended_at as "endedAt", e.held_out as "heldOut", e.contact_id as contact, c.email, c.phone, v.compiled,
    json_build_object('hash', v.hash, 'commit', v.commit_hash, 'author', v.author, 'deployedAt', v.created_at) as version,
    (select w.compiled ->> 'zone' from workspace w where w.id = 1) as zone
  from enrollment e join contact c on c.id = e.contact_id join journey_version v on v.hash = e.version`

/** How far back the messages that filled a cap are looked for, milliseconds. */
const LOOK_BACK_MS = 31 * 86_400_000

/** Everything about one message of a run; undefined if the step has no such message, or nothing of it ever happened and it is a fallback. */
export async function readMessage(
  statements: Statements,
  keys: AddressKeys,
  row: RunRow,
  step: Step,
  branch: Branch,
): Promise<MessageEvidence | undefined> {
  const action = messageOf(step, branch)
  if (action === undefined) return undefined
  const { compiled, version, zone, contact, email, phone, ...run } = row
  const { channel } = action
  const key = [row.id, step.id, branch]
  const send = await readSend(statements, key)
  const decided = await statements.query<Omit<DecisionEvidence, 'consents' | 'suppressions' | 'contacts' | 'laws'>>(
    `select id, verdict, reason, until_at as until, at, facts from decision
      where enrollment_id = $1 and step = $2 and branch = $3 order by id`,
    key,
  )
  if (branch === 'fallback' && send === null && decided.length === 0) return undefined
  const hashes = CHANNELS.map((one) => ({ channel: one, hashes: hashesOn(keys, one, { email, phone }) }))
  const consents = await consentsOf(statements, contact, channel, compiled.purpose)
  const suppressions = await suppressionsOf(
    statements,
    channel,
    hashes.find((one) => one.channel === channel)?.hashes ?? [],
  )
  const decisions: DecisionEvidence[] = []
  for (const decision of decided) {
    decisions.push({
      ...decision,
      consents: consents.filter(({ recordedAt }) => recordedAt <= decision.at),
      laws: channel === 'sms' ? lawsOf(decision) : [],
      suppressions: suppressions.filter(({ at }) => at <= decision.at),
      contacts: await contactsBefore(statements, {
        contact,
        hashes: hashes.flatMap((one) => one.hashes),
        key,
        at: decision.at,
      }),
    })
  }
  return {
    contact,
    run,
    version: { ...version, approver: null },
    step: step.id,
    branch,
    channel,
    purpose: compiled.purpose,
    decisions,
    send,
    waits: { from: step.from, dueAt: await dueOf(statements, row, step) },
    zone: zone ?? 'UTC',
  }
}

function hashesOn(
  keys: AddressKeys,
  channel: Channel,
  { email, phone }: { readonly email: string | null; readonly phone: string | null },
): readonly string[] {
  const raw = channel === 'email' ? email : phone
  const address = raw === null ? undefined : normalizeAddress(channel, raw)
  return address === undefined ? [] : hashesOf(keys, channel, address)
}

async function readSend(statements: Statements, key: readonly string[]): Promise<SendEvidence | null> {
  const [send] = await statements.query<Omit<SendEvidence, 'feedback'>>(
    `select id, state, reason, provider, provider_id as "providerId", handed_off_at as "handedOffAt", updated_at as "updatedAt"
       from send where enrollment_id = $1 and step = $2 and branch = $3`,
    key,
  )
  if (send === undefined) return null
  const feedback = await statements.query<FeedbackEvidence>(
    `select event, code, machine, at from feedback where send_id = $1
      union all
     select 'link followed', null, k.machine, k.at from click k join link l on l.token = k.token where l.send_id = $1
      order by 4, 1`,
    [send.id],
  )
  return { ...send, feedback }
}

async function consentsOf(
  statements: Statements,
  contact: string,
  channel: Channel,
  purpose: string,
): Promise<readonly ConsentEvidence[]> {
  return statements.query<ConsentEvidence>(
    `select purpose, state, source, at, recorded_at as "recordedAt", proof from consent_event
      where contact_id = $1 and channel = $2 and purpose in ($3, '*') order by at desc, id desc`,
    [contact, channel, purpose],
  )
}

async function suppressionsOf(
  statements: Statements,
  channel: Channel,
  hashes: readonly string[],
): Promise<readonly SuppressionEvidence[]> {
  return statements.query<SuppressionEvidence>(
    `select reason, source, at, lifted_at as "liftedAt" from suppression
      where address_hash = any($1::text[]) and channel = $2 order by at desc, reason`,
    [hashes, channel],
  )
}

async function contactsBefore(
  statements: Statements,
  asked: {
    readonly contact: string
    readonly hashes: readonly string[]
    readonly key: readonly string[]
    readonly at: number
  },
): Promise<readonly ContactEvidence[]> {
  return statements.query<ContactEvidence>(
    `select s.id as send, s.journey, s.step, s.channel, s.purpose, s.state, coalesce(s.handed_off_at, s.reserved_at) as at
       from send s
      where (s.contact_id = $1 or s.address_hash = any($2::text[])) and s.class = 'marketing' and ${CONTACTING}
        and coalesce(s.handed_off_at, s.reserved_at) > $3 and coalesce(s.handed_off_at, s.reserved_at) <= $4
        and not (s.enrollment_id = $5 and s.step = $6 and s.branch = $7)
      order by 7 desc, s.id`,
    [asked.contact, asked.hashes, asked.at - LOOK_BACK_MS, asked.at, ...asked.key],
  )
}

/** By the entry, or by the hand-off of another step; null when that has not happened, or is an anchor that only the run knows. */
async function dueOf(statements: Statements, row: RunRow, step: Step): Promise<number | null> {
  if (step.from === 'entry') return dueAt(step, row.id, row.enteredAt) ?? null
  const [anchor] = await statements.query<{ at: number | null }>(
    `select min(handed_off_at) as at from send
      where enrollment_id = $1 and step = $2 and state not in ('reserved', 'rejected', 'refused')`,
    [row.id, step.from],
  )
  return anchor?.at === null || anchor === undefined ? null : (dueAt(step, row.id, anchor.at) ?? null)
}

/** Nothing known means every state: then the record says so, and no row is named. */
function lawsOf({ facts, at }: Pick<DecisionEvidence, 'facts' | 'at'>): readonly LawEvidence[] {
  const { place } = facts
  const laws: unknown = typeof place === 'object' && place !== null && 'laws' in place ? place.laws : []
  const names = Array.isArray(laws) ? laws.filter((law) => typeof law === 'string') : []
  return textHoursIn(names, at).map(({ jurisdiction, source, basis, confidence, reviewed, cap }) => ({
    jurisdiction,
    source,
    basis,
    confidence,
    reviewed,
    ...(cap === undefined ? {} : { cap }),
  }))
}
