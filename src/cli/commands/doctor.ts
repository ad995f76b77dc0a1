import type { CommandFamily } from './command.ts'

/** Is this installation well? */
export const doctor: CommandFamily = (segue, io, exit) => {
  segue
    .command('doctor')
    .description(
      'look at the domains, numbers, keys, store, engine and clock of this installation, and say what to mend',
    )
    .option('--json', 'print every line as one JSON object')
    .option('--dns <server>', "ask this name server (host:port) instead of the machine's")
    .action(async (options: { json?: boolean; dns?: string }) => {
      const { json = false, ...rest } = options
      const { runDoctor } = await import('../doctor.ts')
      exit(await runDoctor({ json, ...rest }, io))
    })
}
