import { Connection } from '@temporalio/client'
import { createClient, createTemporalEngine } from '../../workers/engine.ts'
import { ensureSchedules } from '../../workers/schedules.ts'
import { temporalConnection } from '../../workers/connection.ts'
import { composeApi, layFoundation, operatorZone } from '../compose.ts'
import { startRelay } from '../engine/relay-loop.ts'
import { keepPassingRepliesOn } from '../ingestion/outgoing-webhook/loop.ts'
import { openPostgres } from '../store/postgres.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { serverLog, settingsOrComplaint, stopRequested, storeOrComplaint } from './server-process.ts'

const RECONCILE_EVERY_MS = 300_000

/** `segue api`: the HTTP API and the relay, until SIGTERM. Stateless; run as many as needed. */
export async function runApi(io: CommandIo): Promise<ExitCode> {
  const settings = settingsOrComplaint(io)
  if (settings === undefined) return EXIT.usage
  const log = serverLog(settings.logLevel)
  const now = (): number => Date.now()
  const clock = { now, scale: 1 }
  const database = await openPostgres(settings.databaseUrl)
  if (!(await storeOrComplaint(database, io))) {
    await database.close()
    return EXIT.infrastructure
  }
  const foundation = layFoundation(settings, database, clock)
  const { connectionOptions, namespace } = temporalConnection(io.env)
  const connection = Connection.lazy(connectionOptions)
  const client = createClient(connection, namespace)
  const stopping = new AbortController()
  const relay = startRelay(
    {
      database,
      engine: createTemporalEngine({
        client,
        clock,
        origin: { virtual: 0, real: 0, scale: 1 },
        environment: settings.environment,
        zone: () => operatorZone(foundation),
      }),
      onFailure: (failure) => log.warn(failure, 'the engine was not told; it will be tried again'),
    },
    { intervalMs: 1_000, signal: stopping.signal },
  )
  const passing = keepPassingRepliesOn(
    {
      database,
      secrets: settings.webhookSecrets ?? [],
      onFailure: (error) => log.warn({ error }, 'replies could not be passed on; it will be tried again'),
    },
    { intervalMs: 1_000, signal: stopping.signal },
  )
  const api = composeApi(foundation, {
    onOutbox: relay.notify,
    log: { level: settings.logLevel, stream: { write: (line) => io.stdout(line) } },
  })
  const url = await api.listen({ host: settings.host, port: settings.port })
  log.info({ url }, 'the API listens')
  // A server that is still starting is no reason not to take events: they wait in the outbox.
  ensureSchedules(client, { reconcileEveryMs: RECONCILE_EVERY_MS }).catch((error: unknown) =>
    log.warn({ error: error instanceof Error ? error.name : 'unknown' }, 'the schedules could not be ensured yet'),
  )

  const signal = await stopRequested()
  log.info({ signal }, 'stopping')
  await api.close()
  stopping.abort()
  await Promise.all([relay.stopped, passing])
  await connection.close()
  await database.close()
  return EXIT.clean
}
