import formbody from '@fastify/formbody'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { registerControl } from './control.ts'
import { createFaults } from './faults.ts'
import { isFinal, lastStatus } from './hand-off.ts'
import type { HandOff } from './hand-off.ts'
import { createHandOffLog } from './hand-off-log.ts'
import { registerInbox } from './inbox.ts'
import { createPeople } from './people.ts'
import type { People } from './people.ts'
import { createReader } from './reader.ts'
import { defaultDelays, defaultRetries } from './sandbox-options.ts'
import type { SandboxOptions, WebhookTargets } from './sandbox-options.ts'
import { registerSendgridActivity } from './sendgrid-activity.ts'
import { createEmailDelivery } from './sendgrid-delivery.ts'
import { refuse, sendgridError } from './sendgrid-error.ts'
import { createEmailEvents } from './sendgrid-events.ts'
import { registerSendgridMail, requireApiKey } from './sendgrid-mail.ts'
import { verificationKey } from './sendgrid-signature.ts'
import { registerSendgridSuppressions } from './sendgrid-suppressions.ts'
import { createSmsDelivery } from './twilio-delivery.ts'
import { createInbound } from './twilio-inbound.ts'
import { registerTwilioMessages } from './twilio-messages.ts'
import { createVirtualTimers } from './virtual-timers.ts'
import { createWebhooks } from './webhooks.ts'

export interface Sandbox {
  readonly url: string
  readonly port: number
  /** SendGrid's webhook verification key: base64 DER, spki. */
  readonly sendgridVerificationKey: string
  /** Every hand-off accepted, oldest first, with its state now. */
  log(): readonly HandOff[]
  /** Email addresses that SendGrid's emulator was asked to erase, lower case. */
  erasedRecipients(): readonly string[]
  setWebhooks(targets: WebhookTargets): void
  close(): Promise<void>
}

/** SendGrid's limit for one request. */
const largestBody = 30 * 1024 * 1024

/** The server answers for loopback use only; a page of another site must not drive it through somebody's browser. */
const refuseForeignPages = (app: FastifyInstance): void => {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' || request.headers['sec-fetch-site'] !== 'cross-site') return undefined
    return reply.code(403).send({ problem: 'requests from other sites are refused' })
  })
}

/**
 * Starts an emulator of Twilio's Messages API and SendGrid's v3 Mail Send on loopback, which the official SDKs talk to
 * unchanged. Deliveries that a former process with the same log file had begun are carried on.
 */
export const createSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const { clock, twilio, sendgrid } = options
  const delays = { ...defaultDelays, ...options.delays }
  const timers = createVirtualTimers(clock)
  const webhooks = createWebhooks(timers, { ...defaultRetries, ...options.retries })
  const log = createHandOffLog(options.logFile)
  const faults = createFaults(options.crash !== undefined)
  let webhookTargets: WebhookTargets = options.webhooks ?? {}
  const targets = (): WebhookTargets => webhookTargets
  const setWebhooks = (changed: WebhookTargets): void => {
    webhookTargets = { ...webhookTargets, ...changed }
  }

  const reply = createInbound({ log, webhooks, clock, twilio, targets })
  const events = createEmailEvents({
    log,
    timers,
    webhooks,
    clock,
    delays,
    privateKey: sendgrid.webhookPrivateKey,
    targets,
  })
  const reader = createReader({ events, log, clock })
  const people: People = createPeople({ timers, reader, reply })
  const delivered = (handOff: HandOff): void => people.delivered(handOff)
  const deliverSms = createSmsDelivery({ log, timers, webhooks, clock, delays, twilio, delivered })
  const deliverEmail = createEmailDelivery({ log, timers, clock, delays, events, delivered })

  const app = fastify({ bodyLimit: largestBody, forceCloseConnections: true, routerOptions: { maxParamLength: 500 } })
  refuseForeignPages(app)
  await app.register(formbody, { bodyLimit: largestBody })
  registerTwilioMessages(app, { options, log, faults, timers, deliver: deliverSms })
  await app.register(async (scope) => {
    scope.addHook('onRequest', requireApiKey(sendgrid.apiKey))
    scope.setErrorHandler<{ statusCode?: number }>((error, _request, answer) =>
      refuse(answer, error.statusCode ?? 500, [sendgridError('Bad Request')]),
    )
    registerSendgridMail(scope, { options, log, faults, timers, deliver: deliverEmail })
    registerSendgridActivity(scope, log)
    registerSendgridSuppressions(scope, log, clock)
  })
  registerControl(app, { log, faults, people, reader, reply, setWebhooks })
  registerInbox(app, { log, reader, reply, clock })

  const host = options.host ?? '127.0.0.1'
  await app.listen({ port: options.port ?? 0, host })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  for (const handOff of log.handOffs()) {
    if (isFinal(lastStatus(handOff).status)) continue
    void (handOff.channel === 'sms' ? deliverSms(handOff, {}) : deliverEmail(handOff, {}))
  }

  return {
    url: `http://${host}:${port}`,
    port,
    sendgridVerificationKey: verificationKey(sendgrid.webhookPrivateKey),
    log: () => log.handOffs(),
    erasedRecipients: () => log.erased(),
    setWebhooks,
    close: async () => {
      timers.close()
      webhooks.close()
      await app.close()
    },
  }
}
