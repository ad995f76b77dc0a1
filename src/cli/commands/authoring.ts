import type { CommandFamily } from './command.ts'

/** What an author runs: nothing here needs a store or a server. */
export const authoring: CommandFamily = (segue, io, exit) => {
  segue
    .command('check')
    .description('check journeys, policies, events, offers and templates, without leaving this machine')
    .argument('[paths...]', 'workspaces, folders or files; by default the workspace here or in journeys/')
    .option('--json', 'print every finding as JSON')
    .option('--strict', 'let warnings fail the check')
    .action(async (paths: string[], options: { json?: boolean; strict?: boolean }) => {
      const { check } = await import('../check.ts')
      exit(await check(paths, { json: options.json === true, strict: options.strict === true }, io))
    })
  segue
    .command('fmt')
    .description(
      'bring YAML files into their canonical form, comments included; files with syntax errors are left alone',
    )
    .argument('[paths...]', 'workspaces, folders or files; by default the workspace here or in journeys/')
    .option('--check', 'write nothing; exit 1 if a file is not in that form')
    .option('--json', 'print what became of each file as JSON')
    .action(async (paths: string[], options: { check?: boolean; json?: boolean }) => {
      const { fmt } = await import('../fmt.ts')
      exit(await fmt(paths, { check: options.check === true, json: options.json === true }, io))
    })
}
