import { randomUUID } from 'node:crypto'
import type { AddressKeys } from '../../src/consent/address.ts'
import { recordConsent } from '../../src/consent/ledger.ts'
import type { Clock } from '../../src/core/clock.ts'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { CompiledJourney, Step } from '../../src/core/compiled-journey.ts'
import type { Content } from '../../src/core/content.ts'
import type { Database } from '../../src/core/database.ts'
import { sendId } from '../../src/core/send-id.ts'
import type { CompiledWorkspace } from '../../src/core/workspace.ts'
import { createContentStore, createJourneyStore } from '../../src/delivery/compiled-store.ts'
import type { DeliverInput } from '../../src/core/delivery.ts'
import type { DeliverDeps } from '../../src/delivery/deliver.ts'
import type { MessageProvider, OutboundMessage } from '../../src/delivery/message-provider.ts'
import { statusCallbackUrl } from '../../src/delivery/webhook-url.ts'
import { gate } from '../../src/gate/gate.ts'
import { journeyVersions } from '../../src/gate/journey-versions.ts'
import type { Reservation } from '../../src/gate/verdict.ts'

/** A Tuesday, 15:00 in New York and 10:00 in Honolulu: inside every window of the United States. */
export const NOON = Date.UTC(2026, 2, 10, 20)
export const HOUR = 3_600_000
export const KEYS: AddressKeys = { current: 1, keys: { 1: 'a key for tests' } }

const TEXT: Content = { kind: 'sms', body: 'Your code is waiting. Reply STOP to opt out.', reads: [] }
const MAIL: Content = { kind: 'email', subject: 'Your code', html: '<p>Waiting</p>', text: 'Waiting', reads: [] }

const sms = { kind: 'message', channel: 'sms', template: 'cart/code', content: contentHash(TEXT) } as const
const email = { kind: 'message', channel: 'email', template: 'cart/code', content: contentHash(MAIL) } as const

/** A text with an email behind it, a text that comes alone, and an email that counts from the first text's delivery. */
export const JOURNEY: CompiledJourney = {
  semantics: 1,
  id: 'cart-recovery',
  purpose: 'cart-reminders',
  policy: 'us-retail',
  enter: { kind: 'event', event: 'cart.abandoned', reentry: { kind: 'never' } },
  exitOn: [],
  limits: {},
  offers: {},
  steps: [
    step('code', { action: sms, fallback: email, fallbackWithinMs: 4 * HOUR }),
    step('alone', { action: sms }),
    step('mail', { action: email }),
    step('thanks', { action: email, from: 'code.delivered' }),
  ],
}
const VERSION = contentHash(JOURNEY)

function step(id: string, more: Partial<Step> & Pick<Step, 'action'>): Step {
  return { id, from: 'entry', offsetMs: 0, ...more }
}

const WORKSPACE: CompiledWorkspace = {
  zone: 'America/New_York',
  purposes: { 'cart-reminders': { class: 'marketing', description: 'Baskets left behind' } },
  policies: {
    'us-retail': {
      name: 'us-retail',
      senders: { sms: 'shop-sms', email: 'shop-email' },
      sendWindow: {},
      caps: [],
      whenCapped: 'refuse',
      minGapMs: 0,
      giveUpAfterMs: 18 * HOUR,
      postalAddress: '1 Example Street',
      brand: 'The Shop',
      utm: {},
    },
  },
  senders: {
    'shop-sms': { channel: 'sms', provider: 'twilio', number: '+12025550100', segmentsPerSecond: 1_000 },
    'shop-email': { channel: 'email', provider: 'sendgrid', email: 'shop@example.com' },
  },
  pools: {},
  events: {},
  contact: { type: 'object', properties: {} },
}

/** Deploys workspace, journey and contents. */
export async function deploy(database: Database): Promise<void> {
  for (const content of [TEXT, MAIL]) {
    await database.query('insert into content (hash, body) values ($1, $2)', [
      contentHash(content),
      JSON.stringify(content),
    ])
  }
  await database.query(
    `insert into journey_version (hash, journey, compiled, commit_hash, author, created_at) values ($1, $2, $3, 'c0ffee', 'growth', $4)`,
    [VERSION, JOURNEY.id, JSON.stringify(JOURNEY), NOON],
  )
  await database.query('insert into workspace (id, compiled, hash, deployed_at) values (1, $1, $2, $3)', [
    JSON.stringify(WORKSPACE),
    contentHash(WORKSPACE),
    NOON,
  ])
}

export interface Run {
  readonly contact: string
  readonly enrollment: string
  readonly phone: string
  readonly email: string
}

let people = 0
const AREAS = ['202', '212', '303', '415', '512', '617', '702', '808', '907', '305']

/** A number and an address that nobody else in this file has. */
function nextPerson(): { phone: string; email: string } {
  people += 1
  const area = AREAS[Math.floor(people / 100) % AREAS.length] ?? '202'
  return { phone: `+1${area}55501${String(people % 100).padStart(2, '0')}`, email: `person-${people}@example.com` }
}

/** A contact who agreed to everything, in a run that began an hour ago. */
export async function enter(
  database: Database,
  more: { withoutPhone?: boolean; heldOut?: boolean; same?: Run; keepsQueue?: boolean } = {},
): Promise<Run> {
  const { phone, email } = more.same ?? nextPerson()
  // Tests go back in time, a queue does not.
  if (more.keepsQueue !== true) await database.query('delete from sender_pace')
  const [contact, enrollment] = [randomUUID(), randomUUID()]
  await database.query(
    `insert into contact (id, email, phone, traits, created_at, updated_at) values ($1, $2, $3, '{}', $4, $4)`,
    [contact, email, more.withoutPhone === true ? null : phone, NOON],
  )
  for (const channel of ['sms', 'email'] as const) {
    await recordConsent(database, {
      contactId: contact,
      channel,
      purpose: 'cart-reminders',
      state: 'granted',
      source: 'api',
      proof: {},
      at: NOON - HOUR,
      recordedAt: NOON - HOUR,
    })
  }
  await database.query(
    `insert into enrollment (id, journey, version, contact_id, trigger, held_out, entered_at, trigger_message_id)
     values ($1, $2, $3, $4, '{}', $5, $6, $7)`,
    [enrollment, JOURNEY.id, VERSION, contact, more.heldOut ?? false, NOON - HOUR, enrollment],
  )
  return { contact, enrollment, phone, email }
}

export function dueNow(run: Run, stepId: string, more: Partial<DeliverInput> = {}): DeliverInput {
  return {
    enrollment: run.enrollment,
    step: stepId,
    branch: 'action',
    dueAt: NOON,
    rest: 'others',
    openUntil: 0,
    feedbackMs: 0,
    ...more,
  }
}

export function keyOf(input: DeliverInput): string {
  return sendId(input.enrollment, input.step, input.branch)
}

/** A clock that moves when it is told to. */
export function clockAt(now: number, scale = 1): Clock & { set(next: number): void } {
  let current = now
  return {
    now: () => current,
    scale,
    set(next) {
      current = next
    },
  }
}

export function deliverDeps(
  database: Database,
  providers: Readonly<Record<string, MessageProvider>>,
  more: Partial<DeliverDeps> = {},
): DeliverDeps {
  const journeys = journeyVersions()
  return {
    database,
    clock: clockAt(NOON),
    time: { monotonicMs: () => performance.now(), realNow: () => Date.now() },
    gate: (request) => gate(database, { keys: KEYS, journeys }, request),
    render: async (content, reservation) => ({ kind: 'rendered', message: write(content, reservation), links: [] }),
    content: createContentStore(database),
    journey: createJourneyStore(database),
    providers: (name) => providers[name],
    keys: KEYS,
    ...more,
  }
}

function write(content: Content, { sender, address, sendId: id, policy }: Reservation): OutboundMessage {
  if (content.kind === 'sms' && sender.channel === 'sms') {
    return {
      channel: 'sms',
      to: address,
      from: sender.number,
      body: `${content.body} ${id.slice(0, 8)}`,
      statusCallback: statusCallbackUrl('https://segue.example.com', sender.provider, id),
    }
  }
  if (content.kind === 'email' && sender.channel === 'email') {
    const { subject, html, text } = content
    return {
      channel: 'email',
      to: address,
      from: { email: sender.email, name: policy.brand },
      subject,
      html,
      text,
      headers: {},
    }
  }
  throw new Error('content and sender are of different channels')
}

export interface SendRow {
  readonly state: string
  readonly reason: string | null
  readonly provider: string | null
  readonly provider_id: string | null
  readonly handed_off_at: number | null
  readonly attempt_real_at: number | null
}

export async function sendOf(database: Database, input: DeliverInput): Promise<SendRow | undefined> {
  const [row] = await database.query<SendRow>(
    'select state, reason, provider, provider_id, handed_off_at, attempt_real_at from send where id = $1',
    [keyOf(input)],
  )
  return row
}

export async function runOf(database: Database, run: Run) {
  const [row] = await database.query<{
    state: string
    outcome: string | null
    ends_at: number | null
    ended_at: number | null
  }>('select state, outcome, ends_at, ended_at from enrollment where id = $1', [run.enrollment])
  return row
}
