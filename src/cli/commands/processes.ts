import type { CommandFamily } from './command.ts'

/** The processes of a running Segue, and what prepares them. */
export const processes: CommandFamily = (segue, io, exit) => {
  segue
    .command('dev')
    .description('run everything on this machine with a fast clock, emulated providers and a sample of people')
    .option('--once', 'run the sample to its end on a state of its own, check what happened, and exit')
    .option('--json', 'print the result as one JSON object')
    .option('--data <file>', 'run a clickstream (CSV) instead of the shipped sample')
    .option('--state <folder>', 'keep the state between starts here; by default in .segue/dev')
    .action(async (options: { once?: boolean; json?: boolean; data?: string; state?: string }) => {
      const { once = false, json = false, ...rest } = options
      const { runDev } = await import('../dev/dev.ts')
      exit(await runDev({ once, json, ...rest }, io))
    })
  segue
    .command('deploy')
    .description('compile a workspace and make it live in the store')
    .argument('[path]', 'the workspace; by default the one here or in journeys/', '.')
    .action(async (path: string) => {
      const { runDeploy } = await import('../deploy.ts')
      exit(await runDeploy(path, io))
    })
  segue
    .command('migrate')
    .description("bring the store's schema up to date")
    .action(async () => {
      const { runMigrate } = await import('../migrate.ts')
      exit(await runMigrate(io))
    })
  segue
    .command('api')
    .description('run the HTTP API and the relay')
    .action(async () => {
      const { runApi } = await import('../api.ts')
      exit(await runApi(io))
    })
  segue
    .command('worker')
    .description('run the workers that walk the journeys and hand messages over')
    .action(async () => {
      const { runWorker } = await import('../../../workers/main.ts')
      exit(await runWorker(io))
    })
}
