import { type Client, type Connection, ScheduleNotFoundError, ServiceError } from '@temporalio/client'
import type { EngineFacts, ScheduleFacts } from './engine.ts'

/** What is asked for by name. The names are the engine's own; they are passed in, because this folder does not see the workers. */
export interface EngineNames {
  readonly address: string
  readonly namespace: string
  readonly deployment: string
  readonly workflowQueues: readonly string[]
  readonly activityQueues: readonly string[]
  readonly schedules: readonly string[]
}

const WITHIN_MS = 10_000
const DAY_MS = 86_400_000
/** temporal.api.enums.v1.IndexedValueType. */
const VALUE_TYPES = ['UNSPECIFIED', 'TEXT', 'KEYWORD', 'INT', 'DOUBLE', 'BOOL', 'DATETIME', 'KEYWORD_LIST']
/** temporal.api.enums.v1.TaskQueueType. */
const WORKFLOW_QUEUE = 1
const ACTIVITY_QUEUE = 2

/** Asks a Temporal server for everything that the doctor wants to know of it. Reads only; never throws for what the server does. */
export async function gatherEngine(
  connect: () => Promise<Connection>,
  names: EngineNames,
  toClient: (connection: Connection) => Client,
  now: number,
): Promise<EngineFacts> {
  let connection: Connection
  try {
    connection = await connect()
  } catch (error) {
    return { kind: 'unreachable', address: names.address, code: codeOf(error) }
  }
  try {
    return await connection.withDeadline(Date.now() + WITHIN_MS, () =>
      ask(toClient(connection), connection, names, now),
    )
  } catch (error) {
    return { kind: 'unreachable', address: names.address, code: codeOf(error) }
  } finally {
    await connection.close()
  }
}

async function ask(client: Client, connection: Connection, names: EngineNames, now: number): Promise<EngineFacts> {
  const { namespace } = names
  const { workflowService, operatorService } = connection
  const info = await workflowService.getSystemInfo({})
  await workflowService.describeNamespace({ namespace })
  const attributes = await operatorService.listSearchAttributes({ namespace })
  const pollersOf = async (name: string, taskQueueType: number): Promise<{ name: string; pollers: number }> => {
    const queue = await workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType })
    return { name, pollers: queue.pollers?.length ?? 0 }
  }
  const currentBuild = await currentBuildOf(connection, namespace, names.deployment)
  return {
    kind: 'reached',
    address: names.address,
    namespace,
    serverVersion: info.serverVersion ?? 'of an unknown version',
    searchAttributes: Object.fromEntries(
      Object.entries(attributes.customAttributes ?? {}).map(([name, type]) => [
        name,
        VALUE_TYPES[type] ?? 'UNSPECIFIED',
      ]),
    ),
    ...(currentBuild === undefined ? {} : { currentBuild }),
    queues: await Promise.all([
      ...names.workflowQueues.map((name) => pollersOf(name, WORKFLOW_QUEUE)),
      ...names.activityQueues.map((name) => pollersOf(name, ACTIVITY_QUEUE)),
    ]),
    schedules: await Promise.all(names.schedules.map((id) => scheduleOf(client, id))),
    now,
  }
}

const NOT_FOUND = 5

async function currentBuildOf(
  connection: Connection,
  namespace: string,
  deployment: string,
): Promise<string | undefined> {
  try {
    const answer = await connection.workflowService.describeWorkerDeployment({ namespace, deploymentName: deployment })
    return answer.workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function scheduleOf(client: Client, id: string): Promise<ScheduleFacts> {
  try {
    const { state, info, spec } = await client.schedule.getHandle(id).describe()
    const lastRunAt = info.recentActions.at(-1)?.takenAt.getTime()
    const nextRunAt = info.nextActionTimes[0]?.getTime()
    const everyMs = spec.intervals?.[0]?.every ?? 7 * DAY_MS
    return {
      id,
      found: {
        paused: state.paused,
        createdAt: info.createdAt.getTime(),
        everyMs,
        ...(lastRunAt === undefined ? {} : { lastRunAt }),
        ...(nextRunAt === undefined ? {} : { nextRunAt }),
      },
    }
  } catch (error) {
    if (error instanceof ScheduleNotFoundError || isNotFound(error)) return { id }
    throw error
  }
}

function isNotFound(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === NOT_FOUND
}

/** A code or a name, never a message: those of gRPC quote addresses and headers. */
function codeOf(error: unknown): string {
  const cause = error instanceof ServiceError ? error.cause : error
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return `gRPC ${String(cause.code)}`
  return error instanceof Error ? error.name : 'unknown'
}
