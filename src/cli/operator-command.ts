import { hostname, userInfo } from 'node:os'
import type { Database } from '../core/database.ts'
import type { Settings } from '../settings.ts'
import { openPostgres } from '../store/postgres.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { settingsOrComplaint, storeOrComplaint } from './server-process.ts'

/** What a command of an operator works with. */
export interface OperatorStore {
  readonly database: Database
  readonly settings: Settings
  /** Who is at the command line, for the audit trail. */
  readonly actor: string
  /** Epoch milliseconds: commands work on the real clock. */
  readonly now: number
}

/** Runs a command against the store that the environment names, or says in one line why it cannot. */
export async function withStore(io: CommandIo, work: (store: OperatorStore) => Promise<ExitCode>): Promise<ExitCode> {
  const settings = settingsOrComplaint(io)
  if (settings === undefined) return EXIT.usage
  const database = await openPostgres(settings.databaseUrl)
  try {
    if (!(await storeOrComplaint(database, io))) return EXIT.infrastructure
    return await work({ database, settings, actor: operator(io), now: Date.now() })
  } finally {
    await database.close()
  }
}

/** `SEGUE_ACTOR`, where a person works through a shared account; else the account and its machine. */
export function operator({ env }: CommandIo): string {
  const named = env['SEGUE_ACTOR']?.trim()
  return `operator ${named === undefined || named === '' ? `${userInfo().username}@${hostname()}` : named}`
}
