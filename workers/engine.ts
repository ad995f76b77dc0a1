import {
  Client,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type ConnectionLike,
} from '@temporalio/client'
import { defineSearchAttributeKey } from '@temporalio/common'
import { realDuration, type Clock, type ClockOrigin } from '../src/core/clock.ts'
import type { Event } from '../src/core/enrollment.ts'
import { enroll } from '../src/core/transition.ts'
import { EngineUnavailable, type Engine, type RunStart, type ServiceStart } from '../src/engine/engine.ts'
import {
  JOURNEY_TASK_QUEUE,
  SEARCH_ATTRIBUTES,
  SYSTEM_TASK_QUEUE,
  serviceWorkflowId,
  workflowId,
  type JourneyInput,
  type ServiceInput,
} from './protocol.ts'
import { describeSteps, describeWait } from './workflows/description.ts'

/** Well under the relay's lease. Without an end, a server that is silent would hold the relay, and everybody behind it, for ever. */
const CALL_WITHIN_MS = 20_000

const [VERSION, CONTACT, ENVIRONMENT] = SEARCH_ATTRIBUTES
const versionKey = defineSearchAttributeKey(VERSION, 'KEYWORD')
const contactKey = defineSearchAttributeKey(CONTACT, 'KEYWORD')
const environmentKey = defineSearchAttributeKey(ENVIRONMENT, 'KEYWORD')

export interface TemporalEngineOptions {
  readonly client: Client
  readonly clock: Clock
  readonly origin: ClockOrigin
  readonly environment: string
  /** IANA zone in which operators read instants. */
  readonly zone: () => Promise<string>
  /** Real milliseconds after which a call without an answer counts as {@link EngineUnavailable}. Default 20,000. */
  readonly callWithinMs?: number
}

/** Starts and signals runs on a Temporal server. Repeating either is harmless, so the relay may say everything twice. */
export function createTemporalEngine(options: TemporalEngineOptions): Engine {
  const { client, callWithinMs = CALL_WITHIN_MS } = options
  const inTime = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + callWithinMs, call)
  return {
    async start(run: RunStart): Promise<void> {
      const input: JourneyInput = {
        journey: run.journey,
        version: run.version,
        enrollment: run.enrollment,
        enteredAt: run.enteredAt,
        clock: options.origin,
        zone: await options.zone(),
      }
      const { state, effect } = enroll(run.journey, run.enrollment, run.enteredAt)
      const delayMs = effect.kind === 'wait' ? effect.until - options.clock.now() : 0
      const start = () =>
        client.workflow.start(run.journey.id, {
          taskQueue: JOURNEY_TASK_QUEUE,
          workflowId: workflowId(run.journey.id, run.enrollment),
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [input],
          // The first wait is the start's delay: it needs no task, no memory and no events, and ends by itself.
          ...(delayMs > 0 ? { startDelay: realDuration(delayMs, options.clock.scale) } : {}),
          staticSummary: `${run.journey.id} ${run.version.slice(0, 7)}${effect.kind === 'wait' ? `: ${describeWait(input, effect)}` : ''}`,
          staticDetails: `${run.journey.description ?? run.journey.id}\n\n**At entry**\n\n${describeSteps(input, state)}`,
          typedSearchAttributes: [
            { key: versionKey, value: run.version.slice(0, 12) },
            { key: contactKey, value: run.contact },
            { key: environmentKey, value: options.environment },
          ],
        })
      await ignoring(WorkflowExecutionAlreadyStartedError, () => inTime(start))
    },

    async signal(journey: string, enrollment: string, event: Event): Promise<void> {
      await ignoring(WorkflowNotFoundError, () =>
        inTime(() => client.workflow.getHandle(workflowId(journey, enrollment)).signal(event.kind, event)),
      )
    },

    async serve({ id, kind, channel, contact }: ServiceStart): Promise<void> {
      const input: ServiceInput = { id, channel, scale: options.clock.scale }
      const start = () =>
        client.workflow.start('serviceMessage', {
          taskQueue: SYSTEM_TASK_QUEUE,
          workflowId: serviceWorkflowId(id),
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [input],
          staticSummary: `${kind.replaceAll('_', ' ')} by ${channel}`,
          typedSearchAttributes: [
            ...(contact === null ? [] : [{ key: contactKey, value: contact }]),
            { key: environmentKey, value: options.environment },
          ],
        })
      await ignoring(WorkflowExecutionAlreadyStartedError, () => inTime(start))
    },
  }
}

/** The client over a connection, with the namespace that the environment names. */
export function createClient(connection: ConnectionLike, namespace: string): Client {
  return new Client({ connection, namespace })
}

// gRPC status codes that say "not now": https://grpc.io/docs/guides/status-codes/
const UNAVAILABLE = new Set([4, 8, 14])

async function ignoring(expected: new (...parts: never[]) => Error, call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (error instanceof expected) return
    if (isUnavailable(error)) throw new EngineUnavailable('the Temporal server cannot be reached', { cause: error })
    throw error
  }
}

function isUnavailable(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'code' in cause &&
    typeof cause.code === 'number' &&
    UNAVAILABLE.has(cause.code)
  )
}
