import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Scope } from '../../src/administration/api-key.ts'
import { type ApiDeps, createApi } from '../../src/http/api.ts'
import type { WebhookReceipt } from '../../src/ingestion/feedback.ts'
import type { RawWebhook } from '../../src/delivery/message-provider.ts'
import { sendId } from '../../src/core/send-id.ts'
import { type Database, DatabaseUnavailable } from '../../src/core/database.ts'
import { createDeployedJourneys } from '../../src/ingestion/deployed-journeys.ts'
import { abandoned, HOUR, NOON, openShop, rows, type Shop } from '../ingestion/shop.ts'

/** The API over the shop of the ingestion tests, without a network unless a test listens. */

export const WRITE_KEY = 'write-key-for-tests'
export const SERVER_KEY = 'server-key-for-tests'
/** Keys of the store, which {@link openSurface} puts there. */
export const ADMIN_KEY = storedKey('admin')
export const READ_KEY = storedKey('read')
export const SECRET = 'an unsubscribe secret for tests'
export const addressKeys = { current: 1, keys: { 1: 'an address key for tests' } }

export interface Surface {
  readonly shop: Shop
  readonly app: FastifyInstance
  readonly deps: ApiDeps
  readonly webhooks: (RawWebhook & { readonly provider: string; readonly kind: string })[]
  readonly logged: string[]
  /** Makes the store unreachable for as long as it is true. */
  storeDown: boolean
  /** What the next webhooks are answered with. */
  receipt: WebhookReceipt
}

export async function openSurface(overrides: Partial<ApiDeps> = {}, over?: Shop): Promise<Surface> {
  const shop = over ?? (await openShop())
  const logged: string[] = []
  const webhooks: Surface['webhooks'] = []
  const surface = {
    storeDown: false,
    receipt: { kind: 'accepted', recorded: 1, duplicates: 0, unreadable: 0 } as WebhookReceipt,
  }
  const reachable = (): void => {
    if (surface.storeDown) throw new DatabaseUnavailable('the store cannot be reached')
  }
  const database: Database = {
    kind: shop.database.kind,
    async query(text, parameters) {
      reachable()
      return shop.database.query(text, parameters)
    },
    async transaction(work) {
      reachable()
      return shop.database.transaction(work)
    },
    close: () => shop.database.close(),
  }
  const journeys = createDeployedJourneys(database)
  const deps: ApiDeps = {
    database,
    journeys,
    ingest: { database, journeys, maxSkewMs: Number.POSITIVE_INFINITY },
    clock: { now: () => NOON, scale: 1 },
    credentials: { writeKeys: ['another-key', WRITE_KEY], serverKeys: [SERVER_KEY] },
    addressKeys,
    unsubscribeSecrets: [SECRET],
    publicUrl: 'https://segue.example.com/base/',
    log: { level: 'info', stream: { write: (line) => logged.push(line) } },
    async receiveWebhook(provider, kind, webhook) {
      reachable()
      webhooks.push({ ...webhook, provider, kind })
      return surface.receipt
    },
    ...overrides,
  }
  await keepKey(shop.database, ADMIN_KEY, 'admin')
  await keepKey(shop.database, READ_KEY, 'read')
  const app = createApi(deps)
  await app.ready()
  return Object.assign(surface, { shop, app, deps, webhooks, logged })
}

function storedKey(scope: Scope): string {
  const part = (of: string): string => createHash('sha256').update(`${of} of the ${scope} key of tests`).digest('hex')
  return `segue_${scope}_${part('id').slice(0, 16)}_${part('secret').slice(0, 43)}`
}

/** Straight into the table: making one is an administrative act, and tests count those. */
async function keepKey(database: Database, key: string, scope: Scope): Promise<void> {
  const [, , id, secret = ''] = key.split('_')
  await database.query(
    `insert into api_key (id, scope, name, secret_hash, created_at, created_by)
     values ($1, $2, $3, $4, 0, 'tests') on conflict (id) do nothing`,
    [id, scope, `${scope} key of tests`, createHash('sha256').update(secret).digest('hex')],
  )
}

/** One sent email, whose contact has an address; returns the id of the send. */
export async function sentEmail(shop: Shop, addressHash: string | null, email = 'ada@example.com'): Promise<string> {
  await shop.take(abandoned('c1'))
  await shop.database.query('update contact set email = $1', [email])
  const [run] = await rows<{ id: string; version: string; contact_id: string }>(
    shop.database,
    'select id, version, contact_id from enrollment limit 1',
  )
  if (run === undefined) throw new Error('the trigger began no run')
  const id = sendId(run.id, 'first-email', 'action')
  await shop.database.query(
    `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class,
                       address_hash, state, reserved_at, handed_off_at, updated_at)
     values ($1, $2, 'first-email', 'action', 'cart-recovery', $3, $4, 'email', 'cart-reminders', 'marketing',
             $5, 'accepted', $6, $6, $6)`,
    [id, run.id, run.version, run.contact_id, addressHash, NOON - HOUR],
  )
  return id
}

export async function emptyStore(shop: Shop): Promise<void> {
  await shop.database.query(
    `truncate contact, consent_event, consent, suppression, event, rejection, enrollment, assignment, outbox,
              send, link, click cascade`,
  )
}

export const basic = (key: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
})
export const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })
