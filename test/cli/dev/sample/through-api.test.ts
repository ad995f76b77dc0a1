import { generateKeyPairSync } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everyEventArrived, exactlyTheRightOnesEntered } from '../../../../src/cli/dev/sample/expectations/arrival.ts'
import { readEvidence } from '../../../../src/cli/dev/sample/expectations/evidence.ts'
import { readSample } from '../../../../src/cli/dev/sample/sample.ts'
import { streamSample } from '../../../../src/cli/dev/sample/stream.ts'
import { compileWorkspace } from '../../../../src/compiler/compile.ts'
import { readWorkspaceFiles } from '../../../../src/compiler/workspace-files.ts'
import { type Clock, virtualNow } from '../../../../src/core/clock.ts'
import type { Database } from '../../../../src/core/database.ts'
import { createApi } from '../../../../src/http/api.ts'
import { createDeployedJourneys } from '../../../../src/ingestion/deployed-journeys.ts'
import { createSandbox } from '../../../../src/providers/sandbox/sandbox.ts'
import { deploy } from '../../../../src/rollout/deploy.ts'
import { migrate } from '../../../../src/store/migrate.ts'
import { openPglite } from '../../../../src/store/pglite.ts'

const workspaceFolder = join(import.meta.dirname, '../../../../journeys')
const sample = readSample(join(workspaceFolder, 'sample'))
/** The two days of the sample in seconds. Nothing below depends on how fast they pass. */
const origin = { virtual: sample.startsAt, real: performance.now(), scale: 40_000 }
const clock: Clock = { scale: origin.scale, now: () => virtualNow(origin, performance.now()) }

let database: Database
let apiUrl: string
let sandboxUrl: string
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await openPglite(undefined)
  await migrate(database)
  const { workspace, journeys, contents, diagnostics } = await compileWorkspace(
    await readWorkspaceFiles(workspaceFolder),
  )
  if (workspace === undefined) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join('\n'))
  const release = { workspace, journeys, contents: Object.fromEntries(contents), commit: 'c', author: 'a', now: 0 }
  await deploy(database, release)

  const deployed = createDeployedJourneys(database)
  const api = createApi({
    database,
    clock,
    journeys: deployed,
    ingest: { database, journeys: deployed, maxSkewMs: Number.POSITIVE_INFINITY },
    credentials: { writeKeys: ['write'], serverKeys: ['server'] },
    addressKeys: { current: 1, keys: { 1: 'a key of sixteen characters' } },
    unsubscribeSecrets: ['secret'],
    publicUrl: 'http://127.0.0.1',
    receiveWebhook: () => Promise.resolve({ kind: 'forged' }),
  })
  await api.listen({ port: 0, host: '127.0.0.1' })
  apiUrl = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const sandbox = await createSandbox({
    clock,
    twilio: { accountSid: `AC${'0'.repeat(32)}`, authToken: 'token' },
    sendgrid: { apiKey: 'SG.key', webhookPrivateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
  })
  sandboxUrl = sandbox.url
  closing.push(
    () => api.close(),
    () => sandbox.close(),
    () => database.close(),
  )
})
afterAll(async () => {
  for (const close of closing) await close()
})

const stream = () =>
  streamSample(sample, {
    apiUrl,
    sandboxUrl,
    writeKey: 'write',
    serverKey: 'server',
    clock,
    signal: AbortSignal.timeout(60_000),
  })
const count = async (sql: string) => (await database.query<{ n: number }>(`select count(*) as n from ${sql}`))[0]?.n

test('the shipped sample passes the real API: everything arrives and exactly the right ones enter', async () => {
  expect(await stream()).toEqual({ complete: true, sent: sample.events.length, rejected: [] })
  const evidence = await readEvidence(database, [], sample, { now: clock.now(), slackMs: 0 })
  expect(everyEventArrived(evidence)).toEqual([])
  expect(exactlyTheRightOnesEntered(evidence)).toEqual([])
  expect(await database.query('select distinct journey from enrollment order by journey')).toEqual([
    { journey: 'cart-recovery' },
    { journey: 'welcome' },
  ])
  expect(await count('contact')).toBe(sample.people.length)
  expect(await count('suppression')).toBe(sample.people.flatMap((person) => person.suppressions).length)
  // The one number that is none: taken out of the profile, and kept with its reason.
  expect(await database.query('select reason from rejection')).toEqual([{ reason: 'bad_trait' }])
})

test('what happened in between is no business of a second stream: events, runs and what people allow stay as they are', async () => {
  const before = await Promise.all(['event', 'enrollment', 'consent'].map(count))
  await database.query(
    `update consent set state = 'revoked', at = $1 where channel = 'sms' and contact_id =
       (select id from contact where external_id = 'person-01')`,
    [clock.now()],
  )
  expect((await stream()).complete).toBe(true)
  expect(await Promise.all(['event', 'enrollment', 'consent'].map(count))).toEqual(before)
  expect(
    await database.query(
      `select state from consent join contact on contact.id = contact_id where external_id = 'person-01' and channel = 'sms'`,
    ),
  ).toEqual([{ state: 'revoked' }])
})
