import type { Sandbox } from '../../src/providers/sandbox/sandbox.ts'
import { createSandbox } from '../../src/providers/sandbox/sandbox.ts'
import { generateWebhookKey } from '../../src/providers/sandbox/sendgrid-signature.ts'

export const ACCOUNT_SID = 'AC00000000000000000000000000000001'
export const AUTH_TOKEN = 'token-of-the-sandbox'
export const API_KEY = 'SG.sandbox'

/** An emulator of both carriers for one test file, in real time. */
export function startSandbox(): Promise<Sandbox> {
  return createSandbox({
    clock: { now: () => Date.now(), scale: 1 },
    twilio: { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN },
    sendgrid: { apiKey: API_KEY, webhookPrivateKey: generateWebhookKey() },
    delays: { sent: 5, delivered: 10, processed: 5, eventBatch: 5 },
    retries: { attempts: 1 },
  })
}

/** Replaces what goes wrong. */
export async function inject(sandbox: Sandbox, rules: readonly object[]): Promise<void> {
  await fetch(`${sandbox.url}/sandbox/rules`, { method: 'DELETE' })
  if (rules.length === 0) return
  const answer = await fetch(`${sandbox.url}/sandbox/rules`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rules),
  })
  if (!answer.ok) throw new Error(`the sandbox refused the rules: ${await answer.text()}`)
}
