import { Client } from '@sendgrid/client'
import twilio from 'twilio'
import { createSandbox } from '../../../src/providers/sandbox/sandbox.ts'
import type { Sandbox } from '../../../src/providers/sandbox/sandbox.ts'
import type { SandboxOptions } from '../../../src/providers/sandbox/sandbox-options.ts'
import { generateWebhookKey } from '../../../src/providers/sandbox/sendgrid-signature.ts'
import { startReceiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'

export const accountSid = `AC${'5'.repeat(32)}`
export const authToken = 'token-of-the-tests'
const apiKey = 'SG.key-of-the-tests'
/** 1 March 2027, 12:00 UTC: the virtual clock stands still there, so that every date is known. */
export const noon = Date.UTC(2027, 2, 1, 12)

const webhookPrivateKey = generateWebhookKey()

export interface Stage {
  readonly sandbox: Sandbox
  readonly receiver: Receiver
  readonly twilio: ReturnType<typeof twilio>
  readonly mail: ReturnType<typeof sendgridClient>
  control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<{ status: number; json: unknown }>
  close(): Promise<void>
}

export const twilioClient = (url: string, { token = authToken, timeoutMs = 5_000 } = {}) => {
  const client = twilio(accountSid, token, { timeout: timeoutMs })
  client.api.baseUrl = url
  return client
}

/** The official client, with the base URL set after the key, because setting the key resets it. */
export const sendgridClient = (url: string, key = apiKey) => {
  const client = new Client()
  client.setApiKey(key)
  client.setDefaultRequest('baseUrl', url)
  return client
}

/** A sandbox whose delays are a few real milliseconds, and an application that listens to it. */
export const startStage = async (options: Partial<SandboxOptions> = {}): Promise<Stage> => {
  const receiver = await startReceiver()
  const sandbox = await createSandbox({
    clock: { now: () => noon, scale: 200 },
    twilio: { accountSid, authToken },
    sendgrid: { apiKey, webhookPrivateKey },
    webhooks: { twilioInboundUrl: `${receiver.url}/inbound`, sendgridEventsUrl: `${receiver.url}/events` },
    retries: { firstDelayMs: 5 },
    ...options,
  })
  return {
    sandbox,
    receiver,
    twilio: twilioClient(sandbox.url),
    mail: sendgridClient(sandbox.url),
    control: async (method, path, body) => {
      const response = await fetch(`${sandbox.url}${path}`, {
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, json: text === '' ? null : (JSON.parse(text) as unknown) }
    },
    close: async () => {
      await sandbox.close()
      await receiver.close()
    },
  }
}
