import type { Database, Statements } from '../../core/database.ts'
import { expireEvidence } from '../expire-evidence.ts'
import { verifyLedger } from '../verify-ledger.ts'
import { checkLastDigest, digestThrough, settledThrough } from './ledger-digest.ts'
import { matchSends } from './match-sends.ts'
import { alarmsOf, type ConsentReport } from './report.ts'
import { standingConsents } from './standing-consents.ts'
import { type Period, weeksToAudit } from './week.ts'

/** What a report says about the ledger itself, whatever the period. */
type LedgerState = Pick<ConsentReport, 'ledger' | 'lastDigest' | 'digest' | 'standing'>

/** Audits a period as the ledger is now. Keeps nothing. */
export async function auditPeriod(
  database: Database,
  period: Period,
  options: { readonly now: number; readonly onProgress?: (entries: number) => void },
): Promise<ConsentReport> {
  const { now, onProgress } = options
  const sends = await matchSends(database, period, { note: false })
  return report(period, now, sends, await ledgerState(database, now, onProgress))
}

async function ledgerState(
  database: Database,
  now: number,
  onProgress?: (entries: number) => void,
): Promise<LedgerState> {
  const throughId = await settledThrough(database)
  return {
    ledger: await verifyLedger(database, onProgress === undefined ? {} : { onProgress }),
    lastDigest: (await checkLastDigest(database)) ?? null,
    digest: await digestThrough(database, throughId),
    standing: await standingConsents(database, now),
  }
}

function report(period: Period, at: number, sends: ConsentReport['sends'], state: LedgerState): ConsentReport {
  return { format: '1.0', kind: 'segue.consent-audit', period, at, sends, ...state }
}

export interface WeeklyAudit {
  readonly database: Database
  /** Epoch milliseconds. */
  readonly now: number
  /** Tells whoever wants to know, in the transaction that keeps the report: told once if and only if it is kept. */
  readonly tell: (statements: Statements, report: ConsentReport) => Promise<void>
}

export interface WeeklyAuditResult {
  readonly weeks: number
  readonly alarms: number
  /** Entries whose evidence nobody had to keep any longer. */
  readonly expired: number
}

/**
 * Audits every week that is over and was not audited yet, keeps the reports, and then removes evidence that is past its time. Stopped
 * anywhere and begun again it goes on where it was; two at once keep one report a week.
 */
export async function auditWeeks(audit: WeeklyAudit): Promise<WeeklyAuditResult> {
  const { database, now } = audit
  const due = weeksToAudit(await known(database), now)
  const kept = due.length === 0 ? [] : await auditDue(audit, due)
  const alarms = kept.reduce((sum, report) => sum + alarmsOf(report), 0)
  return { weeks: kept.length, alarms, expired: await expireEvidence(database, now) }
}

/** The reports that are new. The ledger is looked at once, however many weeks were missed. */
async function auditDue(
  { database, now, tell }: WeeklyAudit,
  due: readonly Period[],
): Promise<readonly ConsentReport[]> {
  const state = await ledgerState(database, now)
  const kept: ConsentReport[] = []
  for (const week of due) {
    const made = report(week, now, await matchSends(database, week, { note: true }), state)
    const isNew = await database.transaction(async (statements) => {
      const written = await keep(statements, made)
      if (written) await tell(statements, made)
      return written
    })
    if (isNew) kept.push(made)
  }
  return kept
}

async function known(database: Database): Promise<{ auditedUntil: number | null; firstSendAt: number | null }> {
  const [row] = await database.query<{ auditedUntil: number | null; firstSendAt: number | null }>(
    `with audited as (select max(week_to_at) as until from consent_audit)
     select until as "auditedUntil", case when until is null then (select min(handed_off_at) from send) end as "firstSendAt"
       from audited`,
  )
  return row ?? { auditedUntil: null, firstSendAt: null }
}

async function keep(statements: Statements, made: ConsentReport): Promise<boolean> {
  const { period, digest } = made
  const rows = await statements.query<{ kept: number }>(
    `insert into consent_audit (week_from_at, week_to_at, through_id, chains, digest, report, at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (week_from_at) do nothing returning 1 as kept`,
    [period.from, period.to, digest.throughId, digest.chains, digest.digest, JSON.stringify(made), made.at],
  )
  return rows.length > 0
}
