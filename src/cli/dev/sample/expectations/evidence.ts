import type { CompiledJourney } from '../../../../core/compiled-journey.ts'
import type { Database } from '../../../../core/database.ts'
import type { LoggedHandOff } from '../hand-off.ts'
import type { Sample, SamplePerson } from '../sample.ts'

/** Everything that expectations are checked on: what was put in, what the store says, what the carriers say. */
export interface Evidence {
  readonly sample: Sample
  readonly people: ReadonlyMap<string, SamplePerson>
  /** Of journeys' messages, and of whatever the store does not know. */
  readonly handOffs: readonly LoggedHandOff[]
  /** Of messages that belong to no journey: confirmations, answers to HELP. */
  readonly serviceHandOffs: readonly LoggedHandOff[]
  readonly services: readonly Service[]
  readonly runs: readonly Run[]
  readonly sends: readonly Send[]
  readonly revocations: readonly Revocation[]
  /** When the store received each of the sample's events. */
  readonly receivedAt: ReadonlyMap<string, number>
  readonly versions: ReadonlyMap<string, CompiledJourney>
  readonly deployed: readonly Deployed[]
  readonly untold: readonly Untold[]
  readonly now: number
  /**
   * Virtual milliseconds by which a message may be dated after a "no": it was reserved before, in the same moment. At a fast
   * clock, a real millisecond is seconds.
   */
  readonly slackMs: number
}

export interface Run {
  readonly id: string
  readonly journey: string
  readonly version: string
  readonly user: string | null
  readonly key: string
  readonly trigger: Readonly<Record<string, unknown>>
  readonly triggerMessageId: string
  readonly state: 'active' | 'ended'
  readonly outcome: 'completed' | 'goal' | 'exited' | null
  readonly enteredAt: number
  readonly endsAt: number | null
}

export interface Send {
  readonly id: string
  readonly enrollment: string
  readonly step: string
  readonly branch: 'action' | 'fallback'
  readonly channel: 'email' | 'sms'
  readonly purpose: string
  readonly class: 'marketing' | 'transactional'
  readonly state: string
  readonly reason: string | null
  readonly reservedAt: number
  readonly handedOffAt: number | null
  readonly updatedAt: number
  /** When its outcome was first unknown; null if it never was. */
  readonly unknownAt: number | null
}

/** A message that belongs to no journey. */
export interface Service {
  readonly id: string
  readonly kind: string
  readonly channel: 'email' | 'sms'
  readonly state: string
}

/** A "no" that a person said during the sample. */
export interface Revocation {
  readonly user: string | null
  readonly channel: 'email' | 'sms'
  readonly purpose: string
  readonly recordedAt: number
}

export interface Deployed {
  readonly version: string
  /** Since when this version takes entrants. */
  readonly deployedAt: number
  readonly journey: CompiledJourney
}

/** An outbox entry that the engine has not been told. */
export interface Untold {
  readonly enrollment: string
  readonly kind: string
  readonly attempts: number
}

export interface Circumstances {
  /** Virtual epoch milliseconds. */
  readonly now: number
  readonly slackMs: number
}

const RUNS = `
  select e.id, e.journey, e.version, c.external_id as "user", e.key, e.trigger, e.trigger_message_id as "triggerMessageId",
         e.state, e.outcome, e.entered_at as "enteredAt", e.ends_at as "endsAt"
    from enrollment e join contact c on c.id = e.contact_id
   order by e.entered_at, e.id`

const SENDS = `
  select id, enrollment_id as enrollment, step, branch, channel, purpose, class, state, reason, reserved_at as "reservedAt",
         handed_off_at as "handedOffAt", updated_at as "updatedAt", unknown_at as "unknownAt"
    from send order by reserved_at, id`

const REVOCATIONS = `
  select c.external_id as "user", v.channel, v.purpose, v.recorded_at as "recordedAt"
    from consent_event v join contact c on c.id = v.contact_id
   where v.state = 'revoked' and v.source <> 'api'
   order by v.id`

const UNTOLD = 'select enrollment_id as enrollment, kind, attempts from outbox where done_at is null order by id'

export async function readEvidence(
  database: Database,
  handOffs: readonly LoggedHandOff[],
  sample: Sample,
  circumstances: Circumstances,
): Promise<Evidence> {
  const versions = await database.query<{ hash: string; compiled: CompiledJourney }>(
    'select hash, compiled from journey_version',
  )
  const deployed = await database.query<Deployed>(
    `select d.version, d.deployed_at as "deployedAt", v.compiled as journey from deployment d join journey_version v on v.hash = d.version
      order by d.journey`,
  )
  const events = await database.query<{ id: string; receivedAt: number }>(
    'select message_id as id, received_at as "receivedAt" from event where message_id = any($1::text[])',
    [sample.events.map((event) => event.messageId)],
  )
  const services = await database.query<Service>(
    'select id, kind, channel, state from service_message order by said_at, id',
  )
  const serving = new Set<string | null>(services.map(({ id }) => id))
  return {
    ...circumstances,
    sample,
    handOffs: handOffs.filter(({ sendKey }) => !serving.has(sendKey)),
    serviceHandOffs: handOffs.filter(({ sendKey }) => serving.has(sendKey)),
    services,
    people: new Map(sample.people.map((person) => [person.userId, person])),
    runs: await database.query<Run>(RUNS),
    sends: await database.query<Send>(SENDS),
    revocations: await database.query<Revocation>(REVOCATIONS),
    receivedAt: new Map(events.map((event) => [event.id, event.receivedAt])),
    versions: new Map(versions.map((version) => [version.hash, version.compiled])),
    deployed,
    untold: await database.query<Untold>(UNTOLD),
  }
}

/** How sentences name a run: by journey and the sample's own name of the person, never by an address. */
export function nameOf(run: Run | undefined): string {
  return run === undefined ? 'a run that the store does not have' : `${run.journey} of ${run.user ?? run.id}`
}

export function isOver(run: Run, now: number): boolean {
  return run.state === 'ended' || (run.endsAt !== null && run.endsAt <= now)
}

/** Ended before its steps were through, which may then never have become due. */
export function wasCutShort(run: Run): boolean {
  return run.outcome === 'goal' || run.outcome === 'exited'
}
