import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { recordAct } from '../administration/audit-trail.ts'
import type { Statements } from '../core/database.ts'
import { cardOf, type PersonCard } from '../rights/card.ts'
import { exportPerson } from '../rights/export.ts'
import { mergePeople } from '../rights/merge.ts'
import { findPeople, lockPerson, readPerson } from '../rights/person.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { type GivenNames, resolvePerson } from './contact-name.ts'
import { withStore } from './operator-command.ts'

/** `segue contact show`: one person on one screen. */
export async function runContactShow(
  options: { readonly names: GivenNames; readonly full: boolean; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  return withStore(io, async ({ database, settings, actor, now }) => {
    const found = await resolvePerson(database, options.names)
    if (found.kind === 'wrong') return misused(io, 'show', found.complaint)
    const card = await database.transaction(async (statements) => {
      const person = await readPerson(statements, settings.addressKeys, found.id)
      if (person === undefined) return undefined
      if (options.full) await recordAct(statements, { actor, act: 'contact.show', subject: found.id, at: now })
      return cardOf(statements, person, options.full)
    })
    if (card === undefined) return misused(io, 'show', 'there is no such person in the store')
    io.stdout(options.json ? `${JSON.stringify(card, undefined, 2)}\n` : inWords(card))
    return EXIT.clean
  })
}

/** `segue contact export`: everything that is known, as one document. Who took it is on the audit trail. */
export async function runContactExport(
  options: { readonly names: GivenNames; readonly out?: string },
  io: CommandIo,
): Promise<ExitCode> {
  return withStore(io, async ({ database, settings, actor, now }) => {
    const found = await resolvePerson(database, options.names)
    if (found.kind === 'wrong') return misused(io, 'export', found.complaint)
    const bundle = await database.transaction(async (statements) => {
      const person = await lockPerson(statements, settings.addressKeys, found.id)
      if (person === undefined) return undefined
      const exported = await exportPerson(statements, person, now)
      await recordAct(statements, { actor, act: 'contact.export', subject: found.id, at: now })
      return exported
    })
    if (bundle === undefined) return misused(io, 'export', 'there is no such person in the store')
    const text = `${JSON.stringify(bundle, undefined, 2)}\n`
    if (options.out === undefined) {
      io.stdout(text)
      return EXIT.clean
    }
    try {
      await writeFile(resolve(io.cwd, options.out), text, { mode: 0o600 })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      return misused(io, 'export', `${options.out} cannot be written (${String(error.code)})`)
    }
    return EXIT.clean
  })
}

/** `segue contact merge`: two contacts become one. */
export async function runContactMerge(
  options: { readonly from: string; readonly into: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  return withStore(io, async ({ database, settings, actor, now }) => {
    const [from, into] = [await byAnyId(database, options.from), await byAnyId(database, options.into)]
    if (from === undefined || into === undefined) {
      return misused(
        io,
        'merge',
        `there is no such person in the store: the ${from === undefined ? 'first' : 'second'} one`,
      )
    }
    const merge = await mergePeople({ database, keys: settings.addressKeys }, { from, into, actor, at: now })
    if (merge.kind !== 'merged') {
      const why = {
        same: 'both are the same person already',
        unknown: 'one of them was merged meanwhile',
        erased: 'one of them is erased, and stays so',
      } as const
      return misused(io, 'merge', why[merge.kind])
    }
    const rows = Object.values(merge.moved).reduce((sum, count) => sum + count, 0)
    io.stdout(
      options.json
        ? `${JSON.stringify({ format: '1.0', ...merge, from }, undefined, 2)}\n`
        : `${from} is a part of ${into} now: ${rows} rows moved, ${merge.consents} entries in the ledger, ${merge.runsEnded} runs ended that were there twice\n`,
    )
    return EXIT.clean
  })
}

async function byAnyId(statements: Statements, value: string): Promise<string | undefined> {
  const [external] = await findPeople(statements, { kind: 'external', value })
  return external ?? (await findPeople(statements, { kind: 'id', value }))[0]
}

export function misused(io: CommandIo, command: string, complaint: string): ExitCode {
  io.stderr(`segue contact ${command}: ${complaint}\n`)
  return EXIT.usage
}

function inWords(card: PersonCard): string {
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
  const { preference: wish } = card
  const traits = Array.isArray(card.traits)
    ? card.traits.map(String)
    : Object.entries(card.traits).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  const lines = [
    `contact ${card.contact}${card.externalId === null ? '' : ` (${card.externalId})`}, known since ${instant(card.createdAt)}`,
    ...(card.erasedAt === null ? [] : [`ERASED at ${instant(card.erasedAt)}`]),
    ...card.addresses.map(({ channel, address }) => `${channel}: ${address}`),
    ...section('merged into it', card.merged),
    ...section(Array.isArray(card.traits) ? 'traits (values with --full)' : 'traits', traits),
    ...section(
      'consents',
      card.consents.map(({ channel, purpose, state, at, source, expiresAt }) => {
        const until = expiresAt === null ? '' : `, until ${instant(expiresAt)}`
        return `${purpose} by ${channel}: ${state} at ${instant(at)} (${source})${until}`
      }),
    ),
    ...section(
      'blocks of the addresses',
      card.suppressions.map(({ channel, reason, source, at, liftedAt }) => {
        const lifted = liftedAt === null ? '' : `, lifted at ${instant(liftedAt)}`
        return `${channel}: ${reason} at ${instant(at)} (${source})${lifted}`
      }),
    ),
    ...section(
      'wishes',
      wish === null
        ? []
        : [
            ...(wish.pausedUntil === null ? [] : [`no marketing before ${instant(wish.pausedUntil)}`]),
            ...(wish.capCount === null
              ? []
              : [`at most ${wish.capCount} in ${(wish.capWindowMs ?? 0) / 86_400_000} days`]),
            ...(wish.language === null ? [] : [`language: ${wish.language}`]),
          ],
    ),
    ...section(
      'runs',
      card.runs.map(({ id, journey, state, outcome, enteredAt, endedAt }) => {
        const end = endedAt === null ? state : `${outcome ?? state} at ${instant(endedAt)}`
        return `${journey} ${id}: entered ${instant(enteredAt)}, ${end}`
      }),
    ),
    ...section(
      'latest decisions',
      card.decisions.map(({ journey, step, verdict, reason, until, at }) => {
        return `${instant(at)} ${journey}/${step}: ${verdict} (${reason})${until === null ? '' : ` until ${instant(until)}`}`
      }),
    ),
    ...section(
      'latest messages',
      card.sends.map(({ id, journey, step, channel, state, reason, at }) => {
        return `${instant(at)} ${channel} ${journey}/${step}: ${state}${reason === null ? '' : ` (${reason})`} ${id}`
      }),
    ),
  ]
  return `${lines.join('\n')}\n`
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}
