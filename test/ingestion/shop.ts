import type { CompiledJourney, Expression } from '../../src/core/compiled-journey.ts'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { Content } from '../../src/core/content.ts'
import type { Database } from '../../src/core/database.ts'
import type { CompiledWorkspace } from '../../src/core/workspace.ts'
import { createDeployedJourneys } from '../../src/ingestion/deployed-journeys.ts'
import { ingest, type IngestDeps } from '../../src/ingestion/ingest.ts'
import type { IngestCall } from '../../src/ingestion/segment-call.ts'
import { deploy } from '../../src/rollout/deploy.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'

/** A small shop for the tests of ingestion and of the API: one cart journey, one welcome, and their events. */

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** 2026-03-03T15:00:00Z */
export const NOON = 1_772_550_000_000

const reminder: Content = {
  kind: 'email',
  subject: 'You left something behind',
  html: '<p>Hi</p>',
  text: 'Hi',
  reads: [],
}
const content = contentHash(reminder)
export const contents = { [content]: reminder }

export function expression(source: string): Expression {
  return { source, reads: [] }
}

export const cartRecovery: CompiledJourney = {
  semantics: 1,
  id: 'cart-recovery',
  purpose: 'cart-reminders',
  policy: 'us-retail',
  enter: {
    kind: 'event',
    event: 'cart.abandoned',
    if: expression('trigger.cart.total >= 30'),
    key: expression('trigger.cart.id'),
    reentry: { kind: 'after', ms: 7 * DAY },
  },
  goal: { event: 'order.placed', if: expression('event.cart_id == trigger.cart.id'), withinMs: 5 * DAY },
  exitOn: [{ event: 'cart.emptied', if: expression('event.cart_id == trigger.cart.id') }],
  limits: {},
  offers: {},
  steps: [
    {
      id: 'first-email',
      from: 'entry',
      offsetMs: HOUR,
      action: {
        kind: 'message',
        channel: 'email',
        template: 'cart/reminder',
        content,
        subject: {
          experiment: 'cart-subject',
          arms: [
            { name: 'plain', text: 'You left something behind' },
            { name: 'question', text: 'Still thinking it over?' },
          ],
        },
      },
    },
  ],
}

const number = { type: 'number' } as const
const string = { type: 'string' } as const

export const workspace: CompiledWorkspace = {
  zone: 'America/New_York',
  purposes: {
    'cart-reminders': { class: 'marketing', description: 'reminders about a cart that you left' },
    receipts: { class: 'transactional', description: 'receipts' },
  },
  policies: {
    'us-retail': {
      name: 'us-retail',
      senders: {},
      sendWindow: {},
      caps: [],
      whenCapped: 'refuse',
      minGapMs: 0,
      giveUpAfterMs: 18 * HOUR,
      postalAddress: '1 Example Street, Springfield, IL 62701',
      brand: 'Example Outfitters',
      utm: {},
    },
  },
  senders: {},
  pools: {},
  events: {
    'cart.abandoned': {
      type: 'object',
      properties: { cart: { type: 'object', properties: { id: string, total: number }, required: ['total'] } },
      required: ['cart'],
    },
    'order.placed': { type: 'object', properties: { cart_id: string, total: number } },
    'cart.emptied': { type: 'object', properties: { cart_id: string } },
  },
  contact: {
    type: 'object',
    properties: { first_name: string, state: { type: 'string', enum: ['CA', 'FL', 'NY'] }, age: { type: 'integer' } },
  },
}

export async function deployShop(
  database: Database,
  journeys: readonly CompiledJourney[] = [cartRecovery],
): Promise<void> {
  await deploy(database, { workspace, journeys, contents, commit: 'c0ffee', author: 'Ada', now: NOON })
}

export interface Shop {
  readonly database: Database
  readonly deps: IngestDeps
  take(...calls: IngestCall[]): ReturnType<typeof ingest>
  /** Takes calls as if they arrived at an instant. */
  takeAt(at: number, ...calls: IngestCall[]): ReturnType<typeof ingest>
}

export async function openShop(journeys?: readonly CompiledJourney[], database?: Database): Promise<Shop> {
  const store = database ?? (await openPglite(undefined))
  if (database === undefined) await migrate(store)
  await deployShop(store, journeys)
  const deps = { database: store, journeys: createDeployedJourneys(store) }
  return {
    database: store,
    deps,
    take: (...calls) => ingest(deps, calls, NOON),
    takeAt: (at, ...calls) => ingest(deps, calls, at),
  }
}

let counter = 0

/** A call that happened at `at` by a clock that is right, with an id of its own unless one is given. */
export function call(kind: IngestCall['kind'], fields: Partial<IngestCall> = {}): IngestCall {
  const messageId = fields.messageId ?? `message-${++counter}`
  return { kind, userId: 'ada', properties: {}, raw: JSON.stringify({ messageId }), ...fields, messageId }
}

export function abandoned(id: string, fields: Partial<IngestCall> = {}): IngestCall {
  return call('track', { event: 'cart.abandoned', properties: { cart: { id, total: 50 } }, ...fields })
}

export function ordered(cart: string, fields: Partial<IngestCall> = {}): IngestCall {
  return call('track', { event: 'order.placed', properties: { cart_id: cart, total: 50 }, ...fields })
}

/** The same call from somebody who has not said who they are. */
export function anonymous(call: IngestCall, anonymousId: string): IngestCall {
  const { userId: _, ...rest } = call
  return { ...rest, anonymousId }
}

export async function rows<Row extends object>(database: Database, query: string): Promise<readonly Row[]> {
  return database.query<Row>(query)
}
