import { hashAddress } from '../../src/consent/address.ts'
import { recordConsent } from '../../src/consent/ledger.ts'
import { signPreferenceToken } from '../../src/consent/preferences/token.ts'
import type { Channel } from '../../src/core/compiled-journey.ts'
import type { CompiledWorkspace } from '../../src/core/workspace.ts'
import { deploy } from '../../src/rollout/deploy.ts'
import { cartRecovery, contents, DAY, NOON, openShop, workspace as plain } from '../ingestion/shop.ts'
import { addressKeys, emptyStore, openSurface, SECRET, sentEmail, type Surface } from './surface.ts'

/** A shop with senders and purposes to choose from, and somebody who got an email from it. For the pages that people see. */

export const EMAIL = 'ada@example.com'
export const PHONE = '+12025550142'

const policy = plain.policies['us-retail']
if (policy === undefined) throw new Error('the shop has lost its policy')

const fullWorkspace: CompiledWorkspace = {
  ...plain,
  purposes: {
    'cart-reminders': {
      class: 'marketing',
      title: 'Cart reminders',
      description: 'What you left in your cart, with an offer now and then.',
      optIn: { sms: 'double' },
      frequency: 'up to 4 messages a month',
    },
    newsletter: {
      class: 'marketing',
      title: 'News and offers',
      description: 'New arrivals and sales, about twice a month.',
    },
    receipts: {
      class: 'transactional',
      title: 'Order updates',
      description: 'Receipts and the progress of your order.',
    },
  },
  policies: {
    'us-retail': {
      ...policy,
      brand: 'Fernway Goods',
      senders: { email: 'shop-email', sms: 'shop-sms' },
      links: { terms: 'https://shop.example.com/terms', privacy: 'https://shop.example.com/privacy' },
    },
  },
  senders: {
    'shop-email': { channel: 'email', provider: 'sandbox', email: 'shop@example.com' },
    'shop-sms': { channel: 'sms', provider: 'sandbox', number: '+12025550199' },
  },
}

export interface PreferenceShop {
  readonly surface: Surface
  /** The clock of the pages; starts at {@link NOON} with every {@link reset}. */
  now: number
  /** Somebody with both addresses and the grants given, who got an email an hour ago. */
  person(change?: { grants?: readonly (readonly [string, Channel])[]; phone?: string | null }): Promise<Known>
  reset(): Promise<void>
  close(): Promise<void>
}

export interface Known {
  readonly contactId: string
  readonly sendId: string
  readonly token: string
}

export async function openPreferenceShop(workspace: CompiledWorkspace = fullWorkspace): Promise<PreferenceShop> {
  const shop = await openShop()
  await deploy(shop.database, {
    workspace,
    journeys: [cartRecovery],
    contents,
    commit: 'c0ffee',
    author: 'Ada',
    now: NOON,
  })
  const opened = { now: NOON }
  const surface = await openSurface({ clock: { now: () => opened.now, scale: 1 }, signUpsPerTenMinutes: 1000 }, shop)
  return Object.assign(opened, {
    surface,
    person: async (change = {}) => {
      const id = await sentEmail(shop, hashAddress(addressKeys, 'email', EMAIL).hash, EMAIL)
      const [sent] = await shop.database.query<{ contact_id: string }>('select contact_id from send where id = $1', [
        id,
      ])
      const contactId = sent?.contact_id ?? ''
      await shop.database.query('update contact set phone = $2 where id = $1', [
        contactId,
        change.phone === undefined ? PHONE : change.phone,
      ])
      for (const [purpose, channel] of change.grants ?? []) {
        await shop.database.transaction((statements) =>
          recordConsent(statements, {
            contactId,
            channel,
            purpose,
            state: 'granted',
            source: 'form',
            proof: { page: 'a test' },
            at: NOON - DAY,
            recordedAt: NOON - DAY,
          }),
        )
      }
      return { contactId, sendId: id, token: signPreferenceToken({ kind: 'send', id }, SECRET) }
    },
    reset: async () => {
      opened.now = NOON
      await emptyStore(shop)
    },
    close: async () => {
      await surface.app.close()
      await shop.database.close()
    },
  } satisfies Omit<PreferenceShop, 'now'>)
}

/** A form as a browser sends it. */
export function formOf(fields: Readonly<Record<string, string | readonly string[]>>): string {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of typeof value === 'string' ? [value] : value) form.append(name, one)
  }
  return form.toString()
}

/** What the page sent along with its boxes, read back as a browser would. */
export function fieldsOf(page: string): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [tag] of page.matchAll(/<input\s[^>]*>/g)) {
    const attribute = (name: string): string | undefined => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
    const type = attribute('type')
    const sent = type === 'hidden' || ((type === 'checkbox' || type === 'radio') && /\schecked[\s/>]/.test(tag))
    if (sent) fields.append(attribute('name') ?? '', attribute('value') ?? '')
  }
  const chosen = /<option value="([^"]*)"[^>]* selected/.exec(page)?.[1]
  if (chosen !== undefined) fields.append('language', chosen)
  return fields
}
