import { type KillSwitch, listSwitches, setSwitch, SWITCH_SCOPES } from '../administration/kill-switch.ts'
import { CHANNELS } from '../core/compiled-journey.ts'
import type { Database } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { resumePaused } from '../ingestion/resume-paused.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { withStore } from './operator-command.ts'

type Target = Pick<KillSwitch, 'scope' | 'name'>

/** `segue pause`: in force for every decision from the moment it returns. */
export async function runPause(
  what: string,
  options: { readonly because: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  return withStore(io, async ({ database, actor, now }) => {
    const target = await targetOf(what, database)
    if (typeof target === 'string') return misused(io, 'pause', target)
    const wanted = { ...target, on: true, reason: options.because, actor, at: now }
    const changed = await database.transaction((statements) => setSwitch(statements, wanted))
    say(io, options, { ...target, changed }, changed ? `paused: ${what}` : `already paused: ${what}`)
    return EXIT.clean
  })
}

/** `segue resume`. Run again, it tells the runs once more: one that was interrupted is made up for. */
export async function runResume(what: string, options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database, actor, now }) => {
    const target = await targetOf(what, database)
    if (typeof target === 'string') return misused(io, 'resume', target)
    const changed = await database.transaction((statements) =>
      setSwitch(statements, { ...target, on: false, reason: '', actor, at: now }),
    )
    const told = await resumePaused(database, target, now)
    const again = `${told} runs that were held ask again`
    const words = changed ? `resumed: ${what}; ${again}` : `not paused: ${what}${told === 0 ? '' : `; ${again}`}`
    say(io, options, { ...target, changed, told }, words)
    return EXIT.clean
  })
}

/** `segue switches`. */
export async function runSwitches(options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database }) => {
    const switches = await listSwitches(database)
    const lines = switches.map(({ scope, name, reason, actor, at }) => {
      const what = scope === 'all' ? scope : `${scope}:${name}`
      return `${what} since ${new Date(at).toISOString()}, by ${actor}: ${reason}`
    })
    say(io, options, { switches }, lines.length === 0 ? 'nothing is paused' : lines.join('\n'))
    return EXIT.clean
  })
}

/** What is meant, or why nothing is. A typing mistake that paused nothing would be found out much too late. */
async function targetOf(what: string, database: Database): Promise<Target | string> {
  if (what === 'all') return { scope: 'all', name: '' }
  const [word, name] = what.split(':', 2)
  const scope = SWITCH_SCOPES.find((one) => one === word && one !== 'all')
  if (scope === undefined || name === undefined || name === '') {
    return `${JSON.stringify(what)} is not all, channel:<name>, provider:<name> or journey:<id>`
  }
  const known = await namesOf(scope, database)
  if (known.includes(name)) return { scope, name }
  return `there is no ${scope} ${JSON.stringify(name)}; there are ${known.toSorted().join(', ') || 'none yet'}`
}

async function namesOf(scope: KillSwitch['scope'], database: Database): Promise<readonly string[]> {
  if (scope === 'channel') return CHANNELS
  if (scope === 'journey') {
    const rows = await database.query<{ journey: string }>('select distinct journey from journey_version')
    return rows.map(({ journey }) => journey)
  }
  const [live] = await database.query<{ compiled: CompiledWorkspace }>('select compiled from workspace where id = 1')
  return [...new Set(Object.values(live?.compiled.senders ?? {}).map(({ provider }) => provider))]
}

function misused(io: CommandIo, command: string, complaint: string): ExitCode {
  io.stderr(`segue ${command}: ${complaint}\n`)
  return EXIT.usage
}

function say(io: CommandIo, { json }: { readonly json: boolean }, result: object, words: string): void {
  io.stdout(json ? `${JSON.stringify({ format: '1.0', ...result }, undefined, 2)}\n` : `${words}\n`)
}
