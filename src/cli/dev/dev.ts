import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKey } from '../../administration/api-key.ts'
import type { Database } from '../../core/database.ts'
import { openPglite } from '../../store/pglite.ts'
import { migrate } from '../../store/migrate.ts'
import { EXIT, wantsColor, type CommandIo, type ExitCode } from '../command-io.ts'
import { compileFolder, deployCompiled } from '../deploy.ts'
import { describeFailure, stopRequested } from '../server-process.ts'
import { startDevClock } from './dev-clock.ts'
import { keptDevSecrets } from './dev-secrets.ts'
import { freePort } from './ports.ts'
import { clickstreamSample } from './sample/clickstream.ts'
import { renderResult } from './sample/render-result.ts'
import { readResult } from './sample/result.ts'
import { readSample, type Sample } from './sample/sample.ts'
import { startStack } from './stack.ts'
import { AlreadyRunning, takeStateDirectory, type StateDirectory } from './state-directory.ts'
import { defaultCacheDirectory, findTemporalCli, TemporalCliMissing } from './temporal-cli.ts'
import { startTemporalServer, type TemporalServer } from './temporal-server.ts'
import { walkThrough } from './walk-through.ts'

export interface DevOptions {
  /** Run the sample to its end, check what happened, and exit. On a state of its own that is removed afterwards. */
  readonly once: boolean
  /** Print the result as one JSON object on stdout and nothing else there. */
  readonly json: boolean
  /** A clickstream file instead of the shipped sample. */
  readonly data?: string
  /** Folder that keeps the state between starts. */
  readonly state?: string
}

/** The package: journeys and the sample ship with it. */
const ROOT = resolve(
  dirname(fileURLToPath(import.meta.url)),
  import.meta.url.endsWith('.js') ? '../../../..' : '../../..',
)
const PORTS = { temporal: 7233, ui: 8233, api: 4400, sandbox: 4401 } as const
const HOUR_MS = 3_600_000

/**
 * `segue dev`, behind `npm start`: a whole Segue on one machine, at an accelerated clock, with a sample of people walking
 * through the journeys. Exit code 0 if all expectations held, 1 if not, 3 when something that it needs cannot be had.
 */
export async function runDev(options: DevOptions, io: CommandIo): Promise<ExitCode> {
  const say = (line: string): void => io.stderr(`segue: ${line}\n`)
  if (options.data !== undefined && !existsSync(resolve(io.cwd, options.data))) {
    say(`there is no file ${options.data}`)
    return EXIT.usage
  }
  const stopped = stopRequested()
  const folder = options.once ? join('.segue', `once-${process.pid}`) : (options.state ?? join('.segue', 'dev'))
  let state: StateDirectory
  try {
    state = takeStateDirectory(resolve(io.cwd, folder))
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error
    say(error.message)
    return EXIT.usage
  }
  const closing: (() => Promise<void> | void)[] = [() => state.release({ remove: options.once })]
  try {
    return await runStack(options, io, state, closing, stopped, say)
  } catch (error) {
    say(error instanceof TemporalCliMissing ? error.message : describeFailure(error))
    return EXIT.infrastructure
  } finally {
    for (const close of closing.toReversed()) await close()
  }
}

async function runStack(
  options: DevOptions,
  io: CommandIo,
  state: StateDirectory,
  closing: (() => Promise<void> | void)[],
  stopped: Promise<NodeJS.Signals>,
  say: (line: string) => void,
): Promise<ExitCode> {
  const sample = await chooseSample(options, io)
  const folder = join(ROOT, 'journeys')
  const compilation = await compileFolder(folder, io)
  if (compilation === undefined) return EXIT.findings
  const temporal = await startTemporal(io, state, say)
  closing.push(() => temporal.stop())
  const database = await openPglite(state.store)
  closing.push(() => database.close())
  const scale = compilation.environments['dev']?.timeScale ?? 1
  const clock = startDevClock({ file: state.clock, scale, startsAt: sample.startsAt })
  const saving = setInterval(() => clock.save(), 1_000)
  closing.push(() => {
    clearInterval(saving)
    clock.save()
  })
  await migrate(database, clock.now())
  await deployCompiled(database, folder, compilation, clock.now())
  const secrets = keptDevSecrets(state.secrets)
  const stack = await startStack({
    database,
    clock,
    temporal,
    secrets,
    environment: 'dev',
    apiPort: await port('the API', PORTS.api, say),
    sandboxPort: await port('the inbox', PORTS.sandbox, say),
    sandboxLog: state.sandboxLog,
  })
  closing.push(() => stack.stop())
  const urls = { ui: temporal.uiUrl ?? '', inbox: stack.sandbox.url, api: stack.apiUrl }
  say(
    `${compilation.journeys.map(({ id }) => id).join(', ')} are live; 48 hours take ${Math.round((48 * HOUR_MS) / scale / 1000)} s`,
  )
  say(`Temporal UI ${urls.ui}   inbox ${urls.inbox}   API ${urls.api}`)
  if (!options.once) say(`admin pages ${urls.api}/admin   key ${await todaysAdminKey(database)}`)

  const ended = await walkThrough({
    sample,
    stack,
    secrets,
    stopped,
    zone: compilation.workspace.zone,
    mustEnd: options.once,
    io,
  })
  if (ended === 'stopped') {
    say('stopped; the next start goes on from here')
    return options.once ? EXIT.interrupted : EXIT.clean
  }
  const { now } = clock
  const slackMs = 250 * scale
  const result = await readResult(database, stack.sandbox.log(), { sample, now: now(), slackMs, ...urls })
  io.stderr(
    `${renderResult(result, { color: wantsColor(io), api: urls.api, writeKey: secrets.writeKey, running: !options.once })}\n`,
  )
  if (options.json) io.stdout(`${JSON.stringify(result)}\n`)
  if (options.once) return result.ok ? EXIT.clean : EXIT.findings
  const why = await Promise.race([stopped, temporal.died, stack.failed])
  if (typeof why === 'string' && !why.startsWith('SIG')) throw new Error(`the Temporal server ${why}`)
  say('stopped; the next start goes on from here')
  return EXIT.clean
}

/** A key for the admin pages, for a day of real time. Only its hash is kept, so each start makes another. */
async function todaysAdminKey(database: Database): Promise<string> {
  const at = Date.now()
  const wanted = { scope: 'admin', name: 'npm start', actor: 'segue dev', at, expiresAt: at + 24 * HOUR_MS } as const
  return (await createKey(database, wanted, randomBytes)).key
}

async function chooseSample(options: DevOptions, io: CommandIo): Promise<Sample> {
  return options.data === undefined
    ? readSample(join(ROOT, 'journeys', 'sample'))
    : await clickstreamSample(resolve(io.cwd, options.data))
}

async function startTemporal(
  io: CommandIo,
  state: StateDirectory,
  say: (line: string) => void,
): Promise<TemporalServer> {
  const cli = await findTemporalCli({
    environment: io.env,
    cacheDirectory: defaultCacheDirectory(io.env),
    report: say,
  })
  const server = await startTemporalServer({
    cli,
    port: await port('Temporal', PORTS.temporal, say),
    uiPort: await port('the Temporal UI', PORTS.ui, say),
    databaseFile: state.temporalDatabase,
  })
  state.remember(server.pid)
  return server
}

async function port(what: string, preferred: number, say: (line: string) => void): Promise<number> {
  const found = await freePort(preferred)
  if (found !== preferred) say(`port ${preferred} is taken, so ${what} is on ${found}`)
  return found
}
