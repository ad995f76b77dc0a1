import type { CommandFamily } from './command.ts'

/** The consent ledger: showing it, checking it, auditing it. */
export const consent: CommandFamily = (segue, io, exit) => {
  const consent = segue.command('consent').description('show, check and audit what people agreed to')
  consent
    .command('proof')
    .description('show everything that proves the consent of one person, and what was sent because of it')
    .requiredOption('--contact <id>', "the person's id at the shop, or the contact's own")
    .option('--json', 'print the whole proof as one JSON document')
    .option('--html', 'write it as a page to read and to print')
    .option('--out <file>', 'write to a file instead of printing')
    .action(async (options: { contact: string; json?: boolean; html?: boolean; out?: string }) => {
      const { json = false, html = false, ...rest } = options
      const { runConsentProof } = await import('../consent.ts')
      exit(await runConsentProof({ json, html, ...rest }, io))
    })
  consent
    .command('verify')
    .description('check that every entry of the ledger is there and unchanged')
    .option('--json', 'print the result as one JSON object')
    .action(async (options: { json?: boolean }) => {
      const { runConsentVerify } = await import('../consent.ts')
      exit(await runConsentVerify({ json: options.json === true }, io))
    })
  consent
    .command('import')
    .description('take a list of consents with the proof of each; rows without it are kept aside with the reason')
    .argument('<file>', 'CSV with a header, or JSON lines (.jsonl)')
    .requiredOption('--purpose <purpose>', 'what the people agreed to')
    .requiredOption('--channel <channel>', 'email or sms')
    .requiredOption('--source <name>', 'where the list comes from; goes into each proof')
    .option('--json', 'print the result as one JSON object')
    .action(async (file: string, options: { purpose: string; channel: string; source: string; json?: boolean }) => {
      const { runConsentImport } = await import('../consent-import.ts')
      exit(await runConsentImport(file, { ...options, json: options.json === true }, io))
    })
  consent
    .command('audit')
    .description('match the messages of a time with the consents that allowed them; the weekly audit is not touched')
    .option('--since <when>', 'a date, or an instant with a zone; by default the last 7 days')
    .option('--json', 'print the report as one JSON object')
    .option('--markdown', 'print the report as Markdown, which is the default')
    .action(async (options: { since?: string; json?: boolean; markdown?: boolean }) => {
      const { json = false, markdown = false, ...rest } = options
      const { runConsentAudit } = await import('../consent.ts')
      exit(await runConsentAudit({ json, markdown, ...rest }, io))
    })
}
