import { fileURLToPath } from 'node:url'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { compileFolder, deployCompiled } from '../../src/cli/deploy.ts'
import { makeDevSecrets } from '../../src/cli/dev/dev-secrets.ts'
import { freePort } from '../../src/cli/dev/ports.ts'
import { startStack, type Stack } from '../../src/cli/dev/stack.ts'
import type { TemporalServer } from '../../src/cli/dev/temporal-server.ts'
import { composeApi, composeReconcile } from '../../src/compose.ts'
import { virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import type { Database } from '../../src/core/database.ts'
import { suppress, suppressionsOf } from '../../src/consent/suppression.ts'
import { erasePerson } from '../../src/rights/erase.ts'
import { findPeople } from '../../src/rights/person.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { everyRow } from '../rights/person.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { startTestTemporal } from '../temporal.ts'

const journeys = fileURLToPath(new URL('../../journeys/', import.meta.url))
const io = { stdout: () => {}, stderr: () => {}, cwd: journeys, env: {}, isTerminal: false }
/** Virtual: a Tuesday noon in New York. */
const NOON = Date.parse('2026-11-17T17:00:00Z')
const secrets = makeDevSecrets()

/** No part of it occurs anywhere else by chance. */
const PERSON = {
  userId: 'crm-7741-quagga',
  email: 'zebulon.quagga@example.com',
  phone: '+12125550177',
  first_name: 'Zebulon',
  url: 'https://shop.example.com/cart/quagga-cart',
} as const
const TRACES = ['quagga', 'zebulon', '2125550177']

let temporal: TemporalServer
let postgres: TestPostgres
let database: Database
let stack: Stack
let api: FastifyInstance
const logged: string[] = []

beforeAll(async () => {
  temporal = await startTestTemporal()
  postgres = await startPostgres()
  database = await openPostgres(await postgres.url())
  const origin: ClockOrigin = { virtual: NOON, real: Date.now(), scale: 600 }
  const clock = { now: () => virtualNow(origin, Date.now()), scale: origin.scale, origin }
  const compilation = await compileFolder(journeys, io)
  if (compilation === undefined) throw new Error('the shipped journeys do not compile')
  await deployCompiled(database, journeys, compilation, clock.now())
  const ports = { apiPort: await freePort(), sandboxPort: await freePort() }
  stack = await startStack({ database, clock, temporal, secrets, environment: 'test', ...ports })
  // The same parts behind a second door that writes its log where the test can read it.
  api = composeApi(stack.foundation, {
    onOutbox: () => {},
    log: { level: 'trace', stream: { write: (line: string) => void logged.push(line) } },
  })
  await api.ready()
})
afterAll(async () => {
  await api.close()
  await stack.stop()
  await database.close()
  await postgres.stop()
  await temporal.stop()
})

async function post(url: string, key: string, body: object): Promise<number> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return (await api.inject({ method: 'POST', url, headers, payload: body })).statusCode
}

/** A history as text, with every payload decoded: the server keeps them as base64. */
function readable(json: string): string {
  return json.replaceAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g, (_match, data: string) =>
    Buffer.from(data, 'base64').toString('utf8'),
  )
}

/** Everything that Temporal keeps: histories, and what its list shows. */
async function everyHistory(): Promise<string> {
  const kept: string[] = []
  for await (const run of stack.client.workflow.list()) {
    const handle = stack.client.workflow.getHandle(run.workflowId, run.runId)
    const description = await handle.describe()
    kept.push(
      run.workflowId,
      readable(historyToJSON(await handle.fetchHistory())),
      JSON.stringify(description.typedSearchAttributes.getAll().map(({ value }) => value)),
      JSON.stringify(run.memo ?? {}),
      String(await description.staticSummary()),
      String(await description.staticDetails()),
    )
  }
  return kept.join('\n')
}

function traces(text: string): readonly string[] {
  return TRACES.filter((trace) => text.toLowerCase().includes(trace))
}

describe('what is left of an erased person', () => {
  it(
    'is nothing in any table, log line or Temporal history, after a journey with real parts; the block of the address stays',
    { timeout: 480_000 },
    async () => {
      const { userId, email, phone, first_name, url } = PERSON
      const traits = { email, phone, firstName: first_name, timezone: 'America/New_York', state: 'NY' }
      expect(await post('/v1/identify', secrets.writeKey, { userId, traits })).toBe(200)
      const proof = { wording: 'Remind me, Zebulon, of my cart.', page: url }
      const said = ['email', 'sms'].map((channel) => ({
        userId,
        channel,
        purpose: 'cart-reminders',
        state: 'granted',
        proof,
      }))
      expect(await post('/v1/consents', secrets.serverKey, said)).toBe(200)
      const cart = {
        id: 'quagga-cart',
        total: 80,
        currency: 'USD',
        url,
        items: [{ name: 'Quagga-striped blanket', price: 80, quantity: 1 }],
      }
      const track = { userId, event: 'cart.abandoned', messageId: `cart-of-${email}`, properties: { cart } }
      expect(await post('/v1/track', secrets.writeKey, track)).toBe(200)
      // Something that is rejected, and kept as it came.
      await post('/v1/track', secrets.writeKey, { userId, event: 'no.such.event', properties: { email } })

      const delivered = () =>
        database.query<{ channel: string }>(
          `select channel from send where state = 'delivered' and provider_id is not null`,
        )
      await expect.poll(async () => (await delivered()).length, { timeout: 150_000 }).toBeGreaterThanOrEqual(1)
      // The person answers by text, in their own words.
      const [live] = await database.query<{ to: string }>(
        `select s.value ->> 'number' as "to" from workspace w, jsonb_each(w.compiled -> 'senders') s where s.value ->> 'channel' = 'sms'`,
      )
      await fetch(`${stack.sandbox.url}/sandbox/reply`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          from: phone,
          to: live?.to,
          body: 'Thanks! Zebulon Quagga',
        }),
      })
      await expect
        .poll(async () => (await database.query('select id from inbound_message')).length, { timeout: 60_000 })
        .toBeGreaterThanOrEqual(1)

      const { settings, providers, clock } = stack.foundation
      const block = {
        keys: settings.addressKeys,
        channel: 'email',
        address: email,
        reason: 'manual',
        source: 'operator',
      } as const
      await database.transaction((statements) => suppress(statements, { ...block, at: clock.now() }))
      const before = (await everyRow(database)).filter(({ text }) => traces(text).length > 0)
      expect(new Set(before.map(({ table }) => table)).size, 'the scan sees the person before').toBeGreaterThanOrEqual(
        6,
      )

      const [id] = await findPeople(database, { kind: 'external', value: userId })
      const deps = { database, keys: settings.addressKeys, erases: (name: string) => providers.get(name)?.erases }
      const erased = await erasePerson(deps, {
        id: id ?? '',
        actor: 'operator test',
        at: clock.now(),
        realNow: Date.now(),
      })
      expect(erased).toMatchObject({ contact: id })
      // A worker's regular look asks the carriers until they have answered.
      const open = async (): Promise<number> => {
        await composeReconcile(stack.foundation)()
        return (await database.query(`select id from erasure_task where state = 'open'`)).length
      }
      await expect.poll(open, { timeout: 120_000, interval: 500 }).toBe(0)

      const after = (await everyRow(database)).filter(({ text }) => traces(text).length > 0)
      expect(after).toEqual([])
      expect(logged.length).toBeGreaterThan(4)
      expect(traces(logged.join('\n'))).toEqual([])

      // The carriers were asked: the mailer forgot the address, and the texts are gone.
      expect(stack.sandbox.erasedRecipients()).toContain(email)
      // What was forwarded to the shop's own help desk is the shop's, and is not asked back.
      const kept = stack.sandbox.log().filter(({ to, body }) => to === email && body !== '')
      expect(kept).toEqual([])
      expect(stack.sandbox.log().every(({ sms }) => sms === null || sms.deleted)).toBe(true)

      // The run ends by the signal that the erasure wrote; then no history holds anything either.
      const running = async (): Promise<number> => {
        let count = 0
        for await (const _ of stack.client.workflow.list({
          query: "WorkflowType = 'cart-recovery' and ExecutionStatus = 'Running'",
        }))
          count++
        return count
      }
      await expect.poll(running, { timeout: 120_000, interval: 500 }).toBe(0)
      const histories = await everyHistory()
      expect(histories, 'the scan sees decoded payloads').toContain('first-email')
      expect(traces(histories)).toEqual([])

      // The "no" binds whoever comes back, who is somebody new.
      expect(await suppressionsOf(database, settings.addressKeys, 'email', email)).toEqual(['manual'])
      expect(await post('/v1/identify', secrets.writeKey, { userId, traits: { email } })).toBe(200)
      const [back] = await findPeople(database, { kind: 'external', value: userId })
      expect(back).not.toBe(id)
    },
  )
})
