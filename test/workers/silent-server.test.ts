import { createServer, type Server } from 'node:net'
import { Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EngineUnavailable } from '../../src/engine/engine.ts'
import { createClient, createTemporalEngine } from '../../workers/engine.ts'
import { aJourney } from '../core/builders.ts'

let server: Server
let connection: Connection
beforeAll(async () => {
  server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  connection = Connection.lazy({ address: `127.0.0.1:${address.port}` })
})
afterAll(async () => {
  await connection.close()
  server.close()
})

it('a server that takes calls and never answers counts as unavailable, so that the relay goes on', async () => {
  const engine = createTemporalEngine({
    client: createClient(connection, 'default'),
    clock: { now: () => Date.now(), scale: 1 },
    origin: { virtual: 0, real: 0, scale: 1 },
    environment: 'test',
    zone: async () => 'UTC',
    callWithinMs: 500,
  })
  const start = { journey: aJourney(), version: 'v', enrollment: 'run-1', contact: 'contact-1', enteredAt: 0 }
  await expect(engine.start(start)).rejects.toBeInstanceOf(EngineUnavailable)
  await expect(engine.signal('cart-recovery', 'run-1', { kind: 'goal', at: 1 })).rejects.toBeInstanceOf(
    EngineUnavailable,
  )
})
