import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { parse } from 'csv-parse'
import { recordAct } from '../administration/audit-trail.ts'
import {
  countSuppressions,
  exportSuppressions,
  importSuppressions,
  type ListLine,
  rotateSuppressions,
} from '../consent/suppression-list.ts'
import type { Channel } from '../core/compiled-journey.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { withStore } from './operator-command.ts'
import { TOLD_REASONS } from './suppression.ts'

const HEADING = /^(?:e-?mail|phone|number|mobile|address)(?:[ _-]?(?:address|number))?$/i

/** `segue suppression import`: blocks every address of a file. Lines without one are written to a file beside it. */
export async function runSuppressionImport(
  file: string,
  options: { readonly channel: string; readonly source: string; readonly reason: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const channel = channelOf(options.channel)
  const reason = TOLD_REASONS.find((one) => one === options.reason)
  if (channel === undefined) return misused('import', '--channel is email or sms', io)
  if (reason === undefined) return misused('import', `--reason is one of ${TOLD_REASONS.join(', ')}`, io)
  const path = resolve(io.cwd, file)
  const asidePath = `${path.slice(0, path.length - extname(path).length)}.rejected.csv`
  return withStore(io, async ({ database, settings, actor, now }) => {
    const aside: ListLine[] = []
    const about = { channel, reason, list: options.source }
    let outcome
    try {
      const list = { keys: settings.addressKeys, channel, reason, source: options.source, at: now }
      outcome = await importSuppressions(database, list, addressesOf(path), (line) => aside.push(line))
    } catch (error) {
      const problem = fileProblem(error, file)
      if (problem === undefined) throw error
      return misused('import', problem, io)
    }
    await recordAct(database, {
      actor,
      act: 'suppression.import',
      subject: channel,
      detail: { ...about, ...outcome },
      at: now,
    })
    await keepAside(asidePath, aside)
    if (options.json) io.stdout(`${JSON.stringify({ format: '1.0', ...about, ...outcome }, undefined, 2)}\n`)
    else {
      io.stdout(`${outcome.blocked} blocked, ${outcome.rejected} lines without an address\n`)
      if (aside.length > 0) io.stdout(`those lines are in ${asidePath}\n`)
    }
    return outcome.rejected === 0 ? EXIT.clean : EXIT.findings
  })
}

/** `segue suppression export`: the blocked addresses that are known, as CSV or JSON lines. */
export async function runSuppressionExport(
  options: { readonly channel: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const channel = channelOf(options.channel)
  if (channel === undefined) return misused('export', '--channel is email or sms', io)
  return withStore(io, async ({ database, settings, actor, now }) => {
    const keys = settings.addressKeys
    let given = 0
    if (!options.json) io.stdout('address,reason,source,since\n')
    for await (const row of exportSuppressions(database, keys, channel)) {
      given += 1
      const since = new Date(row.at).toISOString()
      const { address, reason, source } = row
      io.stdout(
        options.json
          ? `${JSON.stringify({ address, reason, source, since })}\n`
          : csvLine([address, reason, source, since]),
      )
    }
    const counts = await countSuppressions(database, keys.current)
    const inForce = counts.reduce((sum, count) => sum + (count.channel === channel ? count.inForce : 0), 0)
    await recordAct(database, { actor, act: 'suppression.export', subject: channel, detail: { given }, at: now })
    const unnamed = inForce - given
    if (unnamed > 0) {
      io.stderr(
        `${unnamed} more are blocked whose address no contact has; only their hash is kept, so they cannot be written out\n`,
      )
    }
    return EXIT.clean
  })
}

/** `segue suppression rotate`: after a new address key was put in front. */
export async function runSuppressionRotate(options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database, settings, actor, now }) => {
    const keys = settings.addressKeys
    const rotation = await rotateSuppressions(database, keys)
    const detail = { version: keys.current, ...rotation }
    await recordAct(database, { actor, act: 'suppression.rotate', subject: String(keys.current), detail, at: now })
    if (options.json) io.stdout(`${JSON.stringify({ format: '1.0', ...detail }, undefined, 2)}\n`)
    else {
      io.stdout(`${rotation.renewed} blocks now stand under key version ${keys.current}\n`)
      io.stdout(
        rotation.remaining === 0
          ? 'no block needs an older key any more\n'
          : `${rotation.remaining} blocks are of addresses that no contact has: keep the older keys, or they are forgotten\n`,
      )
    }
    return EXIT.clean
  })
}

/** The first column of each line, with its number; a heading is skipped. */
async function* addressesOf(path: string): AsyncGenerator<ListLine> {
  const options = {
    relax_column_count: true,
    relax_quotes: true,
    bom: true,
    skip_empty_lines: true,
    trim: true,
    info: true,
  }
  const rows = createReadStream(path).pipe(parse(options)) as AsyncIterable<{
    readonly info: { readonly lines: number }
    readonly record: readonly string[]
  }>
  for await (const { info, record } of rows) {
    const address = record[0] ?? ''
    if (info.lines === 1 && HEADING.test(address)) continue
    if (address !== '') yield { line: info.lines, address }
  }
}

async function keepAside(path: string, lines: readonly ListLine[]): Promise<void> {
  await rm(path, { force: true })
  if (lines.length === 0) return
  const file = await open(path, 'w', 0o600)
  try {
    await file.write('line,address\n')
    for (const { line, address } of lines) await file.write(csvLine([String(line), address]))
  } finally {
    await file.close()
  }
}

/** Quoted where needed. A value that a spreadsheet would run as a formula is disarmed by an apostrophe, save the plus of a phone number. */
function csvLine(values: readonly string[]): string {
  const cells = values.map((value) => {
    const safe = /^[=@\t\r]|^[-+](?!\d+$)/.test(value) ? `'${value}` : value
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  })
  return `${cells.join(',')}\n`
}

function channelOf(name: string): Channel | undefined {
  return name === 'email' || name === 'sms' ? name : undefined
}

function misused(command: string, complaint: string, io: CommandIo): ExitCode {
  io.stderr(`segue suppression ${command}: ${complaint}\n`)
  return EXIT.usage
}

function fileProblem(error: unknown, file: string): string | undefined {
  if (!(error instanceof Error && 'code' in error)) return undefined
  if (error.code === 'ENOENT') return `there is no file ${file}`
  if (error.code === 'EISDIR') return `${file} is a folder`
  return error.code === 'EACCES' ? `${file} may not be read` : undefined
}
