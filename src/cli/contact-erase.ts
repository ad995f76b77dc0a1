import { setTimeout as pause } from 'node:timers/promises'
import { layFoundation } from '../compose.ts'
import { erasePerson, type Erased } from '../rights/erase.ts'
import { type ErasureProgress, workErasureTasks } from '../rights/erasure-tasks.ts'
import { exportPerson } from '../rights/export.ts'
import { readPerson } from '../rights/person.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { misused } from './contact.ts'
import { type GivenNames, resolvePerson } from './contact-name.ts'
import { withStore, type OperatorStore } from './operator-command.ts'

const LONGEST_WAIT_S = 3_600
const LOOK_EVERY_MS = 1_000

export interface EraseOptions {
  readonly names: GivenNames
  readonly yes: boolean
  /** Seconds, as they were typed. */
  readonly wait: string
  readonly json: boolean
}

/**
 * `segue contact erase`: removes a person, here at once, at the carriers as soon as they answer. Exit code 1 while a carrier still has
 * to answer: a worker goes on asking, and so does running it again.
 */
export async function runContactErase(options: EraseOptions, io: CommandIo): Promise<ExitCode> {
  const waitMs = Number(options.wait) * 1_000
  if (!(waitMs >= 0 && waitMs <= LONGEST_WAIT_S * 1_000)) {
    return misused(io, 'erase', `--wait takes seconds, up to ${LONGEST_WAIT_S}`)
  }
  return withStore(io, async (store) => {
    const { database, settings, actor, now } = store
    const found = await resolvePerson(database, options.names)
    if (found.kind === 'wrong') return misused(io, 'erase', found.complaint)
    if (!options.yes) return foretell(store, found.id, options, io)
    const foundation = layFoundation(settings, database, { now: () => Date.now(), scale: 1 })
    const providers = (name: string) => foundation.providers.get(name)
    const erased = await erasePerson(
      { database, keys: settings.addressKeys, erases: (name) => providers(name)?.erases },
      { id: found.id, actor, at: now, realNow: Date.now() },
    )
    if (erased === undefined) return misused(io, 'erase', 'there is no such person in the store')
    const time = { monotonicMs: () => performance.now(), realNow: () => Date.now() }
    const end = performance.now() + waitMs
    let progress = await workErasureTasks({ database, time, providers }, found.id)
    while (progress.open > 0 && performance.now() < end) {
      await pause(Math.min(LOOK_EVERY_MS, Math.max(1, end - performance.now())))
      progress = await workErasureTasks({ database, time, providers }, found.id)
    }
    io.stdout(
      options.json
        ? `${JSON.stringify({ format: '1.0', ...erased, carriers: progress }, undefined, 2)}\n`
        : said(erased, progress),
    )
    return progress.open + progress.givenUp === 0 ? EXIT.clean : EXIT.findings
  })
}

async function foretell(
  { database, settings, now }: OperatorStore,
  id: string,
  { json }: EraseOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const person = await readPerson(database, settings.addressKeys, id)
  if (person === undefined) return misused(io, 'erase', 'there is no such person in the store')
  const { tables } = await exportPerson(database, person, now)
  const rows = Object.fromEntries(
    Object.entries(tables).flatMap(([name, { length }]) => (length === 0 ? [] : [[name, length]])),
  )
  const lines = Object.entries(rows).map(([name, count]) => `  ${name}: ${String(count)}\n`)
  io.stdout(
    json
      ? `${JSON.stringify({ format: '1.0', contact: id, done: false, rows }, undefined, 2)}\n`
      : `contact ${id} is spoken of in\n${lines.join('')}nothing was changed; --yes removes what is personal in them, for good\n`,
  )
  return EXIT.findings
}

function said({ contact, rows, runsEnded }: Erased, { done, open, givenUp }: ErasureProgress): string {
  const changed = Object.values(rows).reduce((sum, count) => sum + count, 0)
  return [
    `contact ${contact} is erased: ${changed} rows in ${Object.keys(rows).length} tables, ${runsEnded} runs ended\n`,
    'a block of the address stays, as a keyed hash\n',
    `carriers: ${done} removals confirmed, ${open} to come${givenUp === 0 ? '' : `, ${givenUp} given up: ask the carrier by hand`}\n`,
  ].join('')
}
