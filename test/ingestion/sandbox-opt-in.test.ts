import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { deliverServiceMessage } from '../../src/delivery/service-message/hand-over.ts'
import { receiveWebhook } from '../../src/ingestion/feedback.ts'
import type { Sandbox } from '../../src/providers/sandbox/sandbox.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import type { MessageProvider } from '../../src/delivery/message-provider.ts'
import { clockAt, KEYS } from '../delivery/fixture.ts'
import { serviceDeps } from '../delivery/service-message/fixture.ts'
import { pgliteStore } from '../delivery/stores.ts'
import { ACCOUNT_SID, AUTH_TOKEN, startSandbox } from '../providers/sandbox-server.ts'
import { OptInScene } from './opt-in-scene.ts'

let sandbox: Sandbox
let database: Database
let scene: OptInScene
let twilio: MessageProvider
let publicUrl = ''

/** The least API that carriers can call: raw bytes in, a status out. */
const api = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const path = request.url ?? ''
    const deps = {
      database,
      keys: KEYS,
      journey: () => Promise.reject(new Error('no journey runs here')),
      realNow: () => Date.now(),
    }
    const kind = path.endsWith('inbound') ? 'inbound' : 'feedback'
    const webhook = { body: Buffer.concat(chunks), headers, url: publicUrl + path }
    void receiveWebhook(deps, twilio, kind, webhook, Date.now()).then((receipt) =>
      response.writeHead(receipt.kind === 'forged' ? 403 : 204).end(),
    )
  })
})

beforeAll(async () => {
  database = await pgliteStore().open()
  scene = new OptInScene(database)
  await scene.deploy()
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const address = api.address()
  publicUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  sandbox = await startSandbox()
  sandbox.setWebhooks({
    twilioInboundUrl: `${publicUrl}/webhooks/twilio/inbound`,
    sendgridEventsUrl: `${publicUrl}/webhooks/sendgrid`,
  })
  twilio = createTwilio({ accountSid: ACCOUNT_SID, authTokens: [AUTH_TOKEN], apiBaseUrl: sandbox.url })
})
afterAll(async () => {
  await sandbox.close()
  await new Promise((resolve) => api.close(resolve))
  await database.close()
})

/** What the workers do, with the carrier's own client. */
async function handOver(): Promise<void> {
  const deps = serviceDeps(database, { twilio }, { clock: clockAt(Date.now()), publicUrl })
  for (const { id } of await database.query<{ id: string }>(
    `select id from service_message where state = 'reserved'`,
  )) {
    await deliverServiceMessage(deps, id)
  }
}

const states = async () =>
  (
    await database.query<{ kind: string; state: string }>(
      'select kind, state from service_message order by said_at, kind',
    )
  ).map(({ kind, state }) => `${kind} ${state}`)

const reply = (from: string, body: string) =>
  fetch(`${sandbox.url}/sandbox/reply`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from, body }),
  })

test("a double opt-in, there and back through the carrier's own API and webhooks", async () => {
  const ada = await scene.person()
  const now = Date.now()
  await scene.wish(ada, { at: now })
  await handOver()
  await expect.poll(states, { timeout: 10_000 }).toEqual(['opt_in_request delivered'])
  expect(await scene.holds(ada.contact)).toBe(false)

  expect((await reply(ada.phone, 'Y')).status).toBe(200)
  await expect.poll(() => scene.holds(ada.contact), { timeout: 10_000 }).toBe(true)
  await handOver()
  await expect.poll(states, { timeout: 10_000 }).toEqual(['opt_in_request delivered', 'opt_in_confirmation delivered'])
  expect(sandbox.log().filter(({ to }) => to === ada.phone)).toHaveLength(2)
  expect(await database.query('select reason from rejection')).toEqual([])
})
