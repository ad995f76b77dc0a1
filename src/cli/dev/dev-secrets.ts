import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { generateWebhookKey } from '../../providers/sandbox/sendgrid-signature.ts'

/** Keys of a development stack: made at its first start, kept with its state, of no use anywhere else. */
export interface DevSecrets {
  readonly writeKey: string
  readonly serverKey: string
  readonly addressKey: string
  readonly linkSecret: string
  readonly twilioAccountSid: string
  readonly twilioAuthToken: string
  readonly sendgridApiKey: string
  /** PEM, P-256: the sandbox signs its event webhooks with it. */
  readonly sendgridWebhookKey: string
}

export function makeDevSecrets(): DevSecrets {
  const secret = (): string => randomBytes(24).toString('base64url')
  return {
    writeKey: `dev-write-${secret()}`,
    serverKey: `dev-server-${secret()}`,
    addressKey: secret(),
    linkSecret: secret(),
    twilioAccountSid: `AC${randomBytes(16).toString('hex')}`,
    twilioAuthToken: randomBytes(16).toString('hex'),
    sendgridApiKey: `SG.${secret()}`,
    sendgridWebhookKey: generateWebhookKey(),
  }
}

/** The secrets kept in a file. Readable by its owner alone; a file that is damaged is made anew. */
export function keptDevSecrets(file: string): DevSecrets {
  if (existsSync(file)) {
    try {
      const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<DevSecrets>
      const fresh = makeDevSecrets()
      if (Object.keys(fresh).every((name) => typeof kept[name as keyof DevSecrets] === 'string'))
        return kept as DevSecrets
    } catch {
      // Half-written by a killed process: nothing was sent with it yet.
    }
  }
  const secrets = makeDevSecrets()
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
  return secrets
}
