import { Connection, type Client } from '@temporalio/client'
import { NativeConnection, Runtime } from '@temporalio/worker'
import { createClient, createTemporalEngine } from '../../../workers/engine.ts'
import { ensureSchedules } from '../../../workers/schedules.ts'
import { startWorkers } from '../../../workers/worker.ts'
import {
  composeApi,
  composeConsentAudit,
  composeDelivery,
  composeReconcile,
  composeServiceDelivery,
  layFoundation,
  operatorZone,
  type Foundation,
} from '../../compose.ts'
import type { Clock, ClockOrigin } from '../../core/clock.ts'
import type { Database } from '../../core/database.ts'
import { startRelay } from '../../engine/relay-loop.ts'
import { createSandbox, type Sandbox } from '../../providers/sandbox/sandbox.ts'
import type { Settings } from '../../settings.ts'
import type { DevSecrets } from './dev-secrets.ts'
import type { TemporalServer } from './temporal-server.ts'

/** Real milliseconds: an unknown outcome of an accelerated day should not stay one for a week. */
const RECONCILE_EVERY_MS = 60_000

export interface StackOptions {
  readonly database: Database
  readonly clock: Clock & { readonly origin: ClockOrigin }
  readonly temporal: TemporalServer
  readonly secrets: DevSecrets
  readonly environment: string
  /** 0 picks a free one. */
  readonly apiPort: number
  readonly sandboxPort: number
  readonly sandboxLog?: string
}

export interface Surroundings {
  readonly foundation: Foundation
  readonly client: Client
  readonly sandbox: Sandbox
  readonly apiUrl: string
  stop(): Promise<void>
}

export interface Stack extends Surroundings {
  /** Rejects when a worker fails. */
  readonly failed: Promise<void>
}

/**
 * Everything but the store and the Temporal server, in one process, on loopback. PGlite belongs to one process, so development
 * runs like this; production runs the same parts apart.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  silenceWorkerLogs()
  const surroundings = await startSurroundings(options)
  const { foundation, client } = surroundings
  const native = await NativeConnection.connect({ address: options.temporal.address })
  const workers = await startWorkers({
    connection: native,
    client,
    namespace: 'default',
    activities: { deliver: composeDelivery(foundation), deliverServiceMessage: composeServiceDelivery(foundation) },
    systemActivities: {
      reconcileSends: composeReconcile(foundation),
      auditConsents: composeConsentAudit(foundation),
    },
  })
  return {
    ...surroundings,
    failed: workers.done,
    async stop() {
      await workers.stop()
      await native.close()
      await surroundings.stop()
    },
  }
}

/** Sandbox, API and relay: all that surrounds the workers. */
export async function startSurroundings(options: StackOptions): Promise<Surroundings> {
  const { database, clock, secrets } = options
  const sandbox = await createSandbox({
    port: options.sandboxPort,
    clock,
    twilio: { accountSid: secrets.twilioAccountSid, authToken: secrets.twilioAuthToken },
    sendgrid: { apiKey: secrets.sendgridApiKey, webhookPrivateKey: secrets.sendgridWebhookKey },
    ...(options.sandboxLog === undefined ? {} : { logFile: options.sandboxLog }),
  })
  const publicUrl = `http://127.0.0.1:${options.apiPort}`
  const foundation = layFoundation(devSettings(options, sandbox, publicUrl), database, clock)
  const connection = await Connection.connect({ address: options.temporal.address })
  const client = createClient(connection, 'default')
  const engine = createTemporalEngine({
    client,
    clock,
    origin: clock.origin,
    environment: options.environment,
    zone: () => operatorZone(foundation),
  })
  const stopping = new AbortController()
  const relay = startRelay({ database, engine }, { intervalMs: 250, signal: stopping.signal })
  const api = composeApi(foundation, { onOutbox: relay.notify })
  await api.listen({ host: '127.0.0.1', port: options.apiPort })
  sandbox.setWebhooks({
    twilioInboundUrl: `${publicUrl}/webhooks/twilio/inbound`,
    sendgridEventsUrl: `${publicUrl}/webhooks/sendgrid`,
  })
  await ensureSchedules(client, { reconcileEveryMs: RECONCILE_EVERY_MS })
  return {
    foundation,
    client,
    sandbox,
    apiUrl: publicUrl,
    async stop() {
      stopping.abort()
      await relay.stopped
      await sandbox.close()
      await api.close()
      await connection.close()
    },
  }
}

function devSettings(options: StackOptions, sandbox: Sandbox, publicUrl: string): Settings {
  const { secrets } = options
  return {
    environment: options.environment,
    databaseUrl: '',
    publicUrl,
    host: '127.0.0.1',
    port: options.apiPort,
    trustProxy: false,
    writeKeys: [secrets.writeKey],
    serverKeys: [secrets.serverKey],
    addressKeys: { current: 1, keys: { 1: secrets.addressKey } },
    linkSecrets: [secrets.linkSecret],
    twilio: {
      accountSid: secrets.twilioAccountSid,
      authTokens: [secrets.twilioAuthToken],
      apiBaseUrl: sandbox.url,
    },
    sendgrid: {
      apiKey: secrets.sendgridApiKey,
      webhookPublicKeys: [sandbox.sendgridVerificationKey],
      apiBaseUrl: sandbox.url,
    },
    logLevel: 'silent',
  }
}

let silenced = false

/** The SDK's runtime is one per process; its log lines would tear the progress display apart. */
function silenceWorkerLogs(): void {
  if (silenced) return
  silenced = true
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } })
}
