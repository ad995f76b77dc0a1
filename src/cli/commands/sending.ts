import type { CommandFamily } from './command.ts'

const WHAT = 'all, or channel:<email|sms>, provider:<name> or journey:<id>'

/** The big red buttons. */
export const sending: CommandFamily = (segue, io, exit) => {
  segue
    .command('pause')
    .description('stop handing messages over, at once; runs go on waiting, and nobody is lost')
    .argument('<what>', WHAT)
    .requiredOption('--because <words>', 'why, for whoever finds it; no names or addresses')
    .option('--json', 'print the result as one JSON object')
    .action(async (what: string, options: { because: string; json?: boolean }) => {
      const { runPause } = await import('../sending.ts')
      exit(await runPause(what, { ...options, json: options.json === true }, io))
    })
  segue
    .command('resume')
    .description('go on; what was held asks again soon, spread')
    .argument('<what>', WHAT)
    .option('--json', 'print the result as one JSON object')
    .action(async (what: string, options: { json?: boolean }) => {
      const { runResume } = await import('../sending.ts')
      exit(await runResume(what, { json: options.json === true }, io))
    })
  segue
    .command('switches')
    .description('show what is paused, by whom and why')
    .option('--json', 'print the switches as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { runSwitches } = await import('../sending.ts')
      exit(await runSwitches({ json: options.json === true }, io))
    })
}
