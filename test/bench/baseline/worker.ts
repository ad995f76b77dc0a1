import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { temporalConnection } from '../../../workers/connection.ts'
import { DELIVERY_WORKER, JOURNEY_WORKER } from '../../../workers/worker.ts'
import { bareActivities } from './activities.ts'
import { BARE_EMAIL_QUEUE, BARE_JOURNEY_QUEUE, BARE_SMS_QUEUE } from './protocol.ts'

/** The hand-written workflow's worker: a process of the same layout and with the same options as Segue's. */
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
Runtime.install({ logger: quiet, shutdownSignals: [] })
const { connectionOptions, namespace } = temporalConnection(process.env)
const connection = await NativeConnection.connect(connectionOptions)
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
  logger: quiet,
})
const shared = { connection, namespace }
const workers = await Promise.all([
  Worker.create({ ...shared, ...JOURNEY_WORKER, taskQueue: BARE_JOURNEY_QUEUE, workflowBundle: { code } }),
  ...[BARE_EMAIL_QUEUE, BARE_SMS_QUEUE].map((taskQueue) =>
    Worker.create({ ...shared, ...DELIVERY_WORKER, taskQueue, activities: { ...bareActivities } }),
  ),
])
const done = Promise.all(workers.map((worker) => worker.run()))
process.stdout.write('the workers run\n')
await Promise.race([once(process, 'SIGTERM'), done])
for (const worker of workers) worker.shutdown()
await done
await connection.close()
