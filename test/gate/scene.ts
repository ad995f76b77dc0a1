import { randomUUID } from 'node:crypto'
import type { AddressKeys } from '../../src/consent/address.ts'
import { recordConsent } from '../../src/consent/ledger.ts'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { Branch, CompiledJourney, MessageAction, Step } from '../../src/core/compiled-journey.ts'
import type { Database } from '../../src/core/database.ts'
import type { CompiledWorkspace, Policy } from '../../src/core/workspace.ts'
import { gate, type GateDeps } from '../../src/gate/gate.ts'
import { journeyVersions } from '../../src/gate/journey-versions.ts'
import type { GateVerdict } from '../../src/gate/verdict.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { migrate } from '../../src/store/migrate.ts'
import { startPostgres } from '../postgres.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** A Wednesday, noon in New York. */
export const NOON = Date.UTC(2026, 6, 15, 16)

export const KEYS: AddressKeys = { current: 2, keys: { 1: 'an old key', 2: 'the key of today' } }

/** Both stores, for `describe.each`. `open` gives a migrated store; `close` ends it and whatever it runs on. */
export const STORES: readonly {
  store: string
  open: () => Promise<{ database: Database; close: () => Promise<void> }>
}[] = [
  {
    store: 'PGlite',
    async open() {
      const database = await openPglite(undefined)
      await migrate(database)
      return { database, close: () => database.close() }
    },
  },
  {
    store: 'PostgreSQL',
    async open() {
      const postgres = await startPostgres()
      const database = await openPostgres(await postgres.url(), { connections: 20 })
      return {
        database,
        async close() {
          await database.close()
          await postgres.stop()
        },
      }
    },
  },
]

export function anEmail(change: Partial<MessageAction> = {}): MessageAction {
  return { kind: 'message', channel: 'email', template: 'cart/reminder', content: 'c0', ...change }
}

export function aText(change: Partial<MessageAction> = {}): MessageAction {
  return { kind: 'message', channel: 'sms', template: 'cart/code', content: 'c1', ...change }
}

export function aStep(change: Partial<Step> = {}): Step {
  return { id: 'first', from: 'entry', offsetMs: 0, action: anEmail(), ...change }
}

export function aJourney(change: Partial<CompiledJourney> = {}): CompiledJourney {
  return {
    semantics: 1,
    id: 'cart-recovery',
    purpose: 'cart-reminders',
    policy: 'us-retail',
    enter: { kind: 'event', event: 'cart.abandoned', reentry: { kind: 'never' } },
    exitOn: [],
    limits: {},
    offers: { 'ten-off': { percent: 10, codes: 'cart10', validForMs: 72 * HOUR } },
    steps: [aStep()],
    ...change,
  }
}

function aPolicy(change: Partial<Policy> = {}): Policy {
  return {
    name: 'us-retail',
    senders: { email: 'shop-email', sms: 'shop-sms' },
    sendWindow: {},
    caps: [],
    whenCapped: 'refuse',
    minGapMs: 0,
    giveUpAfterMs: 18 * HOUR,
    postalAddress: '1 Example Street, Springfield',
    brand: 'Example Shop',
    utm: {},
    ...change,
  }
}

export function aWorkspace(policy: Partial<Policy> = {}, change: Partial<CompiledWorkspace> = {}): CompiledWorkspace {
  return {
    zone: 'America/New_York',
    purposes: {
      'cart-reminders': { class: 'marketing', description: 'Reminders of a cart' },
      orders: { class: 'transactional', description: 'Messages about an order' },
    },
    policies: { 'us-retail': aPolicy(policy) },
    senders: {
      'shop-email': { channel: 'email', provider: 'sandbox', email: 'shop@example.com' },
      'shop-sms': { channel: 'sms', provider: 'sandbox', number: '+12025550199' },
    },
    pools: { cart10: { kind: 'generated', prefix: 'CART-', length: 8 } },
    events: {},
    contact: { type: 'object', properties: {} },
    ...change,
  }
}

export interface SceneContact {
  readonly email?: string | null
  readonly phone?: string | null
  readonly traits?: Readonly<Record<string, unknown>>
  /** Purposes granted on both channels. */
  readonly grants?: readonly string[]
}

/** A store with people, journeys and runs in it, and the gate in front. */
export class Scene {
  readonly database: Database
  readonly deps: GateDeps = { keys: KEYS, journeys: journeyVersions() }
  #people = 0

  constructor(database: Database) {
    this.database = database
  }

  async deploy(workspace: CompiledWorkspace): Promise<void> {
    await this.database.query(
      `insert into workspace (id, compiled, hash, deployed_at) values (1, $1, $2, 0)
       on conflict (id) do update set compiled = excluded.compiled, hash = excluded.hash`,
      [JSON.stringify(workspace), contentHash(workspace)],
    )
  }

  async contact(contact: SceneContact = {}): Promise<string> {
    const id = randomUUID()
    const number = this.#people++
    const email = contact.email === undefined ? `person-${id}@example.com` : contact.email
    const phone = contact.phone === undefined ? `+1212555${String(number % 10_000).padStart(4, '0')}` : contact.phone
    await this.database.query(
      'insert into contact (id, email, phone, traits, created_at, updated_at) values ($1, $2, $3, $4, 0, 0)',
      [id, email, phone, JSON.stringify(contact.traits ?? {})],
    )
    for (const purpose of contact.grants ?? ['cart-reminders']) {
      for (const channel of ['email', 'sms'] as const) {
        await this.database.transaction((statements) =>
          recordConsent(statements, {
            contactId: id,
            channel,
            purpose,
            state: 'granted',
            source: 'api',
            proof: {},
            at: NOON - DAY,
            recordedAt: NOON - DAY,
          }),
        )
      }
    }
    return id
  }

  async enroll(
    contactId: string,
    journey: CompiledJourney,
    change: { heldOut?: boolean; trigger?: object } = {},
  ): Promise<string> {
    const hash = contentHash(journey)
    await this.database.query(
      `insert into journey_version (hash, journey, compiled, commit_hash, author, created_at) values ($1, $2, $3, 'c', 'a', 0)
       on conflict do nothing`,
      [hash, journey.id, JSON.stringify(journey)],
    )
    const id = randomUUID()
    await this.database.query(
      `insert into enrollment (id, journey, version, contact_id, key, trigger, held_out, entered_at, trigger_message_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 'm')`,
      [id, journey.id, hash, contactId, id, JSON.stringify(change.trigger ?? {}), change.heldOut ?? false, NOON],
    )
    return id
  }

  ask(
    enrollment: string,
    change: { step?: string; branch?: Branch; dueAt?: number; now?: number } = {},
  ): Promise<GateVerdict> {
    const now = change.now ?? NOON
    return gate(this.database, this.deps, {
      enrollment,
      step: change.step ?? 'first',
      branch: change.branch ?? 'action',
      dueAt: change.dueAt ?? now,
      now,
    })
  }

  async sends(contactId: string): Promise<readonly { state: string; reason: string | null; code: string | null }[]> {
    return this.database.query('select state, reason, code from send where contact_id = $1 order by reserved_at, id', [
      contactId,
    ])
  }

  async decisions(
    enrollment: string,
  ): Promise<readonly { verdict: string; reason: string; facts: Record<string, unknown> }[]> {
    return this.database.query('select verdict, reason, facts from decision where enrollment_id = $1 order by id', [
      enrollment,
    ])
  }

  /** What the delivery does after the gate said yes. */
  async handOver(enrollment: string, state = 'accepted', at = NOON): Promise<void> {
    await this.database.query(
      'update send set state = $2, handed_off_at = $3, updated_at = $3 where enrollment_id = $1',
      [enrollment, state, at],
    )
  }
}

/** `send`, `ghost`, or the kind with its reason: a verdict in two words. */
export function inWords(verdict: GateVerdict): string {
  switch (verdict.kind) {
    case 'send':
    case 'ghost':
      return verdict.kind
    case 'hold':
    case 'refuse':
      return `${verdict.kind} ${verdict.reason}`
    case 'ended':
      return `ended ${verdict.outcome}`
    case 'settled':
      return `settled ${verdict.state}`
    default:
      return verdict satisfies never
  }
}
