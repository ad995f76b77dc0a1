import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker'
import { CHANNELS } from '../src/core/compiled-journey.ts'
import { guarded } from './activities.ts'
import { loadBundle } from './bundle.ts'
import {
  DEPLOYMENT_NAME,
  JOURNEY_TASK_QUEUE,
  SYSTEM_TASK_QUEUE,
  channelTaskQueue,
  type Activities,
  type ServiceActivities,
  type SystemActivities,
} from './protocol.ts'

export interface SegueWorkersOptions {
  readonly connection: NativeConnection
  readonly client: Client
  readonly namespace: string
  /** What every channel's queue takes. */
  readonly activities: Activities & ServiceActivities
  readonly systemActivities: SystemActivities
}

export interface SegueWorkers {
  /** Settles when every worker has stopped; rejects when one fails. */
  readonly done: Promise<void>
  /** Takes no more work, lets what has begun finish, then resolves. */
  stop(): Promise<void>
}

/** How the workers of a process are dimensioned; the benchmark's hand-written baseline runs with the same. */
export const JOURNEY_WORKER = {
  // Sleeping runs need no cache (a replay costs about 13 ms), and the cache is counted, not measured: keep it small.
  maxCachedWorkflows: 2_000,
} as const satisfies Partial<WorkerOptions>
/** Hand-offs under way at once, per channel and process. */
export const DELIVERY_WORKER = { maxConcurrentActivityTaskExecutions: 50 } as const satisfies Partial<WorkerOptions>

// Longer than a hand-off's deadline, so that a deploy never cuts a provider call that has begun.
const SHUTDOWN_GRACE = '35s'

/** Journeys, one queue per channel, and Segue's scheduled work: all workers of one process. */
export async function startWorkers(options: SegueWorkersOptions): Promise<SegueWorkers> {
  const [journeys, system] = await Promise.all([loadBundle('journey'), loadBundle('system')])
  const shared = { connection: options.connection, namespace: options.namespace, shutdownGraceTime: SHUTDOWN_GRACE }
  const create = (worker: Omit<WorkerOptions, 'connection' | 'namespace'>): Promise<Worker> =>
    Worker.create({ ...shared, ...worker })
  const workers = await Promise.all([
    create({
      taskQueue: JOURNEY_TASK_QUEUE,
      ...JOURNEY_WORKER,
      workflowBundle: { code: journeys.code },
      workerDeploymentOptions: {
        useWorkerVersioning: true,
        version: { deploymentName: DEPLOYMENT_NAME, buildId: journeys.buildId },
        defaultVersioningBehavior: 'AUTO_UPGRADE',
      },
    }),
    ...CHANNELS.map((channel) =>
      create({
        taskQueue: channelTaskQueue(channel),
        ...DELIVERY_WORKER,
        activities: guarded(options.activities),
      }),
    ),
    create({
      taskQueue: SYSTEM_TASK_QUEUE,
      workflowBundle: { code: system.code },
      activities: guarded(options.systemActivities),
      maxCachedWorkflows: 10,
    }),
  ])
  const done = Promise.all(workers.map((worker) => worker.run())).then(() => undefined)
  const stop = async (): Promise<void> => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown()
    await done
  }
  // One worker that fails takes the others down in order: half a process would look alive and not work.
  done.catch(() => stop().catch(() => undefined))
  await makeCurrent(options.client, options.namespace, journeys.buildId)
  return { done, stop }
}

/**
 * Makes this build the one that takes journeys' tasks. Runs under way move to it too (AUTO_UPGRADE), which is safe because CI
 * replays every recorded history on it. The version exists for the server only after the worker's first poll.
 */
async function makeCurrent(client: Client, namespace: string, buildId: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName: DEPLOYMENT_NAME,
        buildId,
        identity: 'segue-worker',
      })
      return
    } catch (error) {
      if (attempt >= 50) throw error
      await sleep(200)
    }
  }
}
