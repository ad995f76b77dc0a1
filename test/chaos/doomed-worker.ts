import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { setTimeout as sleep } from 'node:timers/promises'
import { composeDelivery, composeServiceDelivery, layFoundation } from '../../src/compose.ts'
import { CHANNELS } from '../../src/core/compiled-journey.ts'
import type { DeliverInput, DeliverResult, ServiceResult } from '../../src/core/delivery.ts'
import { sendId } from '../../src/core/send-id.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { guarded } from '../../workers/activities.ts'
import { channelTaskQueue } from '../../workers/protocol.ts'
import { DELIVERY_WORKER } from '../../workers/worker.ts'
import { errands, isDoomedAt, reach, tell } from './doom.ts'
import { clockOf, settingsOf } from './child-settings.ts'
import { watchCalls, watchedDatabase, watchedProvider } from './watched.ts'

/*
 * The production delivery on its production queues, as a process that can end at any place of the send path. Workflow tasks are left
 * to the production worker beside it, so that this one starts fast.
 */
Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }, shutdownSignals: [] })

const settings = settingsOf(process.env)
const database = watchedDatabase(await openPostgres(settings.databaseUrl), () => errands.getStore()?.scope)
const foundation = layFoundation(settings, database, clockOf(process.env))
const sandboxUrl = settings.twilio.apiBaseUrl ?? ''
const providers = new Map(
  [...foundation.providers].map(([name, provider]) => [name, watchedProvider(provider, sandboxUrl)]),
)
watchCalls()
const deliverNow = composeDelivery({ ...foundation, providers })
const serveNow = composeServiceDelivery({ ...foundation, providers })
const address = process.env['TEMPORAL_ADDRESS'] ?? ''
const COMPLETED = 'deliver/completion/after'

interface ActivityExecution {
  readonly workflowExecution?: { readonly workflowId: string; readonly runId: string }
  readonly activityId: string
}

function subjectOf(input: unknown): string {
  if (typeof input === 'string') return input
  const { enrollment, step, branch } = input as DeliverInput
  return sendId(enrollment, step, branch)
}

function deliver(input: DeliverInput): Promise<DeliverResult> {
  return errands.run({ scope: 'deliver', subject: subjectOf(input) }, async () => {
    const result = await deliverNow(input)
    reach('deliver/completion/before')
    return result
  })
}

/** Confirmations and answers come by the same queues, and so does death. */
function deliverServiceMessage(id: string): Promise<ServiceResult> {
  return errands.run({ scope: 'service', subject: id }, () => serveNow(id))
}

/** Resolves when the server has taken the answer of the activity. */
async function untilCompleted({ workflowExecution, activityId }: ActivityExecution): Promise<void> {
  if (workflowExecution === undefined) return
  const client = new Client({ connection: await Connection.connect({ address }) })
  const { workflowId, runId } = workflowExecution
  for (;;) {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe()
    if (!(raw.pendingActivities ?? []).some((pending) => pending.activityId === activityId)) return
    await sleep(5)
  }
}

const connection = await NativeConnection.connect({ address })
const workers = await Promise.all(
  CHANNELS.map((channel) =>
    Worker.create({
      connection,
      taskQueue: channelTaskQueue(channel),
      ...DELIVERY_WORKER,
      activities: guarded({ deliver, deliverServiceMessage }),
      interceptors: {
        activity: [
          ({ info }) => ({
            inbound: {
              async execute(input, next) {
                const result: unknown = await next(input)
                if (isDoomedAt(COMPLETED))
                  void untilCompleted(info).then(() => reach(COMPLETED, subjectOf(input.args[0])))
                return result
              },
            },
          }),
        ],
      },
    }),
  ),
)
tell({ kind: 'ready' })
await Promise.all(workers.map((worker) => worker.run()))
