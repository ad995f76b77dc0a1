import { randomUUID } from 'node:crypto'
import { makeDevSecrets } from '../../src/cli/dev/dev-secrets.ts'
import { freePort } from '../../src/cli/dev/ports.ts'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { composeDelivery, layFoundation } from '../../src/compose.ts'
import { virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { readSettings } from '../../src/settings.ts'
import { startChild } from '../chaos/children.ts'
import { twilioWebhook } from '../ingestion/signed-webhooks.ts'
import { startPostgres } from '../postgres.ts'
import { type Person, seedPeople, seedRuns } from './people.ts'
import { startProcess } from './process.ts'
import { deployFor, NOON } from './workspace.ts'

/** A journey of one text without caps and gaps, so that nothing but the STOP ever holds one back. */
const FILES = new Map([
  [
    'segue.yaml',
    `segue: 1
timezone: America/New_York
default_policy: plain
purposes: { news: { class: marketing, description: News. } }
senders: { text: { provider: twilio, number: "+12025550123" } }
contact: { first_name: string, email: email, phone: string, timezone: string, state: string }
`,
  ],
  [
    'policies/plain.yaml',
    `segue: 1
policy: plain
brand: Example
postal_address: 1 Example Street, Springfield, NY 10001, USA
senders: { sms: text }
give_up_after: 5d
caps: { all: 999 per 1d }
min_gap: 1s
`,
  ],
  ['events/news.joined.yaml', 'segue: 1\nevent: news.joined\nproperties: {}\n'],
  ['messages/news/text.sms.txt', '{{ brand }}: news. Reply STOP to opt out\n'],
  [
    'news.yaml',
    `segue: 1
journey: news
purpose: news
enter: { event: news.joined }
steps:
  text:
    at: 1s
    sms: { template: news/text }
`,
  ],
])

export interface StopSide {
  /** A new person with so many runs whose text is due. */
  enter(index: number, runs: number): Promise<{ readonly phone: string; readonly enrollments: readonly string[] }>
  /** Hands one run's text over, or is told why not. Resolves with whether it was sent, and with the call's real milliseconds. */
  send(enrollment: string): Promise<{ readonly sent: boolean; readonly callMs?: number }>
  /** The signed STOP of this number. Resolves with the real instants just before it was sent and after it was answered. */
  stop(phone: string): Promise<{ readonly sentAt: number; readonly answeredAt: number }>
  /** Real instants at which hand-offs to this number arrived at the carrier. */
  arrivals(phone: string): Promise<readonly number[]>
}

/** Store, carrier and API, each a process of its own; the deliveries are made by this one. */
export async function startStopSide(closing: (() => Promise<void>)[]): Promise<StopSide> {
  const origin: ClockOrigin = { virtual: NOON, real: Date.now(), scale: 1 }
  const clock = { now: () => virtualNow(origin, Date.now()), scale: 1 }
  const postgres = await startPostgres()
  closing.push(() => postgres.stop())
  const url = await postgres.url()
  const database = await openPostgres(url, { connections: 20 })
  closing.push(() => database.close())
  const compilation = await compileWorkspace(FILES)
  const { workspace } = compilation
  if (workspace === undefined) throw new Error('the workspace of the benchmark does not compile')
  const { version } = await deployFor(database, { ...compilation, workspace }, 'news', clock.now())
  // Without the gap (the language has none below a second, and a sample is shorter) and without the pace of the sender's number.
  await database.query(
    `update workspace
        set compiled = jsonb_set(jsonb_set(compiled, '{policies,plain,minGapMs}', '0'), '{senders,text,segmentsPerSecond}', '100000'),
            hash = hash || '0'`,
  )

  const secrets = makeDevSecrets()
  const apiPort = await freePort()
  const apiUrl = `http://127.0.0.1:${apiPort}`
  const sandbox = await startProcess(new URL('../../src/providers/sandbox/main.ts', import.meta.url), {
    ready: 'sendgridVerificationKey',
    args: ['--virtual-start', String(origin.virtual), '--real-start', String(origin.real)],
    env: { TWILIO_ACCOUNT_SID: secrets.twilioAccountSid, TWILIO_AUTH_TOKEN: secrets.twilioAuthToken },
  })
  closing.push(() => sandbox.stop())
  const carrier = JSON.parse(sandbox.greeting) as { url: string; sendgridVerificationKey: string }
  const environment = {
    TEST_CLOCK: JSON.stringify(origin),
    SEGUE_DATABASE_URL: url,
    SEGUE_PUBLIC_URL: apiUrl,
    SEGUE_PORT: String(apiPort),
    SEGUE_WRITE_KEYS: secrets.writeKey,
    SEGUE_SERVER_KEYS: secrets.serverKey,
    SEGUE_ADDRESS_KEYS: `1:${secrets.addressKey}`,
    SEGUE_LINK_SECRETS: secrets.linkSecret,
    TWILIO_ACCOUNT_SID: secrets.twilioAccountSid,
    TWILIO_AUTH_TOKENS: secrets.twilioAuthToken,
    TWILIO_API_URL: carrier.url,
    SENDGRID_API_KEY: secrets.sendgridApiKey,
    SENDGRID_WEBHOOK_PUBLIC_KEYS: carrier.sendgridVerificationKey,
    SENDGRID_API_URL: carrier.url,
    // No run is started here, so nobody answers there.
    TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
  }
  const api = startChild({ file: new URL('../chaos/doomed-api.ts', import.meta.url), environment })
  closing.push(async () => {
    api.kill('SIGKILL')
    await api.ended
  })
  await api.ready
  api.go()
  await answering(apiUrl)

  const read = readSettings(environment)
  if (read.kind === 'invalid') throw new Error(read.problems.join('; '))
  const foundation = layFoundation(read.settings, database, clock)
  let lastCallMs: number | undefined
  const providers = new Map(
    [...foundation.providers].map(([name, provider]) => [
      name,
      {
        ...provider,
        send: async (...call: Parameters<typeof provider.send>) => {
          const startedAt = performance.now()
          const handOff = await provider.send(...call)
          lastCallMs = performance.now() - startedAt
          return handOff
        },
      },
    ]),
  )
  const deliver = composeDelivery({ ...foundation, providers })
  return {
    async enter(index, runs) {
      const phone = `+121255501${String(index).padStart(2, '0')}`
      const person: Person = { id: randomUUID(), email: `stop-${index}@example.com`, phone }
      await seedPeople(database, [person], { purpose: 'news', channels: ['sms'], at: clock.now() - 1_000 })
      const people = Array.from({ length: runs }, () => person)
      const run = { journey: 'news', version, enteredAt: clock.now() - 1_000 }
      return { phone, enrollments: await seedRuns(database, people, run) }
    },
    async send(enrollment) {
      lastCallMs = undefined
      const dueAt = clock.now()
      const { verdict } = await deliver({
        enrollment,
        step: 'text',
        branch: 'action',
        dueAt,
        rest: 'nothing',
        openUntil: 0,
        feedbackMs: 0,
      })
      const sent = verdict.kind === 'sent'
      return sent && lastCallMs !== undefined ? { sent, callMs: lastCallMs } : { sent }
    },
    async stop(phone) {
      const inbound = `${apiUrl}/webhooks/twilio/inbound`
      const fields = { MessageSid: `SM${randomUUID()}`, From: phone, To: '+12025550123', Body: 'STOP' }
      const { body, headers } = twilioWebhook(inbound, fields, secrets.twilioAuthToken)
      const sentAt = Date.now()
      const answer = await fetch(inbound, {
        method: 'POST',
        headers: {
          'content-type': headers['content-type'] ?? '',
          'x-twilio-signature': headers['x-twilio-signature'] ?? '',
        },
        body: body.toString('utf8'),
      })
      if (!answer.ok) throw new Error(`the STOP was answered with ${answer.status}`)
      return { sentAt, answeredAt: Date.now() }
    },
    async arrivals(phone) {
      const answer = await fetch(`${carrier.url}/sandbox/log?to=${encodeURIComponent(phone)}`)
      const handOffs = (await answer.json()) as readonly { readonly at: number }[]
      return handOffs.map(({ at }) => at - origin.virtual + origin.real)
    },
  }
}

async function answering(url: string): Promise<void> {
  for (let left = 300; ; left--) {
    if ((await fetch(`${url}/health`).catch(() => undefined)) !== undefined) return
    if (left === 0) throw new Error('the API does not answer')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
