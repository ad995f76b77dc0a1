import type { CommandFamily } from './command.ts'

/** Why somebody got, or did not get, a message. */
export const explain: CommandFamily = (segue, io, exit) => {
  segue
    .command('explain')
    .description('say in plain words why a message was sent, held or refused, with every fact and its source')
    .option('--contact <id>', "the shop's id, or the contact's opaque id")
    .option('--email <address>', 'an email address')
    .option('--phone <number>', 'a phone number, with its country code')
    .option('--journey <id>', 'of this journey only')
    .option('--step <id>', 'of this step only')
    .option('--send <id>', 'one message, by the id of its send')
    .option('--json', 'print the explanation as one JSON object')
    .action(
      async (options: {
        contact?: string
        email?: string
        phone?: string
        journey?: string
        step?: string
        send?: string
        json?: boolean
      }) => {
        const { runExplain } = await import('../explain.ts')
        exit(await runExplain(options, io))
      },
    )
}
