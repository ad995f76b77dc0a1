import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serviceWorkflowId } from '../../workers/protocol.ts'
import { startRunHarness, type RunHarness } from './run-harness.ts'

let harness: RunHarness
beforeAll(async () => {
  harness = await startRunHarness()
})
afterAll(async () => harness.stop())

it('a service message is one short workflow: asked again while it is held, started once for ever', async () => {
  const id = randomUUID()
  harness.serve((_id, asked) =>
    asked === 1
      ? { kind: 'held', at: harness.clock.now(), until: harness.clock.now() + 60_000, reason: 'paused' }
      : { kind: 'done', state: 'accepted', reason: null },
  )
  const message = { id, kind: 'help', channel: 'sms', contact: randomUUID() } as const
  await harness.engine.serve(message)
  const handle = harness.client.workflow.getHandle(serviceWorkflowId(id))
  expect(await handle.result()).toEqual({ kind: 'done', state: 'accepted', reason: null })
  await harness.engine.serve(message)
  expect(harness.served).toEqual([id, id])
  const description = await handle.describe()
  expect(description.status.name).toBe('COMPLETED')
  expect(await description.staticSummary()).toBe('help by sms')
})
