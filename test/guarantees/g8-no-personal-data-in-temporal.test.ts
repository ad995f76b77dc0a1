import { fileURLToPath } from 'node:url'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileFolder, deployCompiled } from '../../src/cli/deploy.ts'
import { makeDevSecrets } from '../../src/cli/dev/dev-secrets.ts'
import { freePort } from '../../src/cli/dev/ports.ts'
import { startStack, type Stack } from '../../src/cli/dev/stack.ts'
import type { TemporalServer } from '../../src/cli/dev/temporal-server.ts'
import { virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import type { Database } from '../../src/core/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { startTestTemporal } from '../temporal.ts'

const journeys = fileURLToPath(new URL('../../journeys/', import.meta.url))
const io = { stdout: () => {}, stderr: () => {}, cwd: journeys, env: {}, isTerminal: false }
/** Virtual: a Tuesday noon in New York. */
const NOON = Date.parse('2026-11-17T17:00:00Z')
const secrets = makeDevSecrets()

/** Everything about this person that must stay in the store. No part of it occurs anywhere else by chance. */
const PERSON = {
  userId: 'crm-7741-quagga',
  email: 'zebulon.quagga@example.com',
  phone: '+12125550177',
  first_name: 'Zebulon',
  url: 'https://shop.example.com/cart/quagga-cart',
  item: 'Quagga-striped blanket',
} as const

let temporal: TemporalServer
let database: Database
let stack: Stack

beforeAll(async () => {
  temporal = await startTestTemporal()
  database = await openPglite(undefined)
  await migrate(database)
  const origin: ClockOrigin = { virtual: NOON, real: Date.now(), scale: 2880 }
  const clock = { now: () => virtualNow(origin, Date.now()), scale: origin.scale, origin }
  const compilation = await compileFolder(journeys, io)
  if (compilation === undefined) throw new Error('the shipped journeys do not compile')
  await deployCompiled(database, journeys, compilation, clock.now())
  const ports = { apiPort: await freePort(), sandboxPort: await freePort() }
  stack = await startStack({ database, clock, temporal, secrets, environment: 'test', ...ports })
})
afterAll(async () => {
  await stack.stop()
  await database.close()
  await temporal.stop()
})

async function post(path: string, key: string, body: unknown): Promise<void> {
  const answer = await fetch(stack.apiUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok, `${path}: ${await answer.text()}`).toBe(true)
}

/** A history as text, with every payload decoded: the server keeps them as base64. */
function readable(json: string): string {
  return json.replaceAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g, (_match, data: string) =>
    Buffer.from(data, 'base64').toString('utf8'),
  )
}

describe('what Temporal keeps of a person (G8)', () => {
  it(
    'is opaque ids only: no address, name, id of the shop, trigger data or code is in a history, summary or attribute',
    { timeout: 120_000 },
    async () => {
      const { userId, email, phone, first_name, url, item } = PERSON
      await post('/v1/identify', secrets.writeKey, {
        userId,
        traits: { email, phone, first_name, timezone: 'America/New_York', state: 'NY' },
      })
      const proof = { wording: 'Remind me of my cart.', page: 'https://shop.example.com/checkout' }
      await post(
        '/v1/consents',
        secrets.serverKey,
        ['email', 'sms'].map((channel) => ({ userId, channel, purpose: 'cart-reminders', state: 'granted', proof })),
      )
      const cart = {
        id: 'quagga-cart',
        total: 80,
        currency: 'USD',
        url,
        items: [{ name: item, price: 80, quantity: 1 }],
      }
      await post('/v1/track', secrets.writeKey, { userId, event: 'cart.abandoned', properties: { cart } })

      // One that is told of its goal while a message is on its way, so that a signal is in the history, too.
      const decided = async (): Promise<number> => (await database.query('select id from send')).length
      await expect.poll(decided, { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
      await post('/v1/track', secrets.writeKey, {
        userId,
        event: 'order.placed',
        properties: { order_id: 'o-1', cart_id: cart.id, total: 80, currency: 'USD' },
      })
      const runs: string[] = []
      for await (const run of stack.client.workflow.list({ query: "WorkflowType = 'cart-recovery'" }))
        runs.push(run.workflowId)
      expect(runs).toHaveLength(1)
      const handle = stack.client.workflow.getHandle(runs[0] ?? '')
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'goal reached' })

      const description = await handle.describe()
      const kept = [
        readable(historyToJSON(await handle.fetchHistory())),
        JSON.stringify(await handle.query('state')),
        JSON.stringify(description.typedSearchAttributes.getAll().map(({ value }) => value)),
        String(await description.staticSummary()),
        String(await description.staticDetails()),
        runs.join(),
      ].join('\n')
      expect(kept, 'the scan sees decoded payloads').toContain('first-email')
      const codes = await database.query<{ code: string }>(
        'select code from offer_code where enrollment_id is not null',
      )
      const secretsOfThePerson = [...Object.values(PERSON), 'quagga', ...codes.map(({ code }) => code)]
      for (const secret of secretsOfThePerson) expect(kept.toLowerCase()).not.toContain(secret.toLowerCase())
    },
  )
})
