import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { suppressionsOf } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { createJourneyStore } from '../../src/delivery/compiled-store.ts'
import type { DeliverInput } from '../../src/core/delivery.ts'
import { deliver, type DeliverDeps } from '../../src/delivery/deliver.ts'
import type { MessageProvider } from '../../src/delivery/message-provider.ts'
import { statusCallbackUrl } from '../../src/delivery/webhook-url.ts'
import { receiveWebhook, type WebhookReceipt } from '../../src/ingestion/feedback.ts'
import type { Sandbox } from '../../src/providers/sandbox/sandbox.ts'
import { createSendgrid } from '../../src/providers/sendgrid/sendgrid.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import { deliverDeps, deploy, dueNow, enter, KEYS, keyOf, type Run, sendOf } from '../delivery/fixture.ts'
import { pgliteStore } from '../delivery/stores.ts'
import { ACCOUNT_SID, API_KEY, AUTH_TOKEN, inject, startSandbox } from '../providers/sandbox-server.ts'

let sandbox: Sandbox
let database: Database
let twilio: MessageProvider
let sendgrid: MessageProvider
let publicUrl = ''
let run: Run
const receipts: WebhookReceipt[] = []

/** The least API that carriers can call: raw bytes in, a status out. */
const api = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    void answer(request.url ?? '', Buffer.concat(chunks), headers).then((status) => response.writeHead(status).end())
  })
})

async function answer(path: string, body: Buffer, headers: Record<string, string>): Promise<number> {
  const provider = path.includes('twilio') ? twilio : sendgrid
  const kind = path.endsWith('inbound') ? 'inbound' : 'feedback'
  const deps = { database, keys: KEYS, journey: createJourneyStore(database), realNow: () => Date.now() }
  const receipt = await receiveWebhook(deps, provider, kind, { body, headers, url: publicUrl + path }, Date.now())
  receipts.push(receipt)
  return receipt.kind === 'forged' ? 403 : 204
}

beforeAll(async () => {
  database = await pgliteStore().open()
  await deploy(database)
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const address = api.address()
  publicUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  sandbox = await startSandbox()
  sandbox.setWebhooks({
    twilioInboundUrl: `${publicUrl}/webhooks/twilio/inbound`,
    sendgridEventsUrl: `${publicUrl}/webhooks/sendgrid`,
  })
  twilio = createTwilio({ accountSid: ACCOUNT_SID, authTokens: [AUTH_TOKEN], apiBaseUrl: sandbox.url })
  sendgrid = createSendgrid({
    apiKey: API_KEY,
    webhookPublicKeys: [sandbox.sendgridVerificationKey],
    apiBaseUrl: sandbox.url,
  })
})
beforeEach(async () => {
  receipts.length = 0
  run = await enter(database)
  await inject(sandbox, [])
})
afterAll(async () => {
  await sandbox.close()
  await new Promise((resolve) => api.close(resolve))
  await database.close()
})

function callingBack(): DeliverDeps {
  const usual = deliverDeps(database, { twilio, sendgrid })
  return {
    ...usual,
    render: async (content, reservation) => {
      const rendered = await usual.render(content, reservation)
      if (rendered.kind !== 'rendered' || rendered.message.channel !== 'sms') return rendered
      const statusCallback = statusCallbackUrl(publicUrl, 'twilio', reservation.sendId)
      return { ...rendered, message: { ...rendered.message, statusCallback } }
    },
  }
}

async function deliverAndAwait(step: string, state: string): Promise<DeliverInput> {
  const input = dueNow(run, step)
  await deliver(callingBack(), input)
  await expect.poll(async () => (await sendOf(database, input))?.state, { timeout: 10_000 }).toBe(state)
  return input
}

describe("the whole way there and back, with the carriers' own webhooks", () => {
  test.each([
    ['alone', {}, 'delivered'],
    ['mail', {}, 'delivered'],
    ['alone', { reorderWebhooks: true, duplicateWebhooks: 2 }, 'delivered'],
    ['mail', { reorderWebhooks: true, duplicateWebhooks: 2 }, 'delivered'],
    ['alone', { webhookBeforeAnswer: true }, 'delivered'],
    ['mail', { webhookBeforeAnswer: true }, 'delivered'],
    ['alone', { dropConnection: 'after' }, 'delivered'],
    ['mail', { dropConnection: 'after' }, 'delivered'],
    ['alone', { undeliverable: 30003 }, 'undelivered'],
    ['alone', { undeliverable: 30008 }, 'unknown'],
    ['mail', { bounce: 'hard' }, 'bounced'],
    ['mail', { bounce: 'blocked' }, 'undelivered'],
  ])('"%s" with %j ends as %s', async (step, fault, state) => {
    await inject(sandbox, [{ ...fault, next: 1 }])
    const input = await deliverAndAwait(step, state)
    expect(sandbox.log().filter(({ sendKey }) => sendKey === keyOf(input))).toHaveLength(1)
    expect(receipts.filter(({ kind }) => kind === 'forged')).toEqual([])
  })

  test('a person who texts STOP back is left alone from then on', async () => {
    await deliverAndAwait('alone', 'delivered')
    const replied = await fetch(`${sandbox.url}/sandbox/reply`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: run.phone, body: 'STOP' }),
    })
    expect(replied.status).toBe(200)
    await expect.poll(() => suppressionsOf(database, KEYS, 'sms', run.phone), { timeout: 10_000 }).toEqual(['stop'])
    expect((await deliver(callingBack(), dueNow(run, 'code'))).verdict.kind).toBe('refused')
  })
})
