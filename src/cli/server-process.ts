import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import { type Database, DatabaseUnavailable } from '../core/database.ts'
import { readSettings, type Settings } from '../settings.ts'
import { whyStoreDoesNotFit } from '../store/migrate.ts'
import type { CommandIo } from './command-io.ts'

/** The settings of a server process, or undefined after having said what is missing. */
export function settingsOrComplaint({ env, stderr }: CommandIo): Settings | undefined {
  const read = readSettings(env)
  if (read.kind === 'ok') return read.settings
  stderr(`segue: the environment is not complete:\n${read.problems.map((problem) => `  ${problem}\n`).join('')}`)
  return undefined
}

/** Whether this release can work on the store, or false after having said why not. Whoever gets false ends with exit code 3. */
export async function storeOrComplaint(database: Database, { stderr }: CommandIo): Promise<boolean> {
  let problem: string | undefined
  try {
    problem = await whyStoreDoesNotFit(database)
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error
    problem = describeFailure(error)
  }
  if (problem !== undefined) stderr(`segue: ${problem}\n`)
  return problem === undefined
}

/**
 * Logs of a server process: JSON lines. Whatever might hold an address or a secret is removed by name.
 *
 * @param stream Default: standard output.
 */
export function serverLog(level: string, stream: DestinationStream = pino.destination(1)): Logger {
  const options: LoggerOptions = {
    level,
    redact: {
      paths: [
        'email',
        'phone',
        'to',
        'from',
        'address',
        'body',
        'traits',
        'authorization',
        '*.email',
        '*.phone',
        '*.address',
        '*.body',
      ],
      remove: true,
    },
  }
  return pino(options, stream)
}

/** One sentence for a failure that is not the user's: no stack trace, no connection string. */
export function describeFailure(error: unknown): string {
  if (error instanceof DatabaseUnavailable) {
    return `the store cannot be reached: ${error.message}. Check SEGUE_DATABASE_URL and that PostgreSQL runs.`
  }
  if (error instanceof Error) return error.message.split('\n')[0] ?? error.name
  return String(error)
}

/** A terminal and a package manager may both pass on the same Ctrl-C: within this time two signals are one. */
const SAME_SIGNAL_MS = 1_000

/** Resolves at the first request to stop. A later one ends the process at once: the operator has lost patience. */
export function stopRequested(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked !== undefined && performance.now() - asked > SAME_SIGNAL_MS) process.exit(130)
        asked ??= performance.now()
        resolve(signal)
      })
    }
  })
}
