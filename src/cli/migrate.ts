import { migrate } from '../store/migrate.ts'
import { openPostgres } from '../store/postgres.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { settingsOrComplaint } from './server-process.ts'

/** `segue migrate`: brings the store's schema up to date. Running it again, or twice at once, is harmless. */
export async function runMigrate(io: CommandIo): Promise<ExitCode> {
  const settings = settingsOrComplaint(io)
  if (settings === undefined) return EXIT.usage
  const database = await openPostgres(settings.databaseUrl)
  try {
    await migrate(database, Date.now())
    io.stdout('the store is up to date\n')
    return EXIT.clean
  } finally {
    await database.close()
  }
}
