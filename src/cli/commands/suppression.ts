import type { CommandFamily } from './command.ts'

/** Addresses that must not be contacted. */
export const suppression: CommandFamily = (segue, io, exit) => {
  const suppression = segue
    .command('suppression')
    .description('block addresses, look at blocks, take them to other platforms')
  suppression
    .command('status')
    .description('count the blocks by channel and reason')
    .option('--json', 'print the counts as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { runSuppressionStatus } = await import('../suppression.ts')
      exit(await runSuppressionStatus({ json: options.json === true }, io))
    })
  suppression
    .command('add')
    .description('block one address')
    .argument('<channel>', 'email or sms')
    .argument('<address>', 'the address')
    .option('--reason <reason>', 'manual, complaint, bounce, invalid or reassigned', 'manual')
    .option('--json', 'print the result as one JSON object')
    .action(async (channel: string, address: string, options: { reason: string; json?: boolean }) => {
      const { runSuppressionAdd } = await import('../suppression.ts')
      exit(await runSuppressionAdd(channel, address, { ...options, json: options.json === true }, io))
    })
  suppression
    .command('lift')
    .description('end a block that was a mistake; a "no" that a person said is not yours to lift')
    .argument('<channel>', 'email or sms')
    .argument('<address>', 'the address')
    .requiredOption('--reason <reason>', 'the block to end')
    .requiredOption('--because <words>', 'why, for the audit trail; no names or addresses')
    .option('--json', 'print the result as one JSON object')
    .action(async (channel: string, address: string, options: { reason: string; because: string; json?: boolean }) => {
      const { runSuppressionLift } = await import('../suppression.ts')
      exit(await runSuppressionLift(channel, address, { ...options, json: options.json === true }, io))
    })
  suppression
    .command('import')
    .description("block every address of a file, such as another platform's list of people who said no")
    .argument('<file>', 'one address a line, or CSV whose first column holds the addresses')
    .requiredOption('--channel <channel>', 'email or sms')
    .requiredOption('--source <name>', 'where the list comes from')
    .option('--reason <reason>', 'import, manual, complaint, bounce, invalid or reassigned', 'import')
    .option('--json', 'print the result as one JSON object')
    .action(async (file: string, options: { channel: string; source: string; reason: string; json?: boolean }) => {
      const { runSuppressionImport } = await import('../suppression-lists.ts')
      exit(await runSuppressionImport(file, { ...options, json: options.json === true }, io))
    })
  suppression
    .command('export')
    .description('write the blocked addresses of contacts as CSV, for another platform')
    .requiredOption('--channel <channel>', 'email or sms')
    .option('--json', 'print JSON lines instead of CSV')
    .action(async (options: { channel: string; json?: boolean }) => {
      const { runSuppressionExport } = await import('../suppression-lists.ts')
      exit(await runSuppressionExport({ ...options, json: options.json === true }, io))
    })
  suppression
    .command('rotate')
    .description('bring the blocks under the newest of SEGUE_ADDRESS_KEYS, as far as addresses are known')
    .option('--json', 'print the result as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { runSuppressionRotate } = await import('../suppression-lists.ts')
      exit(await runSuppressionRotate({ json: options.json === true }, io))
    })
}
