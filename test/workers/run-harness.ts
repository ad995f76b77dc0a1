import { Connection } from '@temporalio/client'
import type { Client } from '@temporalio/client'
import { NativeConnection, Runtime } from '@temporalio/worker'
import type { Clock, ClockOrigin } from '../../src/core/clock.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { createClient, createTemporalEngine } from '../../workers/engine.ts'
import type { DeliverInput, DeliverResult, ServiceResult } from '../../src/core/delivery.ts'
import { startWorkers } from '../../workers/worker.ts'
import { startTestTemporal } from '../temporal.ts'

/** Virtual milliseconds per real one: an hour in a second. */
const SCALE = 3_600

export interface RunHarness {
  readonly client: Client
  readonly engine: Engine
  readonly clock: Clock
  /** What the workers were asked to deliver, in order. */
  readonly asked: DeliverInput[]
  /** Decides what `deliver` answers from now on. */
  answer(by: (input: DeliverInput) => DeliverResult | Promise<DeliverResult>): void
  /** The service messages that the workers were asked to hand over, in order. */
  readonly served: string[]
  /** Decides what becomes of a service message that is asked about for the n-th time. */
  serve(by: (id: string, asked: number) => ServiceResult): void
  stop(): Promise<void>
}

/** Real workers against a real server; only the delivery is played by the test. */
export async function startRunHarness(scale = SCALE): Promise<RunHarness> {
  Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } })
  const server = await startTestTemporal()
  const { address } = server
  const connection = await NativeConnection.connect({ address })
  const clientConnection = await Connection.connect({ address })
  const client = createClient(clientConnection, 'default')
  const real = Date.now()
  const origin: ClockOrigin = { virtual: real, real, scale }
  const clock: Clock = { scale, now: () => real + (Date.now() - real) * scale }
  const asked: DeliverInput[] = []
  let answer: (input: DeliverInput) => DeliverResult | Promise<DeliverResult> = () => {
    throw new Error('the test gave no answer')
  }
  const served: string[] = []
  let serve = (_id: string, _asked: number): ServiceResult => ({ kind: 'done', state: 'accepted', reason: null })
  const workers = await startWorkers({
    connection,
    client,
    namespace: 'default',
    activities: {
      deliver: async (input) => {
        asked.push(input)
        return await answer(input)
      },
      deliverServiceMessage: async (id) => {
        served.push(id)
        return serve(id, served.filter((other) => other === id).length)
      },
    },
    systemActivities: {
      reconcileSends: async () => ({ settled: 0, remaining: 0 }),
      auditConsents: async () => ({ weeks: 0, alarms: 0, expired: 0 }),
    },
  })
  return {
    client,
    engine: createTemporalEngine({ client, clock, origin, environment: 'test', zone: async () => 'America/New_York' }),
    clock,
    asked,
    answer(by) {
      answer = by
    },
    served,
    serve(by) {
      serve = by
    },
    async stop() {
      await workers.stop()
      await connection.close()
      await clientConnection.close()
      await server.stop()
    },
  }
}
