/** The virtual clock the emulator lives by. `now` is epoch milliseconds; a delay of d virtual ms takes d / scale real ms. */
export interface SandboxClock {
  now(): number
  readonly scale: number
}

/** Where the emulator posts webhooks. Both can be set later, since an application often starts after its providers. */
export interface WebhookTargets {
  readonly twilioInboundUrl?: string | undefined
  readonly sendgridEventsUrl?: string | undefined
}

/** Virtual milliseconds between hand-off and the moments that follow it. */
export interface SandboxDelays {
  readonly sent: number
  readonly delivered: number
  readonly processed: number
  /** How long an email event waits for others before its batch is posted. */
  readonly eventBatch: number
}

/** Real milliseconds: webhook retries belong to the network, not to the virtual calendar. */
export interface WebhookRetries {
  readonly attempts: number
  readonly firstDelayMs: number
  readonly timeoutMs: number
}

export interface SandboxOptions {
  /** 0 picks a free port. */
  readonly port?: number
  readonly host?: string
  readonly clock: SandboxClock
  readonly twilio: { readonly accountSid: string; readonly authToken: string }
  readonly sendgrid: { readonly apiKey: string; /** PEM, P-256. */ readonly webhookPrivateKey: string }
  readonly webhooks?: WebhookTargets
  /** Append-only JSON lines; read again at start, so that a restarted emulator still knows what it accepted. */
  readonly logFile?: string
  readonly delays?: Partial<SandboxDelays>
  readonly retries?: Partial<WebhookRetries>
  /** What a `crash` rule does. Only a process of its own may pass it; without it such rules are refused. */
  readonly crash?: () => never
}

export const defaultDelays: SandboxDelays = { sent: 400, delivered: 1_200, processed: 300, eventBatch: 200 }

export const defaultRetries: WebhookRetries = { attempts: 8, firstDelayMs: 250, timeoutMs: 15_000 }
