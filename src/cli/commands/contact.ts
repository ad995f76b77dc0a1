import type { Command } from 'commander'
import type { CommandFamily } from './command.ts'

interface Named {
  readonly id?: string
  readonly email?: string
  readonly phone?: string
}

/** One person: what is known, taking it with them, being forgotten, being one. */
export const contact: CommandFamily = (segue, io, exit) => {
  const contact = segue.command('contact').description('show, export, erase or merge people')
  named(contact.command('show').description('show one person: consents, blocks, runs, the last decisions and messages'))
    .option('--full', 'show addresses and traits as they are')
    .option('--json', 'print the card as one JSON object')
    .action(async (externalId: string | undefined, options: Named & { full?: boolean; json?: boolean }) => {
      const { runContactShow } = await import('../contact.ts')
      const { full = false, json = false, ...names } = options
      exit(await runContactShow({ names: { externalId, ...names }, full, json }, io))
    })
  named(contact.command('export').description('write everything that is known about one person as one JSON document'))
    .option('--out <file>', 'write it to a file that only its owner can read')
    .option('--json', 'as without: the document is JSON')
    .action(async (externalId: string | undefined, options: Named & { out?: string; json?: boolean }) => {
      const { runContactExport } = await import('../contact.ts')
      const { out, json: _, ...names } = options
      exit(await runContactExport({ names: { externalId, ...names }, ...(out === undefined ? {} : { out }) }, io))
    })
  named(
    contact.command('erase').description('remove everything that is known about one person, here and at the carriers'),
  )
    .option('--yes', 'do it; without, say what would be removed')
    .option('--wait <seconds>', 'wait this long for the carriers; by default 30')
    .option('--json', 'print the result as one JSON object')
    .action(
      async (externalId: string | undefined, options: Named & { yes?: boolean; wait?: string; json?: boolean }) => {
        const { runContactErase } = await import('../contact-erase.ts')
        const { yes = false, wait = '30', json = false, ...names } = options
        exit(await runContactErase({ names: { externalId, ...names }, yes, wait, json }, io))
      },
    )
  contact
    .command('merge')
    .description('make two people one: the first becomes a part of the second')
    .argument('<from>', "the shop's id, or the contact's id, of who ends")
    .argument('<into>', "the shop's id, or the contact's id, of who stays")
    .option('--json', 'print the result as one JSON object')
    .action(async (from: string, into: string, options: { json?: boolean }) => {
      const { runContactMerge } = await import('../contact.ts')
      exit(await runContactMerge({ from, into, json: options.json === true }, io))
    })
}

function named(command: Command): Command {
  return command
    .argument('[externalId]', 'the id that the shop knows the person by')
    .option('--id <contact>', "the contact's opaque id")
    .option('--email <address>', 'an email address')
    .option('--phone <number>', 'a phone number, with its country code')
}
