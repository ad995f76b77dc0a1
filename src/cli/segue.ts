import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { authoring } from './commands/authoring.ts'
import { codes } from './commands/codes.ts'
import type { CommandFamily } from './commands/command.ts'
import { consent } from './commands/consent.ts'
import { contact } from './commands/contact.ts'
import { explain } from './commands/explain.ts'
import { doctor } from './commands/doctor.ts'
import { keys } from './commands/keys.ts'
import { preview } from './commands/preview.ts'
import { processes } from './commands/processes.ts'
import { replies } from './commands/replies.ts'
import { sending } from './commands/sending.ts'
import { suppression } from './commands/suppression.ts'

/** In the order of the help page. */
const FAMILIES: readonly CommandFamily[] = [
  authoring,
  preview,
  processes,
  sending,
  codes,
  consent,
  suppression,
  replies,
  contact,
  explain,
  keys,
  doctor,
]

/** The package's version; compiled files lie one folder deeper than sources. */
function version(): string {
  const manifest = new URL(`${import.meta.url.endsWith('.js') ? '../' : ''}../../package.json`, import.meta.url)
  return /"version": "([^"]+)"/.exec(readFileSync(manifest, 'utf8'))?.[1] ?? 'unknown'
}

/** `segue` with every command, each family in a file of its own. */
export function program(io: CommandIo, exit: (code: ExitCode) => void): Command {
  const segue = new Command('segue')
    .description('Journeys as code for email and SMS.')
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .version(version(), '--version', 'print the version')
  for (const family of FAMILIES) family(segue, io, exit)
  return segue
}

/** Runs one command line. Never throws and never prints a stack trace: what went wrong is said in one line. */
export async function main(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = EXIT.clean
  const commands = program(io, (exitCode) => {
    code = exitCode
  })
  try {
    if (args.length === 0) {
      io.stderr(commands.helpInformation())
      return EXIT.usage
    }
    await commands.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.clean : EXIT.usage
    io.stderr(`segue: ${error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : 'unknown failure'}\n`)
    return EXIT.infrastructure
  }
}
