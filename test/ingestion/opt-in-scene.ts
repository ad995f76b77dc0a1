import { randomUUID } from 'node:crypto'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { Database } from '../../src/core/database.ts'
import type { CompiledWorkspace } from '../../src/core/workspace.ts'
import { deliverServiceMessage } from '../../src/delivery/service-message/hand-over.ts'
import { answerOptIn, takeConsent, type Taken, type Wish } from '../../src/ingestion/opt-in.ts'
import { clockAt, KEYS, NOON } from '../delivery/fixture.ts'
import { scripted, type ScriptedProvider } from '../delivery/scripted-provider.ts'
import { serviceDeps } from '../delivery/service-message/fixture.ts'

/** A shop with a purpose of each kind of opt-in, one person, and the texts that she gets and writes. */

export const SECRETS = ['a link secret for tests'] as const
const PUBLIC_URL = 'https://segue.example.com'

export const WORKSPACE: CompiledWorkspace = {
  zone: 'America/New_York',
  purposes: {
    newsletter: {
      class: 'marketing',
      description: 'News and offers.',
      title: 'news and offers',
      frequency: 'up to 2 messages a month',
      keywords: ['FERNWAY'],
      consentExpiresAfterMs: 365 * 86_400_000,
    },
    'cart-reminders': {
      class: 'marketing',
      description: 'Reminders of your cart.',
      optIn: { sms: 'double', email: 'double' },
      keywords: ['CART'],
    },
  },
  policies: {
    'us-retail': {
      name: 'us-retail',
      senders: { sms: 'shop-sms', email: 'shop-email' },
      sendWindow: {},
      caps: [],
      whenCapped: 'refuse',
      minGapMs: 0,
      giveUpAfterMs: 86_400_000,
      postalAddress: '1 Example Street',
      brand: 'The Shop',
      utm: {},
    },
  },
  senders: {
    'shop-sms': { channel: 'sms', provider: 'twilio', number: '+12025550100' },
    'shop-email': { channel: 'email', provider: 'sendgrid', email: 'shop@example.com' },
  },
  pools: {},
  events: {},
  contact: { type: 'object', properties: {} },
}

export interface Person {
  readonly contact: string
  readonly phone: string
  readonly email: string
}

export class OptInScene {
  readonly database: Database
  readonly twilio: ScriptedProvider = scripted('twilio')
  readonly sendgrid: ScriptedProvider = scripted('sendgrid')
  #people = 0
  #texts = 0

  constructor(database: Database) {
    this.database = database
  }

  async deploy(): Promise<void> {
    await this.database.query('insert into workspace (id, compiled, hash, deployed_at) values (1, $1, $2, $3)', [
      JSON.stringify(WORKSPACE),
      contentHash(WORKSPACE),
      NOON,
    ])
  }

  async person(more: { readonly phone?: string } = {}): Promise<Person> {
    this.#people += 1
    const two = String(this.#people % 100).padStart(2, '0')
    const areas = ['202', '212', '303', '415']
    const phone = more.phone ?? `+1${areas[Math.floor(this.#people / 100)] ?? '512'}55501${two}`
    const person = { contact: randomUUID(), phone, email: `person-${this.#people}@example.com` }
    await this.database.query(
      `insert into contact (id, email, phone, created_at, updated_at) values ($1, $2, $3, $4, $4)`,
      [person.contact, person.email, person.phone, NOON - 1],
    )
    return person
  }

  async wish(person: Person, more: Partial<Wish> = {}): Promise<Taken> {
    const at = more.at ?? NOON
    const deps = { keys: KEYS, links: { publicUrl: PUBLIC_URL, secrets: SECRETS } }
    return this.database.transaction((statements) =>
      takeConsent(statements, deps, WORKSPACE, {
        contactId: person.contact,
        channel: 'sms',
        purpose: 'cart-reminders',
        source: 'form',
        proof: { wording: 'Yes, text me.', page: 'https://shop.example.com/join' },
        at,
        recordedAt: at,
        ...more,
      }),
    )
  }

  async text(phone: string, text: string, at: number = NOON): ReturnType<typeof answerOptIn> {
    this.#texts += 1
    const said = { address: phone, text, providerId: `SM-in-${this.#texts}`, at }
    return this.database.transaction((statements) => answerOptIn(statements, { keys: KEYS }, said))
  }

  /** What the workers do with everything that was written, at one instant. Returns the states. */
  async handOver(at: number = NOON): Promise<readonly string[]> {
    const open = await this.database.query<{ id: string }>(
      `select id from service_message where state = 'reserved' order by said_at, id`,
    )
    const deps = serviceDeps(this.database, { twilio: this.twilio, sendgrid: this.sendgrid }, { clock: clockAt(at) })
    const states: string[] = []
    for (const { id } of open) {
      const result = await deliverServiceMessage(deps, id)
      states.push(result.kind === 'done' ? (result.reason ?? result.state) : result.reason)
    }
    return states
  }

  /** Drops what other tests have left unsent. */
  async forget(): Promise<void> {
    await this.database.query(`delete from service_message where state = 'reserved'`)
  }

  /** The texts that reached a phone. */
  textsTo(phone: string): readonly string[] {
    return this.twilio.handedOver.flatMap(({ message }) =>
      message.channel === 'sms' && message.to === phone ? [message.body] : [],
    )
  }

  /** The token in the last confirmation mail to an address. */
  tokenTo(email: string): string {
    const mail = this.sendgrid.handedOver.findLast(({ message }) => message.to === email)?.message
    const token = mail?.channel === 'email' ? /\/confirm\/(\S+)/.exec(mail.text)?.[1] : undefined
    if (token === undefined) throw new Error('no confirmation mail was handed over')
    return token
  }

  /** What the ledger says about a person, in order. */
  async ledger(contact: string): Promise<readonly string[]> {
    const entries = await this.database.query<{ state: string; source: string }>(
      'select state, source from consent_event where contact_id = $1 order by id',
      [contact],
    )
    return entries.map(({ state, source }) => `${state} by ${source}`)
  }

  async holds(contact: string, purpose = 'cart-reminders', channel = 'sms'): Promise<boolean> {
    const found = await this.database.query(
      `select 1 as held from consent where contact_id = $1 and purpose = $2 and channel = $3 and state = 'granted'`,
      [contact, purpose, channel],
    )
    return found.length > 0
  }
}
