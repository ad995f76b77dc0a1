import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { recordAct } from '../administration/audit-trail.ts'
import { auditPeriod } from '../consent/audit/audit.ts'
import { checkLastDigest } from '../consent/audit/ledger-digest.ts'
import { alarmsOf, reportMarkdown } from '../consent/audit/report.ts'
import { FAULT_WORDS } from '../consent/chain.ts'
import { renderProofPage } from '../consent/proof-page.ts'
import { type ProofDocument, proofOf } from '../consent/proof.ts'
import { verifyLedger } from '../consent/verify-ledger.ts'
import { readInstant } from '../ingestion/instant.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { withStore } from './operator-command.ts'

const WEEK_MS = 7 * 86_400_000
/** Entries between two lines of progress. */
const PROGRESS_EVERY = 100_000
/** Faults that are named; the rest are counted. */
const NAMED_FAULTS = 50

export interface ProofOptions {
  readonly contact: string
  readonly json: boolean
  readonly html: boolean
  readonly out?: string
}

/** `segue consent proof`: the proof of one person, as a summary, a document or a page. Exit code 1 if the record is not whole. */
export async function runConsentProof(options: ProofOptions, io: CommandIo): Promise<ExitCode> {
  if (options.json && options.html) return misused(io, 'proof', 'choose --json or --html')
  return withStore(io, async ({ database, settings, actor, now }) => {
    const proof = await database.transaction(async (statements) => {
      const [contact] = await statements.query<{ id: string }>(
        'select id from contact where external_id = $1 or id::text = $1 order by external_id = $1 desc nulls last limit 1',
        [options.contact],
      )
      if (contact === undefined) return undefined
      // Personal data leaves the store: who took it is on the trail.
      await recordAct(statements, { actor, act: 'consent.proof', subject: contact.id, at: now })
      return proofOf(statements, contact.id, { keys: settings.addressKeys, at: now })
    })
    if (proof === undefined) return misused(io, 'proof', 'there is no contact with this id')
    const complaint = await put(format(proof, options), options.out, io)
    if (complaint !== undefined) return misused(io, 'proof', complaint)
    return proof.verification.holds ? EXIT.clean : EXIT.findings
  })
}

function format(proof: ProofDocument, { json, html }: ProofOptions): string {
  if (json) return `${JSON.stringify(proof, undefined, 2)}\n`
  return html ? renderProofPage(proof) : summary(proof)
}

function summary({ contact, entries, standing, verification, withoutConsent, suppressions }: ProofDocument): string {
  const lines = [
    `contact ${contact.id}${contact.externalId === null ? '' : ` (${contact.externalId})`}`,
    verification.holds ? 'the record is whole' : 'THE RECORD IS NOT WHOLE',
    ...verification.problems.map(inWords),
    '',
    'what was said',
    ...entries.map((entry) => {
      const relied = entry.reliedOnBy.length === 0 ? '' : `; ${entry.reliedOnBy.length} messages relied on it`
      return `  ${entry.at}  ${entry.state} ${entry.purpose} by ${entry.channel}, ${entry.source}${relied}`
    }),
    '',
    'what holds',
    ...standing.map(({ channel, purpose, state, since }) => `  ${purpose} by ${channel}: ${state} since ${since}`),
    ...suppressions.map(({ channel, reason, at, liftedAt }) => {
      return `  blocked for ${channel}: ${reason} at ${at}${liftedAt === null ? '' : `, lifted at ${liftedAt}`}`
    }),
    ...(withoutConsent.length === 0 ? [] : ['', `${withoutConsent.length} messages that nothing allowed`]),
    '',
    '--json or --html shows the wording, the evidence and the messages',
  ]
  return `${lines.join('\n')}\n`
}

/** Prints, or writes to a file that nobody but its owner can read. What is wrong, in words; undefined if nothing is. */
async function put(text: string, out: string | undefined, io: CommandIo): Promise<string | undefined> {
  if (out === undefined) {
    io.stdout(text)
    return undefined
  }
  try {
    await writeFile(resolve(io.cwd, out), text, { mode: 0o600 })
    return undefined
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return `${out} cannot be written (${String(error.code)})`
  }
}

/** `segue consent verify`: reads the whole ledger. Exit code 1 if anything is wrong with it. */
export async function runConsentVerify(options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database }) => {
    const check = await verifyLedger(database, { onProgress: progress(io) })
    const last = await checkLastDigest(database)
    const count = check.problems.length + check.unlisted
    const holds = count === 0 && last?.holds !== false
    if (options.json) {
      io.stdout(`${JSON.stringify({ format: '1.0', holds, ...check, lastDigest: last ?? null }, undefined, 2)}\n`)
      return holds ? EXIT.clean : EXIT.findings
    }
    for (const problem of check.problems.slice(0, NAMED_FAULTS)) io.stdout(`${inWords(problem)}\n`)
    if (count > NAMED_FAULTS) io.stdout(`and ${said(count - NAMED_FAULTS)} more\n`)
    if (last?.holds === false) {
      io.stdout(`what the audit of ${day(last.weekFrom)} saw is not what is there now: the ledger was rewritten\n`)
    }
    const result = holds ? 'all of it is whole' : `${said(count)} faults`
    io.stdout(`${said(check.entries)} entries in ${said(check.chains)} chains: ${result}\n`)
    return holds ? EXIT.clean : EXIT.findings
  })
}

export interface AuditOptions {
  readonly since?: string
  readonly json: boolean
  readonly markdown: boolean
}

/** `segue consent audit`: the report of the weekly audit for any time up to now; nothing is kept and nothing mailed. */
export async function runConsentAudit(options: AuditOptions, io: CommandIo): Promise<ExitCode> {
  if (options.json && options.markdown) return misused(io, 'audit', 'choose --json or --markdown')
  const since = options.since === undefined ? undefined : readSince(options.since)
  if (options.since !== undefined && since === undefined) {
    return misused(io, 'audit', '--since takes a date such as 2026-07-01, or an instant with a zone')
  }
  return withStore(io, async ({ database, now }) => {
    const period = { from: since ?? now - WEEK_MS, to: now }
    const report = await auditPeriod(database, period, { now, onProgress: progress(io) })
    io.stdout(options.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportMarkdown(report))
    return alarmsOf(report) === 0 ? EXIT.clean : EXIT.findings
  })
}

function readSince(text: string): number | undefined {
  return readInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text)
}

function progress(io: CommandIo): (entries: number) => void {
  let next = PROGRESS_EVERY
  return (entries) => {
    if (entries < next) return
    next = entries + PROGRESS_EVERY
    io.stderr(`${said(entries)} entries checked\n`)
  }
}

function inWords(problem: ProofDocument['verification']['problems'][number]): string {
  const { contactId, channel, purpose, seq, fault } = problem
  return `contact ${contactId}, ${purpose} by ${channel}, ${seq === 0 ? 'the chain' : `entry ${seq}`}: ${FAULT_WORDS[fault]}`
}

function misused(io: CommandIo, command: string, complaint: string): ExitCode {
  io.stderr(`segue consent ${command}: ${complaint}\n`)
  return EXIT.usage
}

function said(count: number): string {
  return count.toLocaleString('en-US')
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
