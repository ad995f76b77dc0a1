import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { createProviders } from '../compose.ts'
import { renderText } from '../diagnostics/render-text.ts'
import { findMessage } from '../preview/find-message.ts'
import { peopleFor } from '../preview/fixtures.ts'
import { watchWorkspace, type LiveWorkspace, type Snapshot } from '../preview/live-workspace.ts'
import { messagesOf } from '../preview/previewed-message.ts'
import { createPreview, type Through } from '../preview/server.ts'
import { sendTest, type TestSendDeps } from '../preview/test-send.ts'
import { readPartialSettings, type PartialSettings } from '../settings.ts'
import { openPostgres } from '../store/postgres.ts'
import { EXIT, wantsColor, type CommandIo, type ExitCode } from './command-io.ts'
import { operator } from './operator-command.ts'
import { startPreviewSandbox, type PreviewSandbox } from './preview-sandbox.ts'
import { stopRequested, storeOrComplaint } from './server-process.ts'
import { findWorkspace } from './workspace-folder.ts'

export interface PreviewOptions {
  /** 0 picks a free one. Absent: 4410, or a free one if that is taken. */
  readonly port?: number
  readonly open: boolean
  readonly json: boolean
}

const DEFAULT_PORT = 4410
/** Where links lead in a preview of a workspace whose public address nobody has said. */
const PUBLIC_URL = 'https://go.example.com'
const time = { monotonicMs: () => performance.now(), realNow: () => Date.now() }

/** `segue preview`: serves the pages on the loopback address until it is stopped. */
export async function runPreview(
  journey: string | undefined,
  options: PreviewOptions,
  io: CommandIo,
  stopped: () => Promise<unknown> = stopRequested,
): Promise<ExitCode> {
  const { port } = options
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    io.stderr('segue preview: --port is not a port, such as 4410\n')
    return EXIT.usage
  }
  const settings = settingsOrComplaint(io)
  const workspace = settings && (await workspaceOrComplaint(io))
  if (settings === undefined || workspace === undefined) return EXIT.usage
  const begin = workspace.current()
  const first = journey === undefined ? undefined : begin.journeys.find((one) => one.journey.id === journey)
  if (journey !== undefined && first === undefined && !begin.sources.has(`${journey}.yaml`)) {
    workspace.close()
    io.stderr(`segue preview: there is no journey ${JSON.stringify(journey)} in this workspace\n`)
    return EXIT.usage
  }
  const surroundings = await openSurroundings(settings, io)
  const { publicUrl = PUBLIC_URL } = settings
  const app = createPreview({
    workspace,
    now: time.realNow,
    publicUrl,
    testSend: { ...surroundings.deps, through: surroundings.through },
  })
  const url = await listen(app, port)
  const address = journey === undefined ? url : `${url}${pathOf(begin, journey)}`
  if (options.json) io.stdout(`${JSON.stringify({ format: '1.0', url: address, messages: named(begin) })}\n`)
  else io.stdout(`Preview: ${address}\nIt follows the files as you save them. Ctrl-C ends it.\n`)
  if (options.open && io.isTerminal) openBrowser(address)
  await stopped()
  workspace.close()
  await app.close()
  await surroundings.close()
  return EXIT.clean
}

export interface PreviewSendOptions {
  readonly to: string
  readonly fixture?: string
  readonly arm?: string
  readonly json: boolean
}

/** `segue preview send journey/step --to name`: one message to a test contact, through a real provider. */
export async function runPreviewSend(target: string, options: PreviewSendOptions, io: CommandIo): Promise<ExitCode> {
  const complain = (problem: string): ExitCode => {
    io.stderr(`segue preview send: ${problem}\n`)
    return EXIT.usage
  }
  const settings = settingsOrComplaint(io)
  const workspace = settings && (await workspaceOrComplaint(io))
  if (settings === undefined || workspace === undefined) return EXIT.usage
  const snapshot = workspace.current()
  workspace.close()
  const [journey = '', step = '', branch = 'action'] = target.split('/')
  const plain = findMessage(snapshot, { journey, step, branch })
  const found = findMessage(snapshot, { journey, step, branch, arm: options.arm }) ?? plain
  if (found === undefined) {
    const errors = snapshot.diagnostics.filter(
      ({ severity, file }) => severity === 'error' && file === `${journey}.yaml`,
    )
    if (errors.length === 0)
      return complain(`there is no message ${target}; write journey/step, such as ${named(snapshot)[0] ?? ''}`)
    io.stderr(renderText(errors, (file) => snapshot.sources.get(file), { color: wantsColor(io) }))
    return EXIT.findings
  }
  const { shown, message, body } = found
  const subjectArm = options.arm === undefined ? body.subjects[0] : body.subjects.find((arm) => arm === options.arm)
  if (options.arm !== undefined && subjectArm === undefined && body.arm !== options.arm)
    return complain(`${target} has no arm ${JSON.stringify(options.arm)}`)
  const people = peopleFor(shown, snapshot, time.realNow())
  const person = options.fixture === undefined ? people[0] : people.find(({ name }) => name === options.fixture)
  if (person === undefined) {
    const known = people.map(({ name }) => name).join(', ')
    return complain(`there is no fixture ${JSON.stringify(options.fixture)} for ${journey}; there are ${known}`)
  }
  if (settings.twilio === undefined && settings.sendgrid === undefined) {
    return complain('no provider is configured: set SENDGRID_API_KEY, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKENS')
  }
  const store = await openStore(settings, io)
  if (store === 'unfit') return EXIT.infrastructure
  try {
    const { to } = options
    const { testContacts } = snapshot
    const deps = { ...testSendDeps(settings, io), providers: byName(createProviders(settings)), sandbox: false }
    const result = await sendTest(
      { ...deps, ...(store === undefined ? {} : { store: store.store }) },
      { shown, message, body, subjectArm: subjectArm ?? body.subjects[0], person, to, testContacts },
    )
    if (options.json) io.stdout(`${JSON.stringify({ format: '1.0', message: target, to, ...result })}\n`)
    else if (result.kind === 'accepted') io.stdout(`${target}: taken by ${result.provider} for ${to}\n`)
    else if (result.kind === 'unknown') io.stdout(`${target}: it may have been sent: ${result.cause}\n`)
    else io.stdout(`${target}: nothing was sent: ${result.reason}\n`)
    return result.kind === 'accepted' ? EXIT.clean : result.kind === 'refused' ? EXIT.findings : EXIT.infrastructure
  } finally {
    await store?.close()
  }
}

function settingsOrComplaint({ env, stderr }: CommandIo): PartialSettings | undefined {
  const read = readPartialSettings(env)
  if (read.kind === 'ok') return read.settings
  stderr(read.problems.map((problem) => `segue preview: ${problem}\n`).join(''))
  return undefined
}

async function workspaceOrComplaint({ cwd, stderr }: CommandIo): Promise<LiveWorkspace | undefined> {
  const search = await findWorkspace(cwd, '.')
  if (search.kind === 'found') return watchWorkspace(search.workspace.folder)
  stderr(`segue preview: ${search.message}\n`)
  return undefined
}

interface Surroundings {
  readonly deps: TestSendDeps
  /** Where test sends go, in words. */
  readonly through: Through
  close(): Promise<void>
}

/** Providers as they are configured. Where none is, the emulator of both, so that the button does something and nobody gets anything. */
async function openSurroundings(settings: PartialSettings, io: CommandIo): Promise<Surroundings> {
  const store = await openStore(settings, io)
  const configured = settings.twilio !== undefined || settings.sendgrid !== undefined
  const sandbox: PreviewSandbox | undefined = configured ? undefined : await startPreviewSandbox(time.realNow)
  const providers = createProviders(sandbox ?? settings)
  const names = [...providers.keys()].join(' and ')
  return {
    deps: {
      ...testSendDeps(sandbox === undefined ? settings : { publicUrl: sandbox.url }, io),
      providers: store === 'unfit' ? () => undefined : byName(providers),
      sandbox: sandbox !== undefined,
      ...(store === undefined || store === 'unfit' ? {} : { store: store.store }),
    },
    through: sandbox === undefined ? `Through ${names}, marked as a test.` : { inbox: sandbox.url },
    close: async () => {
      await sandbox?.close()
      if (store !== 'unfit') await store?.close()
    },
  }
}

function testSendDeps({ publicUrl = PUBLIC_URL }: PartialSettings, io: CommandIo) {
  return { env: io.env, publicUrl, actor: operator(io), time, newKey: () => `test-${randomUUID()}` }
}

type OpenStore = {
  readonly store: NonNullable<TestSendDeps['store']>
  close(): Promise<void>
}

/** The store, if one is configured. One that this release cannot work with is no reason to send without asking it. */
async function openStore({ store }: PartialSettings, io: CommandIo): Promise<OpenStore | undefined | 'unfit'> {
  if (store === undefined) return undefined
  const database = await openPostgres(store.databaseUrl)
  if (await storeOrComplaint(database, io)) {
    return { store: { database, keys: store.addressKeys }, close: () => database.close() }
  }
  await database.close()
  return 'unfit'
}

function byName<T>(providers: ReadonlyMap<string, T>): (name: string) => T | undefined {
  return (name) => providers.get(name)
}

/** Every message as it is named on the command line. */
function named({ journeys }: Snapshot): readonly string[] {
  return journeys.flatMap(({ journey: { id, steps } }) =>
    messagesOf(steps).map(({ step, branch }) => `${id}/${step.id}${branch === 'fallback' ? '/fallback' : ''}`),
  )
}

function pathOf({ journeys }: Snapshot, id: string): string {
  const shown = journeys.find(({ journey }) => journey.id === id)
  const [first] = shown === undefined ? [] : messagesOf(shown.journey.steps)
  return first === undefined ? '/' : `/journeys/${id}/${first.step.id}`
}

/** On the loopback address alone: the pages have no login. */
async function listen(app: FastifyInstance, port: number | undefined): Promise<string> {
  try {
    return await app.listen({ host: '127.0.0.1', port: port ?? DEFAULT_PORT })
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (!taken || port !== undefined) throw error
    return app.listen({ host: '127.0.0.1', port: 0 })
  }
}

/** Best effort: the address is printed as well. */
function openBrowser(url: string): void {
  const [command = 'xdg-open', ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
