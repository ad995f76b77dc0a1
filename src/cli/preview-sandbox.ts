import { createSandbox } from '../providers/sandbox/sandbox.ts'
import type { PartialSettings } from '../settings.ts'
import { makeDevSecrets } from './dev/dev-secrets.ts'

/** An emulator of the providers, for as long as a preview runs, and the settings that lead to it. */
export interface PreviewSandbox extends Required<Pick<PartialSettings, 'twilio' | 'sendgrid'>> {
  /** Of its inbox. */
  readonly url: string
  close(): Promise<void>
}

/** @param now epoch milliseconds. */
export async function startPreviewSandbox(now: () => number): Promise<PreviewSandbox> {
  const secrets = makeDevSecrets()
  const sandbox = await createSandbox({
    port: 0,
    clock: { now, scale: 1 },
    twilio: { accountSid: secrets.twilioAccountSid, authToken: secrets.twilioAuthToken },
    sendgrid: { apiKey: secrets.sendgridApiKey, webhookPrivateKey: secrets.sendgridWebhookKey },
    // Nobody here waits for reports.
    retries: { attempts: 1 },
  })
  return {
    url: sandbox.url,
    twilio: {
      accountSid: secrets.twilioAccountSid,
      authTokens: [secrets.twilioAuthToken],
      apiBaseUrl: sandbox.url,
    },
    sendgrid: { apiKey: secrets.sendgridApiKey, webhookPublicKeys: [], apiBaseUrl: sandbox.url },
    close: () => sandbox.close(),
  }
}
