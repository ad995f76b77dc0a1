import { Option } from 'commander'
import type { CommandFamily } from './command.ts'

/** Keys of the HTTP API. */
export const keys: CommandFamily = (segue, io, exit) => {
  const keys = segue.command('keys').description('make, list, rotate and revoke the keys of the HTTP API')
  keys
    .command('create')
    .description('make a key and show it, this once')
    .addOption(
      new Option(
        '--scope <scope>',
        'write: send events; read: see figures; server: speak for people; admin: everything',
      )
        .choices(['write', 'read', 'server', 'admin'])
        .makeOptionMandatory(),
    )
    .requiredOption('--name <name>', 'who uses it; it stands in the audit trail')
    .option('--expires <duration>', 'end it after this long, such as 90d; by default it ends when it is revoked')
    .option('--json', 'print it as one JSON object')
    .action(async (options: { scope: string; name: string; expires?: string; json?: boolean }) => {
      const { json = false, ...rest } = options
      const { runKeysCreate } = await import('../keys.ts')
      exit(await runKeysCreate({ json, ...rest }, io))
    })
  keys
    .command('list')
    .description('show every key, without the keys themselves')
    .option('--json', 'print them as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { runKeysList } = await import('../keys.ts')
      exit(await runKeysList({ json: options.json === true }, io))
    })
  keys
    .command('rotate')
    .description('make a key that takes the place of another, which goes on for a grace period')
    .argument('<id>', 'the id of the old key')
    .option('--grace <duration>', 'how long the old key goes on', '7d')
    .option('--json', 'print the new key as one JSON object')
    .action(async (id: string, options: { grace: string; json?: boolean }) => {
      const { runKeysRotate } = await import('../keys.ts')
      exit(await runKeysRotate(id, { grace: options.grace, json: options.json === true }, io))
    })
  keys
    .command('revoke')
    .description('end a key for good; every process knows within five seconds')
    .argument('<id>', 'its id')
    .option('--json', 'print the result as one JSON object')
    .action(async (id: string, options: { json?: boolean }) => {
      const { runKeysRevoke } = await import('../keys.ts')
      exit(await runKeysRevoke(id, { json: options.json === true }, io))
    })
}
