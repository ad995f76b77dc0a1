import { Connection } from '@temporalio/client'
import pc from 'picocolors'
import { checkDkim, gatherDkim } from '../doctor/dkim.ts'
import { checkDmarc, gatherDmarc } from '../doctor/dmarc.ts'
import { checkEngine } from '../doctor/engine.ts'
import { fail, type Line, ok, warn } from '../doctor/line.ts'
import { createNameServer, type NameServer } from '../doctor/name-server.ts'
import { checkNumbers } from '../doctor/numbers.ts'
import { checkPublicUrl, gatherPublicUrl } from '../doctor/public-url.ts'
import { checkReply, gatherReply } from '../doctor/reply-address.ts'
import { checkSecrets } from '../doctor/secrets.ts'
import { checkSpf, gatherSpf } from '../doctor/spf.ts'
import { checkMigrations, checkPools, checkStore, gatherStore, skew } from '../doctor/store.ts'
import { gatherEngine } from '../doctor/temporal.ts'
import { checkTimeZones, gatherTimeZones } from '../doctor/time-zones.ts'
import { CHANNELS, type CompiledJourney } from '../core/compiled-journey.ts'
import { type Database, DatabaseUnavailable } from '../core/database.ts'
import type { CompiledWorkspace, Sender } from '../core/workspace.ts'
import { poolStock } from '../gate/code-pool.ts'
import { readSettings, type Settings } from '../settings.ts'
import { whyStoreDoesNotFit } from '../store/migrate.ts'
import { openPostgres } from '../store/postgres.ts'
import { loadBundle } from '../../workers/bundle.ts'
import { temporalConnection } from '../../workers/connection.ts'
import { createClient } from '../../workers/engine.ts'
import {
  channelTaskQueue,
  DEPLOYMENT_NAME,
  JOURNEY_TASK_QUEUE,
  SEARCH_ATTRIBUTES,
  SYSTEM_TASK_QUEUE,
} from '../../workers/protocol.ts'
import { SCHEDULE_IDS } from '../../workers/schedules.ts'
import { EXIT, type CommandIo, type ExitCode, wantsColor } from './command-io.ts'

export interface DoctorOptions {
  readonly json: boolean
  /** `host:port` of a name server. */
  readonly dns?: string
}

/** The selectors of SendGrid's automated security, which it rotates between. */
const SELECTORS = 's1,s2'
const SPF_INCLUDE: Readonly<Record<string, string>> = { sendgrid: 'sendgrid.net' }

/** `segue doctor`: looks at everything that this installation stands on. Exit code 1 if something has to be mended. */
export async function runDoctor(options: DoctorOptions, io: CommandIo): Promise<ExitCode> {
  const lines: Line[] = []
  const show = (found: readonly Line[]): void => {
    lines.push(...found)
    if (!options.json) for (const line of found) io.stdout(inWords(line, io))
  }
  const read = readSettings(io.env)
  if (read.kind === 'invalid') show(read.problems.map(incomplete))
  else await examine(read.settings, options, io, show)
  if (options.json) io.stdout(`${JSON.stringify({ format: '1.0', ...counted(lines), lines }, undefined, 2)}\n`)
  else io.stdout(summary(counted(lines)))
  return lines.some(({ state }) => state === 'fail') ? EXIT.findings : EXIT.clean
}

async function examine(
  settings: Settings,
  options: DoctorOptions,
  io: CommandIo,
  show: (lines: readonly Line[]) => void,
): Promise<void> {
  show(checkSecrets({ ...settings, addressKeys: Object.values(settings.addressKeys.keys) }))
  show([environment(settings.environment), checkTimeZones(gatherTimeZones())])
  const database = await openPostgres(settings.databaseUrl)
  let workspace: CompiledWorkspace | undefined
  try {
    const store = await examineStore(database)
    show(store.lines)
    workspace = store.workspace
  } finally {
    await database.close()
  }
  const server = createNameServer(options.dns)
  const selectors = (io.env['SEGUE_DKIM_SELECTORS'] ?? SELECTORS).split(',').map((part) => part.trim())
  for (const sender of emailSenders(workspace)) show(await examineDomain(server, sender, selectors))
  const facts = await gatherPublicUrl(settings.publicUrl)
  show(checkPublicUrl(facts, settings.environment === 'production'))
  if (facts.health.kind === 'answered' && facts.health.date !== undefined) {
    // The header has whole seconds: half of one is taken off on average.
    show([skew('clock.public-url', settings.publicUrl, facts.health.date + 500 - Date.now())])
  }
  show(await examineEngine(io))
}

interface StoreExamined {
  readonly lines: readonly Line[]
  readonly workspace?: CompiledWorkspace
}

async function examineStore(database: Database): Promise<StoreExamined> {
  try {
    const problem = await whyStoreDoesNotFit(database)
    const lines = [...checkStore(await gatherStore(database, () => Date.now())), checkMigrations(problem)]
    if (problem !== undefined) return { lines }
    const [live] = await database.query<{ compiled: CompiledWorkspace }>('select compiled from workspace where id = 1')
    if (live === undefined) {
      return { lines: [...lines, fail('workspace.deployed', 'workspace', 'nothing is deployed', 'segue deploy')] }
    }
    const workspace = live.compiled
    const journeys = await database.query<{ compiled: CompiledJourney }>(
      'select v.compiled from deployment d join journey_version v on v.hash = d.version',
    )
    const purposesBySender = purposesOf(
      journeys.map(({ compiled }) => compiled),
      workspace,
    )
    const numbers = checkNumbers({ senders: workspace.senders, purposesBySender, now: Date.now() })
    return { lines: [...lines, ...numbers, ...checkPools(await poolStock(database))], workspace }
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error
    const mend = 'start PostgreSQL, or correct SEGUE_DATABASE_URL'
    return { lines: [fail('store.reached', 'PostgreSQL', 'the store cannot be reached', mend)] }
  }
}

/** Which purposes each sender texts for, by what is deployed. */
function purposesOf(journeys: readonly CompiledJourney[], workspace: CompiledWorkspace): Record<string, string[]> {
  const purposes: Record<string, string[]> = {}
  for (const journey of journeys) {
    const sender = workspace.policies[journey.policy]?.senders.sms
    const texts = journey.steps.some((step) => JSON.stringify(step).includes('"channel":"sms"'))
    if (sender === undefined || !texts) continue
    purposes[sender] = [...new Set([...(purposes[sender] ?? []), journey.purpose])].toSorted()
  }
  return purposes
}

type EmailSender = Extract<Sender, { readonly channel: 'email' }>

function emailSenders(workspace: CompiledWorkspace | undefined): readonly EmailSender[] {
  const senders = Object.values(workspace?.senders ?? {}).filter((sender) => sender.channel === 'email')
  return [
    ...new Map(
      senders.map((sender) => [`${domainOf(sender.email)} ${domainOf(sender.replyTo ?? '')}`, sender]),
    ).values(),
  ]
}

async function examineDomain(
  server: NameServer,
  sender: EmailSender,
  selectors: readonly string[],
): Promise<readonly Line[]> {
  const domain = domainOf(sender.email)
  const [spf, dkim, dmarc, reply] = await Promise.all([
    gatherSpf(server, domain, SPF_INCLUDE[sender.provider]),
    gatherDkim(server, domain, selectors),
    gatherDmarc(server, domain),
    gatherReply(server, domainOf(sender.replyTo ?? sender.email)),
  ])
  return [...checkSpf(spf), ...checkDkim(dkim), ...checkDmarc(dmarc, dkim), ...checkReply(reply)]
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}

async function examineEngine(io: CommandIo): Promise<readonly Line[]> {
  const { connectionOptions, namespace } = temporalConnection(io.env)
  const [bundle, facts] = await Promise.all([
    loadBundle('journey'),
    gatherEngine(
      () => Connection.connect({ ...connectionOptions, connectTimeout: '5s' }),
      {
        address: connectionOptions.address ?? '127.0.0.1:7233',
        namespace,
        deployment: DEPLOYMENT_NAME,
        workflowQueues: [JOURNEY_TASK_QUEUE, SYSTEM_TASK_QUEUE],
        activityQueues: CHANNELS.map(channelTaskQueue),
        schedules: SCHEDULE_IDS,
      },
      (connection) => createClient(connection, namespace),
      Date.now(),
    ),
  ])
  return checkEngine(facts, { searchAttributes: SEARCH_ATTRIBUTES, build: bundle.buildId })
}

function environment(name: string): Line {
  if (name === 'production')
    return ok('environment.name', name, 'time passes at its own pace: a server process knows no other')
  return warn('environment.name', name, 'this is not production', 'unset SEGUE_ENVIRONMENT if it should be')
}

function incomplete(problem: string): Line {
  return fail(
    'environment.variables',
    problem.split(' ')[0] ?? '',
    problem,
    'set it; docs/operator.md lists all variables',
  )
}

interface Counted {
  readonly ok: number
  readonly warn: number
  readonly fail: number
}

function counted(lines: readonly Line[]): Counted {
  const of = (state: Line['state']): number => lines.filter((line) => line.state === state).length
  return { ok: of('ok'), warn: of('warn'), fail: of('fail') }
}

function summary({ ok: good, warn: doubtful, fail: bad }: Counted): string {
  return `\n${good} ok, ${doubtful} to look at, ${bad} to mend\n`
}

function inWords({ check, subject, state, says, mend }: Line, io: CommandIo): string {
  const colors = pc.createColors(wantsColor(io))
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }[state]
  return `${paint(state.padEnd(4))} ${check} ${subject}: ${says}\n${mend === undefined ? '' : `     -> ${mend}\n`}`
}
