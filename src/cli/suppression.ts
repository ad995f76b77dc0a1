import Table from 'cli-table3'
import { recordAct } from '../administration/audit-trail.ts'
import { hashAddress, normalizeAddress } from '../consent/address.ts'
import { countSuppressions } from '../consent/suppression-list.ts'
import {
  liftByOperator,
  OPERATOR_LIFTABLE,
  suppress,
  SUPPRESSION_REASONS,
  type SuppressionReason,
} from '../consent/suppression.ts'
import type { Channel } from '../core/compiled-journey.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { withStore } from './operator-command.ts'

/** What an operator may say about an address; the rest is said by people and carriers. */
export const TOLD_REASONS = ['manual', 'import', 'complaint', 'bounce', 'invalid', 'reassigned'] as const

/** `segue suppression status`. */
export async function runSuppressionStatus(options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database, settings }) => {
    const counts = await countSuppressions(database, settings.addressKeys.current)
    if (options.json) {
      io.stdout(`${JSON.stringify({ format: '1.0', suppressions: counts }, undefined, 2)}\n`)
      return EXIT.clean
    }
    const table = new Table({
      head: ['channel', 'reason', 'in force', 'lifted', 'under an older key'],
      style: { head: [] },
    })
    for (const { channel, reason, inForce, lifted, olderKey } of counts)
      table.push([channel, reason, inForce, lifted, olderKey])
    io.stdout(counts.length === 0 ? 'nothing is blocked\n' : `${table.toString()}\n`)
    return EXIT.clean
  })
}

/** `segue suppression add`: blocks one address for good. */
export async function runSuppressionAdd(
  channel: string,
  raw: string,
  options: { readonly reason: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const named = readAddress('add', channel, raw, io)
  if (named === undefined) return EXIT.usage
  const reason = TOLD_REASONS.find((one) => one === options.reason)
  if (reason === undefined) return misused('add', `--reason is one of ${TOLD_REASONS.join(', ')}`, io)
  return withStore(io, async ({ database, settings, actor, now }) => {
    const keys = settings.addressKeys
    const { hash } = hashAddress(keys, named.channel, named.address)
    await database.transaction(async (statements) => {
      await suppress(statements, { keys, ...named, reason, source: 'operator', at: now })
      const detail = { channel: named.channel, reason }
      await recordAct(statements, { actor, act: 'suppression.add', subject: hash, detail, at: now })
    })
    say(io, options, { channel: named.channel, reason, blocked: true }, `the address is blocked: ${reason}`)
    return EXIT.clean
  })
}

/** `segue suppression lift`: ends a block that was a mistake. What the person said stays. */
export async function runSuppressionLift(
  channel: string,
  raw: string,
  options: { readonly reason: string; readonly because: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const named = readAddress('lift', channel, raw, io)
  if (named === undefined) return EXIT.usage
  const reason = SUPPRESSION_REASONS.find((one: SuppressionReason) => one === options.reason)
  if (reason === undefined) return misused('lift', `--reason is one of ${SUPPRESSION_REASONS.join(', ')}`, io)
  const liftable = OPERATOR_LIFTABLE.find((one) => one === reason)
  if (liftable === undefined) {
    const how = 'only the person can take it back: by START, at the preference centre, or by signing up again'
    return misused('lift', `${reason} is a "no" that a person said; ${how}`, io)
  }
  return withStore(io, async ({ database, settings, actor, now }) => {
    const keys = settings.addressKeys
    const { hash } = hashAddress(keys, named.channel, named.address)
    const lifted = await database.transaction(async (statements) => {
      const done = await liftByOperator(statements, { keys, ...named, reason: liftable, at: now })
      const detail = { channel: named.channel, reason, because: options.because }
      if (done) await recordAct(statements, { actor, act: 'suppression.lift', subject: hash, detail, at: now })
      return done
    })
    const words = lifted ? `the block is lifted: ${reason}` : `the address is not blocked for ${reason}`
    say(io, options, { channel: named.channel, reason, lifted }, words)
    return lifted ? EXIT.clean : EXIT.findings
  })
}

function readAddress(
  command: string,
  channel: string,
  raw: string,
  io: CommandIo,
): { readonly channel: Channel; readonly address: string } | undefined {
  if (channel !== 'email' && channel !== 'sms') {
    misused(command, 'the channel is email or sms', io)
    return undefined
  }
  const address = normalizeAddress(channel, raw)
  if (address === undefined) {
    const expected = channel === 'email' ? 'an email address' : 'a phone number with its country code'
    misused(command, `this is not ${expected}`, io)
    return undefined
  }
  return { channel, address }
}

function misused(command: string, complaint: string, io: CommandIo): ExitCode {
  io.stderr(`segue suppression ${command}: ${complaint}\n`)
  return EXIT.usage
}

function say(io: CommandIo, { json }: { readonly json: boolean }, result: object, words: string): void {
  io.stdout(json ? `${JSON.stringify({ format: '1.0', ...result }, undefined, 2)}\n` : `${words}\n`)
}
