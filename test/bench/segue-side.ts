import type { Client } from '@temporalio/client'
import { makeDevSecrets } from '../../src/cli/dev/dev-secrets.ts'
import { freePort } from '../../src/cli/dev/ports.ts'
import { composeApi, layFoundation, operatorZone } from '../../src/compose.ts'
import { virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import type { RunStart } from '../../src/engine/engine.ts'
import { readSettings, type Settings } from '../../src/settings.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createTemporalEngine } from '../../workers/engine.ts'
import { startPostgres } from '../postgres.ts'
import { person, seedPeople, seedRuns } from './people.ts'
import { startProcess } from './process.ts'
import { compileShipped, deployFor, NOON } from './workspace.ts'

export interface SegueSide {
  /** Id of the journey, which is its workflow type. */
  readonly journey: string
  /** Makes new people and their runs, ready to be started. */
  enter(people: number): Promise<readonly Omit<RunStart, 'enteredAt'>[]>
  start(run: Omit<RunStart, 'enteredAt'>): Promise<void>
  /** Throws unless each person who entered got three messages, each once, and nothing was refused or is unknown. */
  verify(): Promise<void>
}

const JOURNEY = 'cart-recovery'

/** The shipped journey with short waits, each from the message before, as in the hand-written one. No step of it may wait for a receipt. */
function quickJourney(text: string): string {
  return text
    .replace(/ {4}fallback:[\s\S]*?(?= {2}final-email:)/, '')
    .replace('holdout: 10%', 'holdout: 0%')
    .replace('min_gap: 2h', 'min_gap: 1s')
    .replace('    at: 1h', '    at: 1s')
    .replace('    at: 3h', '    from: first-email\n    at: 1s')
    .replace('    at: 48h', '    from: sms-code\n    at: 1s')
}

/**
 * Segue as production runs it: PostgreSQL, the worker, the API that takes receipts, each a process of its own (the API is this one),
 * and the carriers' emulator in another, since real carriers are elsewhere too. Time is real, from a noon inside every window.
 * What must be stopped is put into `closing` as it starts, so that nothing is left over when something later fails.
 */
export async function startSegue(
  client: Client,
  temporalAddress: string,
  closing: (() => Promise<void>)[],
): Promise<SegueSide> {
  const origin: ClockOrigin = { virtual: NOON, real: Date.now(), scale: 1 }
  const clock = { now: () => virtualNow(origin, Date.now()), scale: 1 }
  const postgres = await startPostgres()
  closing.push(() => postgres.stop())
  const url = await postgres.url()
  const database = await openPostgres(url)
  closing.push(() => database.close())
  const compilation = await compileShipped({
    'cart-recovery.yaml': quickJourney,
    // What is measured is the software, not the pace of one number.
    'segue.yaml': (text) =>
      text.replace('segments_per_second: 3', 'segments_per_second: 1000').replace(/ +segments_per_day: .*\n/, ''),
    'policies/us-retail.yaml': (text) =>
      text.replace('min_gap: 1h', 'min_gap: 1s').replace('channel_gap: 90m', 'channel_gap: 1s'),
  })
  const { journey, version } = await deployFor(database, compilation, JOURNEY, clock.now())

  const apiPort = await freePort()
  const sandbox = await startSandbox(origin, apiPort)
  closing.push(() => sandbox.stop())
  const environment = { ...sandbox.environment, SEGUE_DATABASE_URL: url, TEMPORAL_ADDRESS: temporalAddress }
  const foundation = layFoundation(settingsFrom(environment), database, clock)
  const api = composeApi(foundation, { onOutbox: () => undefined })
  await api.listen({ host: '127.0.0.1', port: apiPort })
  closing.push(() => api.close())
  const worker = await startProcess(new URL('./segue-worker.ts', import.meta.url), {
    ready: 'the workers run',
    env: { ...environment, BENCH_CLOCK: JSON.stringify(origin) },
  })
  closing.push(() => worker.stop())

  const engine = createTemporalEngine({
    client,
    clock,
    origin,
    environment: 'bench',
    zone: () => operatorZone(foundation),
  })
  let entered = 0
  return {
    journey: JOURNEY,
    async enter(count) {
      const people = Array.from({ length: count }, (_, index) => person(entered + index))
      entered += count
      const at = clock.now()
      await seedPeople(database, people, { purpose: 'cart-reminders', channels: ['email', 'sms'], at })
      const runs = await seedRuns(database, people, { journey: JOURNEY, version, enteredAt: at })
      return runs.map((enrollment, index) => ({ journey, version, enrollment, contact: people[index]?.id ?? '' }))
    },
    start: (run) => engine.start({ ...run, enteredAt: clock.now() }),
    async verify() {
      const summary = await sandbox.summary()
      const [row] = await database.query<{ accepted: number; ended: number }>(
        `select (select count(*) from send where state in ('accepted', 'delivered')) as accepted,
                (select count(*) from enrollment where state = 'ended' and outcome = 'completed') as ended`,
      )
      const seen = { ...summary, accepted: row?.accepted, ended: row?.ended }
      const wanted = { total: entered * 3, distinct: entered * 3, accepted: entered * 3, ended: entered }
      if (Object.entries(wanted).some(([name, value]) => seen[name as keyof typeof seen] !== value)) {
        throw new Error(`not every message was sent once: ${JSON.stringify(seen)} is not ${JSON.stringify(wanted)}`)
      }
    },
  }
}

/** The emulator as a process of its own, and the environment in which Segue's processes find it and each other. */
async function startSandbox(origin: ClockOrigin, apiPort: number) {
  const secrets = makeDevSecrets()
  const publicUrl = `http://127.0.0.1:${apiPort}`
  const sandbox = await startProcess(new URL('../../src/providers/sandbox/main.ts', import.meta.url), {
    ready: 'sendgridVerificationKey',
    args: [
      ...['--inbound-url', `${publicUrl}/webhooks/twilio/inbound`, '--events-url', `${publicUrl}/webhooks/sendgrid`],
      ...['--virtual-start', String(origin.virtual), '--real-start', String(origin.real)],
    ],
    env: {
      TWILIO_ACCOUNT_SID: secrets.twilioAccountSid,
      TWILIO_AUTH_TOKEN: secrets.twilioAuthToken,
      SENDGRID_API_KEY: secrets.sendgridApiKey,
      SENDGRID_WEBHOOK_PRIVATE_KEY: secrets.sendgridWebhookKey,
    },
  })
  const { url, sendgridVerificationKey } = JSON.parse(sandbox.greeting) as {
    url: string
    sendgridVerificationKey: string
  }
  return {
    environment: {
      SEGUE_ENVIRONMENT: 'bench',
      SEGUE_PUBLIC_URL: publicUrl,
      SEGUE_WRITE_KEYS: secrets.writeKey,
      SEGUE_SERVER_KEYS: secrets.serverKey,
      SEGUE_ADDRESS_KEYS: `1:${secrets.addressKey}`,
      SEGUE_LINK_SECRETS: secrets.linkSecret,
      TWILIO_ACCOUNT_SID: secrets.twilioAccountSid,
      TWILIO_AUTH_TOKENS: secrets.twilioAuthToken,
      TWILIO_API_URL: url,
      SENDGRID_API_KEY: secrets.sendgridApiKey,
      SENDGRID_WEBHOOK_PUBLIC_KEYS: sendgridVerificationKey,
      SENDGRID_API_URL: url,
    },
    async summary(): Promise<{ total: number; distinct: number }> {
      const answer = await fetch(`${url}/sandbox/log/summary`)
      return (await answer.json()) as { total: number; distinct: number }
    },
    stop: () => sandbox.stop(),
  }
}

function settingsFrom(environment: Readonly<Record<string, string>>): Settings {
  const read = readSettings(environment)
  if (read.kind === 'invalid') throw new Error(read.problems.join('; '))
  return read.settings
}
