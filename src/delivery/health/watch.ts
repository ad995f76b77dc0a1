import { setSwitch } from '../../administration/kill-switch.ts'
import type { Database, Statements } from '../../core/database.ts'
import type { Health } from '../../core/workspace.ts'
import { mailReport } from '../service-message/mail-report.ts'
import { DEFAULT_HEALTH, type Figures, type Finding, judge } from './judge.ts'
import { healthReport, reasonInWords } from './report.ts'

/** Who the audit trail names for a pause of the watch. */
export const HEALTH_ACTOR = 'schedule health'

const DAY_MS = 86_400_000

export interface HealthResult {
  /** Journeys that were paused by this look. */
  readonly paused: readonly string[]
  /** Journeys that stand above a warning. Operators hear of each once a day. */
  readonly warned: readonly string[]
}

/**
 * Looks at what became of each journey's messages of the last day, and pauses a journey whose mail people report as spam, or whose
 * addresses do not exist, before mailbox providers block the sender for all of them. Looking again changes nothing.
 *
 * Only messages that were handed over since the journey was last resumed count: an operator who has looked into it and resumed is not
 * overruled by the same old complaints.
 *
 * @param now Virtual epoch milliseconds.
 */
export async function watchHealth(database: Database, now: number): Promise<HealthResult> {
  const paused: string[] = []
  const warned: string[] = []
  for (const { journey, health, ...figures } of await readFigures(database, now)) {
    const findings = judge(figures, health ?? DEFAULT_HEALTH)
    const stops = findings.some(({ level }) => level === 'stop')
    if (stops && (await pause(database, journey, findings, now))) paused.push(journey)
    if (!stops && findings.length > 0) {
      await warn(database, journey, findings, now)
      warned.push(journey)
    }
  }
  return { paused, warned }
}

/** False if somebody else has paused it meanwhile: then operators know. */
async function pause(database: Database, journey: string, findings: readonly Finding[], now: number): Promise<boolean> {
  const { subject, markdown } = healthReport(journey, 'stop', findings)
  return database.transaction(async (statements) => {
    const changed = await setSwitch(statements, {
      scope: 'journey',
      name: journey,
      on: true,
      reason: reasonInWords(findings),
      actor: HEALTH_ACTOR,
      at: now,
    })
    if (changed) await mailReport(statements, { key: `health-stop:${journey}:${now}`, subject, markdown, at: now })
    return changed
  })
}

async function warn(database: Database, journey: string, findings: readonly Finding[], now: number): Promise<void> {
  const { subject, markdown } = healthReport(journey, 'warn', findings)
  const day = new Date(now).toISOString().slice(0, 10)
  await database.transaction((statements) =>
    mailReport(statements, { key: `health-warning:${journey}:${day}`, subject, markdown, at: now }),
  )
}

interface JourneyFigures extends Figures {
  readonly journey: string
  readonly health: Health | null
}

/**
 * One statement, so that the switches, the audit trail and the messages are of one instant: a journey that is seen running is seen with
 * its last resume. The policy is the deployed version's; of a retired journey, that of a version which still sends.
 */
async function readFigures(statements: Statements, now: number): Promise<readonly JourneyFigures[]> {
  return statements.query<JourneyFigures>(
    `with resumed as (
       select substr(subject, length('journey ') + 1) as journey, max(at) as at from audit
        where act = 'switch.off' and subject like 'journey %' and at > $1
        group by subject
     ), counted as (
       select s.journey, max(s.version) as version,
              count(*) filter (where s.channel = 'email') as emails,
              count(*) filter (where s.channel = 'email' and s.state = 'bounced') as bounced,
              count(*) filter (where s.channel = 'email' and s.state = 'complained') as complained,
              count(*) filter (where s.channel = 'sms') as texts,
              count(*) filter (where s.channel = 'sms' and s.state in ('undelivered', 'bounced')) as undelivered
         from send s left join resumed r on r.journey = s.journey
        -- The first condition alone can use the index: without it every look reads every message there ever was.
        where s.handed_off_at > $1 and s.handed_off_at <= $2 and s.handed_off_at > coalesce(r.at, 0)
          and s.state in ('accepted', 'delivered', 'undelivered', 'bounced', 'complained')
        group by s.journey
     )
     select c.journey, c.emails, c.bounced, c.complained, c.texts, c.undelivered,
            w.compiled -> 'policies' -> (v.compiled ->> 'policy') -> 'health' as health
       from counted c
       left join deployment d on d.journey = c.journey
       join journey_version v on v.hash = coalesce(d.version, c.version)
       left join workspace w on w.id = 1
      where not exists (select 1 from kill_switch k where k.scope = 'journey' and k.name = c.journey)
      order by c.journey`,
    [now - DAY_MS, now],
  )
}
