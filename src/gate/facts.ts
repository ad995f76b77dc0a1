import type { StepFacts } from '../conditions/evaluate.ts'
import type { Branch, Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import type { ConsentFact } from '../consent/ledger.ts'

/** Everything that a decision rests on, read in one statement after the locks were taken: one instant's truth. */
export interface Facts {
  readonly journey: string
  readonly version: string
  readonly contactId: string
  readonly state: 'active' | 'ended'
  readonly outcome: string | null
  readonly heldOut: boolean
  readonly traits: Readonly<Record<string, unknown>>
  readonly trigger: Readonly<Record<string, unknown>>
  readonly email: string | null
  readonly phone: string | null
  /** Kill switches that are on and concern this message. */
  readonly switches: readonly { readonly scope: string; readonly name: string }[]
  readonly consent: readonly ConsentFact[]
  readonly suppressions: readonly string[]
  /** Marketing that reached, or may have reached, this contact or this address within the time asked for; the latest first. */
  readonly contacts: readonly { readonly channel: Channel; readonly at: number }[]
  readonly steps: Readonly<Record<string, StepFacts>>
  /** This very send, if an earlier attempt wrote it. */
  readonly send: ExistingSend | null
  readonly arm: string | null
  readonly code: { readonly code: string; readonly validUntil: number } | null
}

export interface ExistingSend {
  readonly state: string
  readonly reason: string | null
  readonly handedOffAt: number | null
  readonly updatedAt: number
}

export interface FactsQuestion {
  readonly enrollment: string
  readonly step: string
  readonly branch: Branch
  readonly channel: Channel
  readonly purpose: string
  /** Hashes of the address on the channel, under every key version; empty without one. */
  readonly hashes: readonly string[]
  /** Hashes of all of the contact's addresses: what went to any of them went to this person. */
  readonly ownHashes: readonly string[]
  /** Sends at or before this instant are of no interest. */
  readonly since: number
  readonly experiment: string | null
  readonly offer: string | null
  /** Whether conditions ask about other steps. */
  readonly withSteps: boolean
}

/**
 * Whether a send is a contact with the person, or may be one. What is known not to have arrived disturbs nobody and takes no
 * slot; an unknown outcome does. A reservation with a reason is on hold, perhaps for ever: it is decided afresh before it goes.
 */
const CONTACTING = `(s.state in ('attempting', 'accepted', 'delivered', 'complained', 'unknown')
          or (s.state = 'reserved' and s.reason is null))`

/** The contact as conditions and templates see it: its traits and its addresses. */
export function contactOf({ traits, email, phone }: Facts): Readonly<Record<string, unknown>> {
  return { ...traits, ...(email === null ? {} : { email }), ...(phone === null ? {} : { phone }) }
}

/** Statements by what they ask for; few, and each is prepared by the store under its text. */
const statements = new Map<string, string>()

// One statement, because each statement of a READ COMMITTED transaction sees a different instant. What the message does not ask for
// is left out, because starting an unused subquery costs as much as running it.
function factsStatement(withSteps: boolean, withExperiment: boolean, withOffer: boolean): string {
  const key = `${withSteps} ${withExperiment} ${withOffer}`
  let text = statements.get(key)
  if (text !== undefined) return text
  text = `
select e.journey, e.version, e.contact_id as "contactId", e.state, e.outcome, e.held_out as "heldOut", e.trigger,
  c.traits, c.email, c.phone,
  (select coalesce(json_agg(json_build_object('scope', k.scope, 'name', k.name)), '[]') from kill_switch k
    where k.scope = 'all' or (k.scope = 'channel' and k.name = $4) or (k.scope = 'journey' and k.name = e.journey)) as switches,
  (select coalesce(json_agg(json_build_object('purpose', n.purpose, 'state', n.state, 'at', n.at)), '[]') from consent n
    where n.contact_id = e.contact_id and n.channel = $4 and n.purpose in ($5, '*')) as consent,
  (select coalesce(json_agg(distinct u.reason), '[]') from suppression u
    where u.address_hash = any($6::text[]) and u.channel = $4 and u.lifted_at is null) as suppressions,
  (select coalesce(json_agg(json_build_object('channel', s.channel, 'at', s.at) order by s.at desc), '[]') from (
      select s.channel, coalesce(s.handed_off_at, s.reserved_at) as at from send s
      where (s.contact_id = e.contact_id or s.address_hash = any($9::text[]))
        and s.class = 'marketing' and ${CONTACTING}
        and coalesce(s.handed_off_at, s.reserved_at) > $7
        and not (s.enrollment_id = e.id and s.step = $2 and s.branch = $3)) s) as contacts,
  (select json_build_object('state', s.state, 'reason', s.reason, 'handedOffAt', s.handed_off_at, 'updatedAt', s.updated_at)
    from send s where s.enrollment_id = e.id and s.step = $2 and s.branch = $3) as send,
  ${withSteps ? STEPS : `'{}'::json`} as steps,
  ${withExperiment ? ARM : 'null'} as arm,
  ${withOffer ? CODE.replace('$11', withExperiment ? '$11' : '$10') : 'null'} as code,
  w.hash as "workspaceHash", case when w.hash is distinct from $8 then w.compiled end as workspace
from enrollment e
join contact c on c.id = e.contact_id
left join workspace w on w.id = 1
where e.id = $1`
  statements.set(key, text)
  return text
}

const ARM = '(select a.arm from assignment a where a.contact_id = e.contact_id and a.salt = $10)'

const CODE = `(select json_build_object('code', o.code, 'validUntil', o.valid_until) from offer_code o
    where o.enrollment_id = e.id and o.offer = $11)`

const STEPS = `(select coalesce(json_object_agg(x.step, x.facts), '{}') from (
      select s.step, json_strip_nulls(json_build_object(
        'sentAt', min(case when s.state not in ('reserved', 'rejected', 'refused', 'shadow')
          then coalesce(s.handed_off_at, s.reserved_at) end),
        'deliveredAt', least(
          min(case when s.state = 'delivered' then s.updated_at end),
          (select min(f.at) from feedback f join send t on t.id = f.send_id
            where t.enrollment_id = e.id and t.step = s.step and f.event = 'delivered')),
        'undeliveredAt', min(case when s.state in ('undelivered', 'bounced') then s.updated_at end),
        'clickedAt', least(
          (select min(k.at) from click k join link l on l.token = k.token join send t on t.id = l.send_id
            where t.enrollment_id = e.id and t.step = s.step and not k.machine),
          (select min(f.at) from feedback f join send t on t.id = f.send_id
            where t.enrollment_id = e.id and t.step = s.step and f.event = 'clicked' and not f.machine)),
        'openedAt', (select min(f.at) from feedback f join send t on t.id = f.send_id
          where t.enrollment_id = e.id and t.step = s.step and f.event = 'opened' and not f.machine))) as facts
      from send s where s.enrollment_id = e.id group by s.step) x)`

interface FactsRow extends Facts {
  readonly workspaceHash: string | null
  readonly workspace: CompiledWorkspace | null
}

export interface LiveWorkspace {
  readonly hash: string
  readonly compiled: CompiledWorkspace
}

/** Keeps the live workspace parsed. It is read with the facts, so it is never older than they are. */
export class WorkspaceCache {
  current: LiveWorkspace | undefined
}

export async function readFacts(
  store: Statements,
  question: FactsQuestion,
  cache: WorkspaceCache,
): Promise<{ facts: Facts; workspace: CompiledWorkspace | undefined } | undefined> {
  const known = cache.current
  const { experiment, offer } = question
  const text = factsStatement(question.withSteps, experiment !== null, offer !== null)
  const [row] = await store.query<FactsRow>(text, [
    question.enrollment,
    question.step,
    question.branch,
    question.channel,
    question.purpose,
    question.hashes,
    question.since,
    known?.hash ?? null,
    question.ownHashes,
    ...(experiment === null ? [] : [experiment]),
    ...(offer === null ? [] : [offer]),
  ])
  if (row === undefined) return undefined
  const { workspaceHash, workspace, ...facts } = row
  if (workspaceHash === null) return { facts, workspace: undefined }
  if (workspace === null) return { facts, workspace: known?.compiled }
  cache.current = { hash: workspaceHash, compiled: workspace }
  return { facts, workspace }
}
