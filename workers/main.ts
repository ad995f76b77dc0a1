import { rmSync, writeFileSync } from 'node:fs'
import { Connection } from '@temporalio/client'
import { NativeConnection, Runtime } from '@temporalio/worker'
import { EXIT, type CommandIo, type ExitCode } from '../src/cli/command-io.ts'
import { serverLog, settingsOrComplaint, stopRequested, storeOrComplaint } from '../src/cli/server-process.ts'
import {
  composeConsentAudit,
  composeDelivery,
  composeReconcile,
  composeServiceDelivery,
  layFoundation,
} from '../src/compose.ts'
import type { Clock } from '../src/core/clock.ts'
import { openPostgres } from '../src/store/postgres.ts'
import { temporalConnection } from './connection.ts'
import { createClient } from './engine.ts'
import { startWorkers } from './worker.ts'

/** Exists while this process takes work: what a container's health check looks for. */
const READY_FILE = '/tmp/segue-worker-ready'

const REAL_CLOCK: Clock = { now: () => Date.now(), scale: 1 }

/** `segue worker`: takes journeys' tasks and hands messages over, until SIGTERM; then lets what has begun finish. */
export async function runWorker(io: CommandIo, clock: Clock = REAL_CLOCK): Promise<ExitCode> {
  const settings = settingsOrComplaint(io)
  if (settings === undefined) return EXIT.usage
  const database = await openPostgres(settings.databaseUrl)
  if (!(await storeOrComplaint(database, io))) {
    await database.close()
    return EXIT.infrastructure
  }
  const log = serverLog(settings.logLevel)
  Runtime.install({
    logger: {
      log: (level, message) => log.info({ level }, message),
      trace: (message) => log.trace(message),
      debug: (message) => log.debug(message),
      info: (message) => log.info(message),
      warn: (message) => log.warn(message),
      error: (message) => log.error(message),
    },
    // Signals are ours: the workers are stopped in order, below.
    shutdownSignals: [],
  })
  const foundation = layFoundation(settings, database, clock)
  const { connectionOptions, namespace } = temporalConnection(io.env)
  const native = await NativeConnection.connect(connectionOptions)
  const connection = await Connection.connect(connectionOptions)
  const workers = await startWorkers({
    connection: native,
    client: createClient(connection, namespace),
    namespace,
    activities: { deliver: composeDelivery(foundation), deliverServiceMessage: composeServiceDelivery(foundation) },
    systemActivities: {
      reconcileSends: composeReconcile(foundation),
      auditConsents: composeConsentAudit(foundation),
    },
  })
  writeFileSync(READY_FILE, String(process.pid))
  log.info('the workers run')

  await Promise.race([stopRequested(), workers.done])
  rmSync(READY_FILE, { force: true })
  log.info('draining')
  await workers.stop()
  await native.close()
  await connection.close()
  await database.close()
  return EXIT.clean
}
