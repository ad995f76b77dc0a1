import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parse } from 'csv-parse'
import { recordAct } from '../administration/audit-trail.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Database } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { importConsents, type ImportDeps, type NumberedRow } from '../ingestion/consent-import.ts'
import type { RawRow } from '../ingestion/consent-row.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { withStore } from './operator-command.ts'

export interface ConsentImportOptions {
  readonly purpose: string
  readonly channel: string
  readonly source: string
  readonly json: boolean
}

/** Rows in one transaction: few, so that nobody waits long for a contact. */
const BATCH = 100
const PROGRESS_EVERY = 10_000

/**
 * `segue consent import`: takes a list of consents with their proof. Rows that cannot be taken go to the table of rejections and, with line
 * and reason, to a file beside the list. Running it again, also after it broke off, is harmless.
 */
export async function runConsentImport(file: string, options: ConsentImportOptions, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database, settings, actor, now }) => {
    const workspace = await deployedWorkspace(database)
    const complaint = whyNotImportable(options, workspace)
    const purpose = workspace?.purposes[options.purpose]
    const channel: Channel = options.channel === 'email' ? 'email' : 'sms'
    if (complaint !== undefined || purpose === undefined) {
      io.stderr(`segue consent import: ${complaint ?? 'the purpose is not known'}\n`)
      return EXIT.usage
    }
    const list = {
      purpose: options.purpose,
      channel,
      name: options.source,
      double: purpose.optIn?.[channel] === 'double',
    }
    const deps = { database, keys: settings.addressKeys, purpose, list, now, newId: randomUUID }
    const path = resolve(io.cwd, file)
    const asidePath = `${path.slice(0, path.length - extname(path).length)}.rejected.csv`
    // On the trail before the first row: an import that breaks off has happened, too.
    const about = { list: options.source, purpose: options.purpose, channel }
    await recordAct(database, { actor, act: 'consent.import', subject: options.purpose, detail: about, at: now })
    let counts
    try {
      counts = await importFile(deps, path, asidePath, io)
    } catch (error) {
      const problem = fileProblem(error, file)
      if (problem === undefined) throw error
      io.stderr(`segue consent import: ${problem}\n`)
      return EXIT.usage
    }
    const detail = { ...about, ...counts }
    await recordAct(database, { actor, act: 'consent.imported', subject: options.purpose, detail, at: now })
    if (options.json) io.stdout(`${JSON.stringify({ format: '1.0', ...detail }, undefined, 2)}\n`)
    else io.stdout(summary(counts, asidePath))
    return counts.keptAside === 0 ? EXIT.clean : EXIT.findings
  })
}

interface Counts {
  readonly recorded: number
  readonly known: number
  readonly keptAside: number
}

async function importFile(deps: ImportDeps, path: string, asidePath: string, io: CommandIo): Promise<Counts> {
  const counts = { recorded: 0, known: 0, keptAside: 0 }
  let read = 0
  // What an earlier run put aside is put aside again, if it still has to be.
  await rm(asidePath, { force: true })
  let aside: Awaited<ReturnType<typeof open>> | undefined
  const take = async (rows: readonly NumberedRow[]): Promise<void> => {
    for (const outcome of await importConsents(deps, rows)) {
      if (outcome.kind !== 'kept_aside') {
        counts[outcome.kind]++
        continue
      }
      counts.keptAside++
      if (aside === undefined) {
        aside = await open(asidePath, 'w', 0o600)
        await aside.write('line,reason\n')
      }
      await aside.write(`${outcome.line},"${outcome.reason.replaceAll('"', '""')}"\n`)
    }
  }
  try {
    let batch: NumberedRow[] = []
    for await (const row of rowsOf(path)) {
      batch.push(row)
      if (++read % PROGRESS_EVERY === 0) io.stderr(`${said(read)} rows\n`)
      if (batch.length < BATCH) continue
      await take(batch)
      batch = []
    }
    await take(batch)
  } finally {
    await aside?.close()
  }
  return counts
}

/** The rows of a file as it is read: JSON lines by the file's ending, CSV otherwise. */
async function* rowsOf(path: string): AsyncGenerator<NumberedRow> {
  if (/^\.(jsonl|ndjson)$/i.test(extname(path))) yield* jsonRows(path)
  else yield* csvRows(path)
}

async function* csvRows(path: string): AsyncGenerator<NumberedRow> {
  const source = createReadStream(path)
  const parser = source.pipe(
    // A row of another width is not the end of the list: it is read, and what it lacks is its reason.
    parse({ columns: true, bom: true, trim: true, relax_column_count: true, skip_empty_lines: true, info: true }),
  )
  source.on('error', (error) => parser.destroy(error))
  for await (const entry of parser as AsyncIterable<{ record: RawRow; info: { lines: number } }>) {
    yield { line: entry.info.lines, raw: entry.record }
  }
}

async function* jsonRows(path: string): AsyncGenerator<NumberedRow> {
  const source = createReadStream(path, 'utf8')
  const lines = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })
  let line = 0
  for await (const text of lines) {
    line++
    if (text.trim() !== '') yield { line, raw: parsed(text) }
  }
}

function parsed(text: string): RawRow | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

async function deployedWorkspace(database: Database): Promise<CompiledWorkspace | undefined> {
  const [live] = await database.query<{ compiled: CompiledWorkspace }>('select compiled from workspace where id = 1')
  return live?.compiled
}

function whyNotImportable(
  { purpose, channel, source }: ConsentImportOptions,
  workspace: CompiledWorkspace | undefined,
): string | undefined {
  if (channel !== 'email' && channel !== 'sms') return '--channel is email or sms'
  if (source.trim() === '') return '--source names where the list comes from'
  if (workspace === undefined) return 'nothing is deployed yet: run `segue deploy` first'
  if (Object.hasOwn(workspace.purposes, purpose)) return undefined
  return `the deployed workspace has no purpose ${JSON.stringify(purpose)}; it has ${Object.keys(workspace.purposes).toSorted().join(', ')}`
}

function summary({ recorded, known, keptAside }: Counts, asidePath: string): string {
  const kept = keptAside === 0 ? '' : `; see ${asidePath}`
  return `${said(recorded)} recorded, ${said(known)} known already, ${said(keptAside)} kept aside${kept}\n`
}

function said(count: number): string {
  return count.toLocaleString('en-US')
}

function fileProblem(error: unknown, file: string): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined
  const code = String(error.code)
  if (code.startsWith('CSV_')) return `${file} is not a CSV file: ${code.slice(4).toLowerCase().replaceAll('_', ' ')}`
  if (code === 'ENOENT') return `there is no file ${file}`
  if (code === 'EISDIR') return `${file} is a folder`
  return code === 'EACCES' ? `${file} may not be read` : undefined
}
