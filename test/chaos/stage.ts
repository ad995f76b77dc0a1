import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, Connection } from '@temporalio/client'
import pg from 'pg'
import { compileFolder, deployCompiled } from '../../src/cli/deploy.ts'
import { makeDevSecrets } from '../../src/cli/dev/dev-secrets.ts'
import { freePort } from '../../src/cli/dev/ports.ts'
import { defaultCacheDirectory, findTemporalCli } from '../../src/cli/dev/temporal-cli.ts'
import { startTemporalServer } from '../../src/cli/dev/temporal-server.ts'
import { virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import type { Database } from '../../src/core/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createClient } from '../../workers/engine.ts'
import { ensureSchedules } from '../../workers/schedules.ts'
import { startServer } from '../postgres-server.ts'
import { startChild } from './children.ts'
import { watchNoes } from './noes-in-order.ts'

/** The servers that the processes under test stand on: all real, all of this run alone. */
export interface Stage {
  readonly database: Database
  readonly client: Client
  readonly origin: ClockOrigin
  readonly secrets: ReturnType<typeof makeDevSecrets>
  readonly apiUrl: string
  readonly sandboxUrl: string
  /** What a process of the product reads from its environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly now: () => number
  /** Power cut and restart: every connection dies, what was committed stays. */
  restartPostgres(): Promise<void>
  restartTemporal(): Promise<void>
  stop(): Promise<void>
}

const FOLDER = fileURLToPath(new URL('./shop/', import.meta.url))
/** Virtual: a Tuesday, ten in New York. One real second is a virtual minute, so that a run ends within one day's windows. */
const MORNING = Date.parse('2026-11-17T15:00:00Z')
const SCALE = 60

export async function setStage(): Promise<Stage> {
  // The servers' processes do not keep this one alive, and between two of them nothing else would.
  const heartbeat = setInterval(() => undefined, 1_000)
  const closing: (() => Promise<void>)[] = [async () => clearInterval(heartbeat)]
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).toReversed()) await close().catch(() => undefined)
  }
  try {
    return await raise(closing, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function raise(closing: (() => Promise<void>)[], stop: () => Promise<void>): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'segue-chaos-'))
  closing.push(async () => rmSync(folder, { recursive: true, force: true }))
  const postgres = await startServer()
  // However this process ends, short of being killed itself, the server does not outlive it.
  const endPostgres = (): boolean => process.kill(postgres.pid, 'SIGQUIT')
  process.once('exit', endPostgres)
  closing.push(async () => {
    process.off('exit', endPostgres)
    await postgres.stop()
  })
  await administer(postgres.url('postgres'), 'alter system set track_commit_timestamp = on')
  await postgres.crash()
  await postgres.restart()
  await administer(postgres.url('postgres'), 'create database chaos')
  const url = postgres.url('chaos')
  const database = await openPostgres(url)
  closing.push(() => database.close())
  await migrate(database)
  await watchNoes(database)

  const origin: ClockOrigin = { virtual: MORNING, real: Date.now(), scale: SCALE }
  const now = (): number => virtualNow(origin, Date.now())
  const io = { stdout: () => {}, stderr: (text: string) => process.stderr.write(text), cwd: FOLDER, env: {} }
  const compilation = await compileFolder(FOLDER, { ...io, isTerminal: false })
  if (compilation === undefined) throw new Error('the workspace of the crash matrix does not compile')
  await deployCompiled(database, FOLDER, compilation, now())

  const cli = await findTemporalCli({
    environment: process.env,
    cacheDirectory: defaultCacheDirectory(process.env),
    report: () => undefined,
  })
  const start = { cli, port: await freePort(), databaseFile: join(folder, 'temporal.db') }
  let temporal = await startTemporalServer(start)
  closing.push(() => temporal.stop())
  const connection = await Connection.connect({ address: temporal.address })
  closing.push(() => connection.close())
  const client = createClient(connection, 'default')
  await ensureSchedules(client, { reconcileEveryMs: 15_000 })

  const secrets = makeDevSecrets()
  const apiPort = await freePort()
  const apiUrl = `http://127.0.0.1:${apiPort}`
  const { sandboxUrl, verificationKey } = await startSandbox(folder, origin, apiUrl, secrets)
  return {
    database,
    client,
    origin,
    secrets,
    apiUrl,
    sandboxUrl,
    now,
    environment: {
      TEST_CLOCK: JSON.stringify(origin),
      SEGUE_ENVIRONMENT: 'chaos',
      SEGUE_DATABASE_URL: url,
      SEGUE_PUBLIC_URL: apiUrl,
      SEGUE_PORT: String(apiPort),
      SEGUE_WRITE_KEYS: secrets.writeKey,
      SEGUE_SERVER_KEYS: secrets.serverKey,
      SEGUE_ADDRESS_KEYS: `1:${secrets.addressKey}`,
      SEGUE_LINK_SECRETS: secrets.linkSecret,
      TWILIO_ACCOUNT_SID: secrets.twilioAccountSid,
      TWILIO_AUTH_TOKENS: secrets.twilioAuthToken,
      TWILIO_API_URL: sandboxUrl,
      SENDGRID_API_KEY: secrets.sendgridApiKey,
      SENDGRID_WEBHOOK_PUBLIC_KEYS: verificationKey,
      SENDGRID_API_URL: sandboxUrl,
      TEMPORAL_ADDRESS: temporal.address,
    },
    async restartPostgres() {
      await postgres.crash()
      await postgres.restart()
    },
    async restartTemporal() {
      await temporal.stop()
      temporal = await startTemporalServer(start)
    },
    stop,
  }
}

async function startSandbox(
  folder: string,
  origin: ClockOrigin,
  apiUrl: string,
  secrets: Stage['secrets'],
): Promise<{ sandboxUrl: string; verificationKey: string }> {
  let greeting = '{}'
  const sandbox = startChild({
    file: new URL('../../src/providers/sandbox/main.ts', import.meta.url),
    args: [
      ...['--log-file', join(folder, 'hand-offs.jsonl'), '--scale', String(origin.scale)],
      ...['--virtual-start', String(origin.virtual), '--real-start', String(origin.real)],
      ...['--inbound-url', `${apiUrl}/webhooks/twilio/inbound`, '--events-url', `${apiUrl}/webhooks/sendgrid`],
    ],
    environment: {
      TWILIO_ACCOUNT_SID: secrets.twilioAccountSid,
      TWILIO_AUTH_TOKEN: secrets.twilioAuthToken,
      SENDGRID_API_KEY: secrets.sendgridApiKey,
      SENDGRID_WEBHOOK_PRIVATE_KEY: secrets.sendgridWebhookKey,
    },
    ready: 'sendgridVerificationKey',
    onReadyLine: (line) => {
      greeting = line
    },
  })
  await sandbox.ready
  const { url, sendgridVerificationKey } = JSON.parse(greeting) as { url: string; sendgridVerificationKey: string }
  return { sandboxUrl: url, verificationKey: sendgridVerificationKey }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
