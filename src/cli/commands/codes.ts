import type { CommandFamily } from './command.ts'

/** Offer codes. */
export const codes: CommandFamily = (segue, io, exit) => {
  const codes = segue.command('codes').description("load a shop's codes into pools, and see how many are left")
  codes
    .command('load')
    .description('put the codes of a file, one a line, into a pool; those that it has already stay as they are')
    .argument('<pool>', 'a pool of the deployed workspace that has a file of codes')
    .argument('<file>', 'the file')
    .action(async (pool: string, file: string) => {
      const { runCodesLoad } = await import('../codes.ts')
      exit(await runCodesLoad(pool, file, io))
    })
  codes
    .command('status')
    .description('show how many codes of each pool are free and issued')
    .option('--json', 'print the pools as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { runCodesStatus } = await import('../codes.ts')
      exit(await runCodesStatus({ json: options.json === true }, io))
    })
}
