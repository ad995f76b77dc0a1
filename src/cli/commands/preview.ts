import type { Command } from 'commander'
import type { CommandFamily } from './command.ts'

/** Looking at messages before anybody gets them. */
export const preview: CommandFamily = (segue, io, exit) => {
  const preview = segue
    .command('preview')
    .description('show every message of every journey in a browser, and follow the files as they are saved')
    .argument('[journey]', 'a journey of the workspace here or in journeys/, to begin with')
    .option('--port <n>', 'listen on this port of 127.0.0.1; by default 4410, or a free one', Number)
    .option('--no-open', 'do not open a browser')
    .option('--json', 'print the address and the messages as one JSON object')
    .action(async (journey: string | undefined, options: { port?: number; open: boolean; json?: boolean }) => {
      const { runPreview } = await import('../preview.ts')
      const { port, open, json } = options
      exit(await runPreview(journey, { ...(port === undefined ? {} : { port }), open, json: json === true }, io))
    })
  preview
    .command('send')
    .description('send one message to a test contact of segue.yaml, marked as a test and never counted')
    .argument('<message>', 'journey/step, or journey/step/fallback')
    .requiredOption('--to <name>', 'a name of test_contacts')
    .option('--fixture <name>', 'whom the message is written to; by default the first fixture that fits')
    .option('--arm <name>', 'an arm of the subject or of the template; by default the first')
    .option('--json', 'print the result as one JSON object')
    .action(
      async (
        message: string,
        options: { to: string; fixture?: string; arm?: string; json?: boolean },
        command: Command,
      ) => {
        const { runPreviewSend } = await import('../preview.ts')
        // Both commands have --json, and commander gives it to the outer one.
        const json = options.json === true || command.optsWithGlobals<{ json?: boolean }>().json === true
        const { fixture, arm, to } = options
        exit(
          await runPreviewSend(
            message,
            { to, json, ...(fixture === undefined ? {} : { fixture }), ...(arm === undefined ? {} : { arm }) },
            io,
          ),
        )
      },
    )
}
