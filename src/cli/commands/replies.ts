import type { CommandFamily } from './command.ts'

/** What people write back. */
export const replies: CommandFamily = (segue, io, exit) => {
  const replies = segue
    .command('replies')
    .description('read what people wrote back, and decide what may have been a refusal')
  replies
    .command('list')
    .description('show the latest messages from people; with --open those that wait for a decision')
    .option('--open', 'only what waits for a decision, the oldest first')
    .option('--limit <count>', 'at most so many', '50')
    .option('--json', 'print them as one JSON object')
    .action(async (options: { open?: boolean; limit: string; json?: boolean }) => {
      const { runRepliesList } = await import('../replies.ts')
      exit(await runRepliesList({ open: options.open === true, limit: options.limit, json: options.json === true }, io))
    })
  replies
    .command('close')
    .description('decide about a message that waits: it was no refusal, or with --stop it was one')
    .argument('<id>', 'the number of the message, as `segue replies list` shows it')
    .option('--stop', 'it was a refusal: marketing to this person ends')
    .option('--json', 'print what happened as one JSON object')
    .action(async (id: string, options: { stop?: boolean; json?: boolean }) => {
      const { runRepliesClose } = await import('../replies.ts')
      exit(await runRepliesClose(id, { stop: options.stop === true, json: options.json === true }, io))
    })
  replies
    .command('inbound-url')
    .description('print the secret URL that SendGrid Inbound Parse passes email replies to')
    .option('--json', 'print it as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { runRepliesInboundUrl } = await import('../replies.ts')
      exit(await runRepliesInboundUrl({ json: options.json === true }, io))
    })
}
