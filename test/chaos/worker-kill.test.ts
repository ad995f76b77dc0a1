import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileFolder, deployCompiled } from '../../src/cli/deploy.ts'
import { makeDevSecrets } from '../../src/cli/dev/dev-secrets.ts'
import { freePort } from '../../src/cli/dev/ports.ts'
import { startSurroundings, type Surroundings } from '../../src/cli/dev/stack.ts'
import type { TemporalServer } from '../../src/cli/dev/temporal-server.ts'
import { virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import type { Database } from '../../src/core/database.ts'
import { composeReconcile } from '../../src/compose.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { startTestTemporal } from '../temporal.ts'

/** A workspace of one message, due at once: the more sends are under way at a kill, the more a kill can break. */
const folder = fileURLToPath(new URL('./workspace/', import.meta.url))
const io = { stdout: () => {}, stderr: () => {}, cwd: folder, env: {}, isTerminal: false }
const PEOPLE = 60
const KILLS = 4
/** Virtual: a Tuesday noon in New York, inside every window. One real second is a virtual minute. */
const NOON = Date.parse('2026-11-17T17:00:00Z')

let postgres: TestPostgres
let temporal: TemporalServer
let database: Database
let surroundings: Surroundings
let url: string
let origin: ClockOrigin
const secrets = makeDevSecrets()

beforeAll(async () => {
  postgres = await startPostgres()
  temporal = await startTestTemporal()
  url = await postgres.url()
  database = await openPostgres(url)
  origin = { virtual: NOON, real: Date.now(), scale: 60 }
  const clock = { now: () => virtualNow(origin, Date.now()), scale: origin.scale, origin }
  const compilation = await compileFolder(folder, io)
  if (compilation === undefined) throw new Error('the workspace of this test does not compile')
  await deployCompiled(database, folder, compilation, clock.now())
  const ports = { apiPort: await freePort(), sandboxPort: await freePort() }
  surroundings = await startSurroundings({ database, clock, temporal, secrets, environment: 'test', ...ports })
})
afterAll(async () => {
  await surroundings.stop()
  await database.close()
  await temporal.stop()
  await postgres.stop()
})

describe('a worker that is killed in the middle of sends', () => {
  it('loses nobody and sends nothing twice', { timeout: 300_000 }, async () => {
    await rule({ channel: 'email', latencyMs: 150 })
    await enter('killed', PEOPLE)
    for (let kill = 1; kill <= KILLS; kill++) {
      const handedOver = surroundings.sandbox.log().length
      const worker = await startWorker()
      await expect
        .poll(() => surroundings.sandbox.log().length, { timeout: 60_000, interval: 20 })
        .toBeGreaterThan(handedOver)
      await killed(worker)
    }
    const worker = await startWorker()
    await expect.poll(openRuns, { timeout: 200_000, interval: 500 }).toBe(0)
    worker.kill('SIGTERM')
    await once(worker, 'exit')

    const log = surroundings.sandbox.log()
    const keys = log.map(({ sendKey }) => sendKey)
    expect(new Set(keys).size, 'every hand-off is of another send').toBe(keys.length)
    const sends = await database.query<{ id: string; state: string }>('select id, state from send')
    expect(sends, 'every person has one send').toHaveLength(PEOPLE)

    // What was under way at a kill is unknown until it is looked up; it is never called again.
    await composeReconcile(surroundings.foundation)()
    const accepted = new Set(keys)
    for (const { id, state } of await database.query<{ id: string; state: string }>('select id, state from send')) {
      expect(
        accepted.has(id) ? ['accepted', 'delivered'] : ['unknown'],
        `${id} in the log: ${accepted.has(id)}`,
      ).toContain(state)
    }
  })
})

describe('a worker that is asked to stop in the middle of sends', () => {
  it('lets what has begun finish: no outcome is unknown', { timeout: 120_000 }, async () => {
    await rule({ channel: 'email', latencyMs: 1_500 })
    await enter('drained', 20)
    const before = surroundings.sandbox.log().length
    const worker = await startWorker()
    await expect
      .poll(() => surroundings.sandbox.log().length, { timeout: 60_000, interval: 20 })
      .toBeGreaterThan(before)
    const exited = once(worker, 'exit')
    worker.kill('SIGTERM')
    expect((await exited)[0]).toBe(0)
    const begun = surroundings.sandbox
      .log()
      .slice(before)
      .map(({ sendKey }) => sendKey)
    const states = await database.query<{ state: string }>('select state from send where id::text = any($1::text[])', [
      begun,
    ])
    expect(states.length).toBe(begun.length)
    for (const { state } of states) expect(['accepted', 'delivered']).toContain(state)
    expect(await database.query("select id from send where state = 'attempting'")).toEqual([])
  })
})

async function enter(group: string, people: number): Promise<void> {
  const userIds = Array.from({ length: people }, (_, index) => `${group}-${index}`)
  const at = new Date(NOON).toISOString()
  await post('/v1/batch', secrets.writeKey, {
    batch: userIds.map((userId, index) => ({
      type: 'identify',
      messageId: `identify-${userId}`,
      userId,
      traits: { email: `${userId}@example.com`, timezone: 'America/New_York', state: 'NY', first_name: `No ${index}` },
      timestamp: at,
    })),
  })
  await post(
    '/v1/consents',
    secrets.serverKey,
    userIds.map((userId) => ({
      userId,
      channel: 'email',
      purpose: 'news',
      state: 'granted',
      at,
      proof: { wording: 'Send me news.', page: 'https://shop.example.com/news' },
    })),
  )
  await post('/v1/batch', secrets.writeKey, {
    batch: userIds.map((userId) => ({
      type: 'track',
      messageId: `joined-${userId}`,
      userId,
      event: 'news.joined',
      properties: {},
      timestamp: new Date(surroundings.foundation.clock.now()).toISOString(),
    })),
  })
}

async function post(path: string, key: string, body: unknown): Promise<void> {
  const answer = await fetch(surroundings.apiUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok, `${path}: ${await answer.text()}`).toBe(true)
}

async function rule(body: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await fetch(`${surroundings.sandbox.url}/sandbox/rules`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.ok, await answer.text()).toBe(true)
}

async function openRuns(): Promise<number> {
  const [row] = await database.query<{ open: number }>(
    "select (select count(*) from enrollment where state = 'active') + (select count(*) from outbox where done_at is null) as open",
  )
  return row?.open ?? 0
}

async function startWorker(): Promise<ChildProcess> {
  const { settings } = surroundings.foundation
  const worker = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('./worker-process.ts', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        TEST_CLOCK: JSON.stringify(origin),
        SEGUE_ENVIRONMENT: 'test',
        SEGUE_DATABASE_URL: url,
        SEGUE_PUBLIC_URL: surroundings.apiUrl,
        SEGUE_WRITE_KEYS: secrets.writeKey,
        SEGUE_SERVER_KEYS: secrets.serverKey,
        SEGUE_ADDRESS_KEYS: `1:${secrets.addressKey}`,
        SEGUE_LINK_SECRETS: secrets.linkSecret,
        TWILIO_ACCOUNT_SID: secrets.twilioAccountSid,
        TWILIO_AUTH_TOKENS: secrets.twilioAuthToken,
        TWILIO_API_URL: settings.twilio.apiBaseUrl ?? '',
        SENDGRID_API_KEY: secrets.sendgridApiKey,
        SENDGRID_WEBHOOK_PUBLIC_KEYS: settings.sendgrid.webhookPublicKeys.join(','),
        SENDGRID_API_URL: settings.sendgrid.apiBaseUrl ?? '',
        TEMPORAL_ADDRESS: temporal.address,
      },
    },
  )
  let said = ''
  worker.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  await expect.poll(() => said.includes('the workers run') || worker.exitCode !== null, { timeout: 60_000 }).toBe(true)
  expect(worker.exitCode, said).toBeNull()
  return worker
}

async function killed(worker: ChildProcess): Promise<void> {
  const exited = once(worker, 'exit')
  // A moment into the sends, so that some are between claim, call and outcome.
  await sleep(120)
  worker.kill('SIGKILL')
  await exited
}
