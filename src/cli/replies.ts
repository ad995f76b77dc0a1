import Table from 'cli-table3'
import { inboundEmailToken } from '../http/inbound-email.ts'
import { type Closed, closeReply, listReplies } from '../ingestion/reply-queue.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { withStore } from './operator-command.ts'
import { settingsOrComplaint } from './server-process.ts'

const MOST = 1_000
/** What fits beside the rest on a screen. */
const SHOWN_OF_TEXT = 60

/** `segue replies list`: what people wrote. Exit code 1 while something waits for a decision and was asked for with --open. */
export async function runRepliesList(
  options: { readonly open: boolean; readonly limit: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST) {
    io.stderr(`segue replies list: --limit is a whole number from 1 to ${MOST}\n`)
    return EXIT.usage
  }
  return withStore(io, async ({ database }) => {
    const replies = await listReplies(database, { open: options.open, limit })
    const code = options.open && replies.length > 0 ? EXIT.findings : EXIT.clean
    if (options.json) {
      io.stdout(`${JSON.stringify({ format: '1.0', replies }, undefined, 2)}\n`)
      return code
    }
    if (replies.length === 0) {
      io.stdout(options.open ? 'nothing waits for a decision\n' : 'nobody has written yet\n')
      return code
    }
    const table = new Table({
      head: ['id', 'received', 'by', 'meaning', 'state', 'contact', 'text'],
      style: { head: [], border: [] },
      colAligns: ['right'],
    })
    for (const { id, receivedAt, channel, meaning, state, contactId, text } of replies) {
      const line = onOneLine(text)
      table.push([id, new Date(receivedAt).toISOString(), channel, meaning, state ?? '', contactId ?? 'unknown', line])
    }
    io.stdout(`${table.toString()}\n`)
    return code
  })
}

/** Somebody else's text on an operator's terminal: no line breaks, and no escape sequences that could pretend to be our output. */
function onOneLine(text: string): string {
  const plain = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim()
  return plain.length > SHOWN_OF_TEXT ? `${plain.slice(0, SHOWN_OF_TEXT - 1)}…` : plain
}

const WHY_NOT: Readonly<Record<Exclude<Closed, 'closed'>, string>> = {
  unknown: 'there is no such message',
  not_open: 'this message does not wait for a decision',
  no_contact:
    'nobody is known by the address that wrote; close it without --stop, and block the address with `POST /v1/suppressions`',
}

/** `segue replies close <id>`: an operator has read it. */
export async function runRepliesClose(
  id: string,
  options: { readonly stop: boolean; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const number = Number(id)
  if (!Number.isSafeInteger(number) || number < 1) {
    io.stderr('segue replies close: the id is the number that `segue replies list` shows\n')
    return EXIT.usage
  }
  return withStore(io, async ({ database, settings, actor, now }) => {
    const closing = { id: number, stop: options.stop, actor, at: now }
    const result = await closeReply(database, { keys: settings.addressKeys }, closing)
    if (options.json) io.stdout(`${JSON.stringify({ format: '1.0', id: number, result, stop: options.stop })}\n`)
    if (result === 'closed') {
      if (!options.json)
        io.stdout(
          options.stop ? 'closed: marketing to this person has ended\n' : 'closed: marketing to this person goes on\n',
        )
      return EXIT.clean
    }
    if (!options.json) io.stderr(`segue replies close: ${WHY_NOT[result]}\n`)
    return EXIT.findings
  })
}

/** `segue replies inbound-url`: whoever knows it may write in anybody's name, so it goes to the mail provider and nowhere else. */
export async function runRepliesInboundUrl(options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  const settings = settingsOrComplaint(io)
  if (settings === undefined) return EXIT.usage
  const url = `${settings.publicUrl}/webhooks/sendgrid/inbound/${inboundEmailToken(settings.linkSecrets[0])}`
  io.stdout(options.json ? `${JSON.stringify({ format: '1.0', url })}\n` : `${url}\n`)
  return EXIT.clean
}
