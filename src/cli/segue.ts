import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'

/** The package's version; compiled files lie one folder deeper than sources. */
function version(): string {
  const manifest = new URL(`${import.meta.url.endsWith('.js') ? '../' : ''}../../package.json`, import.meta.url)
  return /"version": "([^"]+)"/.exec(readFileSync(manifest, 'utf8'))?.[1] ?? 'unknown'
}

/**
 * Every command of `segue`. A command is a function of its own file, loaded when it is called: `check` must not wait for the
 * Temporal SDK. Here it gets its name and its options.
 */
export function program(io: CommandIo, exit: (code: ExitCode) => void): Command {
  const segue = new Command('segue')
    .description('Journeys as code for email and SMS.')
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .version(version(), '--version', 'print the version')
  segue
    .command('check')
    .description('check journeys, policies, events, offers and templates, without leaving this machine')
    .argument('[paths...]', 'workspaces, folders or files; by default the workspace here or in journeys/')
    .option('--json', 'print every finding as JSON')
    .option('--strict', 'let warnings fail the check')
    .action(async (paths: string[], options: { json?: boolean; strict?: boolean }) => {
      const { check } = await import('./check.ts')
      exit(await check(paths, { json: options.json === true, strict: options.strict === true }, io))
    })
  segue
    .command('dev')
    .description('run everything on this machine with a fast clock, emulated providers and a sample of people')
    .option('--once', 'run the sample to its end on a state of its own, check what happened, and exit')
    .option('--json', 'print the result as one JSON object')
    .option('--data <file>', 'run a clickstream (CSV) instead of the shipped sample')
    .option('--state <folder>', 'keep the state between starts here; by default in .segue/dev')
    .action(async (options: { once?: boolean; json?: boolean; data?: string; state?: string }) => {
      const { once = false, json = false, ...rest } = options
      const { runDev } = await import('./dev/dev.ts')
      exit(await runDev({ once, json, ...rest }, io))
    })
  segue
    .command('deploy')
    .description('compile a workspace and make it live in the store')
    .argument('[path]', 'the workspace; by default the one here or in journeys/', '.')
    .action(async (path: string) => {
      const { runDeploy } = await import('./deploy.ts')
      exit(await runDeploy(path, io))
    })
  const codes = segue.command('codes').description("load a shop's codes into pools, and see how many are left")
  codes
    .command('load')
    .description('put the codes of a file, one a line, into a pool; those that it has already stay as they are')
    .argument('<pool>', 'a pool of the deployed workspace that has a file of codes')
    .argument('<file>', 'the file')
    .action(async (pool: string, file: string) => {
      const { runCodesLoad } = await import('./codes.ts')
      exit(await runCodesLoad(pool, file, io))
    })
  codes
    .command('status')
    .description('show how many codes of each pool are free and issued')
    .option('--json', 'print the pools as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { runCodesStatus } = await import('./codes.ts')
      exit(await runCodesStatus({ json: options.json === true }, io))
    })
  segue
    .command('migrate')
    .description("bring the store's schema up to date")
    .action(async () => {
      const { runMigrate } = await import('./migrate.ts')
      exit(await runMigrate(io))
    })
  segue
    .command('api')
    .description('run the HTTP API and the relay')
    .action(async () => {
      const { runApi } = await import('./api.ts')
      exit(await runApi(io))
    })
  segue
    .command('worker')
    .description('run the workers that walk the journeys and hand messages over')
    .action(async () => {
      const { runWorker } = await import('../../workers/main.ts')
      exit(await runWorker(io))
    })
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
