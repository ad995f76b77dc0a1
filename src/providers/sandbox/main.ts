import { parseArgs } from 'node:util'
import { createSandbox } from './sandbox.ts'
import { generateWebhookKey } from './sendgrid-signature.ts'

/*
 * The emulator as a process of its own. Secrets come from the environment, the rest from arguments:
 *   --port --host --log-file --inbound-url --events-url --scale --virtual-start --real-start
 * Virtual now = virtual-start + (real now - real-start) x scale, all in epoch milliseconds.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env['SANDBOX_PORT'] ?? '0' },
    host: { type: 'string', default: process.env['SANDBOX_HOST'] ?? '127.0.0.1' },
    'log-file': { type: 'string' },
    'inbound-url': { type: 'string' },
    'events-url': { type: 'string' },
    scale: { type: 'string', default: process.env['SANDBOX_SCALE'] ?? '1' },
    'virtual-start': { type: 'string' },
    'real-start': { type: 'string' },
  },
})

const realStart = Number(values['real-start'] ?? Date.now())
const virtualStart = Number(values['virtual-start'] ?? realStart)
const scale = Number(values.scale)
const logFile = values['log-file'] ?? process.env['SANDBOX_LOG_FILE']

const sandbox = await createSandbox({
  port: Number(values.port),
  host: values.host,
  clock: { now: () => Math.floor(virtualStart + (Date.now() - realStart) * scale), scale },
  twilio: {
    accountSid: process.env['TWILIO_ACCOUNT_SID'] ?? `AC${'0'.repeat(32)}`,
    authToken: process.env['TWILIO_AUTH_TOKEN'] ?? 'sandbox-token',
  },
  sendgrid: {
    apiKey: process.env['SENDGRID_API_KEY'] ?? 'SG.sandbox',
    webhookPrivateKey: process.env['SENDGRID_WEBHOOK_PRIVATE_KEY'] ?? generateWebhookKey(),
  },
  webhooks: { twilioInboundUrl: values['inbound-url'], sendgridEventsUrl: values['events-url'] },
  ...(logFile === undefined ? {} : { logFile }),
  crash: () => {
    process.kill(process.pid, 'SIGKILL')
    // The signal takes effect at once, but not before this line: nothing may be answered any more.
    for (;;);
  },
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sandbox.close())

process.stdout.write(
  `${JSON.stringify({ url: sandbox.url, sendgridVerificationKey: sandbox.sendgridVerificationKey })}\n`,
)
