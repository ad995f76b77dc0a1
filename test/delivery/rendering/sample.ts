import type { Content } from '../../../src/core/content.ts'
import type { Policy } from '../../../src/core/workspace.ts'
import type { RenderContext } from '../../../src/delivery/rendering/render.ts'
import type { Reservation } from '../../../src/gate/verdict.ts'

export const NOW = Date.UTC(2026, 10, 24, 18)

export const POLICY: Policy = {
  name: 'us-retail',
  senders: { email: 'shop-email', sms: 'shop-sms' },
  sendWindow: {},
  caps: [],
  whenCapped: 'refuse',
  minGapMs: 0,
  giveUpAfterMs: 0,
  postalAddress: '100 Example Street, Springfield, NY 10001, USA',
  brand: 'Fernway Goods',
  utm: { utm_source: 'segue', utm_medium: '{{ channel }}', utm_campaign: '{{ journey }}' },
}

const COMMON = {
  sendId: '00000000-0000-8000-a000-000000000001',
  enrollment: '00000000-0000-4000-8000-000000000002',
  journey: 'cart-recovery',
  version: 'v1',
  step: 'first-email',
  branch: 'action',
  contactId: '00000000-0000-4000-8000-000000000003',
  traits: { first_name: 'Ada', timezone: 'America/Chicago' },
  trigger: {
    cart: {
      id: 'c-1',
      total: 134.5,
      currency: 'USD',
      url: 'https://shop.example.com/basket?id=c-1&utm_source=own',
      items: [
        { name: 'Stoneware mug, moss', price: 24, quantity: 2 },
        { name: 'Washed linen throw', price: 62, quantity: 1 },
        { name: 'Brass reading lamp', price: 24.5 },
      ],
    },
  },
  policy: POLICY,
  offer: { percent: 10, codes: 'cart10', validForMs: 1, code: 'FERN-7K2QX', validUntil: NOW + 72 * 3_600_000 },
  class: 'marketing',
  purpose: 'cart-reminders',
  windowClosesAt: NOW + 3_600_000,
} as const satisfies Partial<Reservation>

export const EMAIL: Reservation = {
  ...COMMON,
  channel: 'email',
  action: { kind: 'message', channel: 'email', template: 'cart/reminder', content: 'hash' },
  address: 'ada@example.com',
  sender: {
    channel: 'email',
    provider: 'sendgrid',
    email: 'hello@mail.example.com',
    name: 'Fernway Goods',
    replyTo: 'help@example.com',
  },
}

export const SMS: Reservation = {
  ...COMMON,
  step: 'sms-code',
  channel: 'sms',
  action: { kind: 'message', channel: 'sms', template: 'cart/code', content: 'hash' },
  address: '+12025550100',
  sender: { channel: 'sms', provider: 'twilio', number: '+12025550123' },
}

export const CONTEXT: RenderContext = {
  links: (url, index) => `https://go.example.com/l/${index}?to=${encodeURIComponent(url)}`,
  unsubscribeUrl: 'https://go.example.com/u/token',
  preferencesUrl: 'https://go.example.com/p/token',
  statusCallback: 'https://go.example.com/webhooks/twilio/status?send=1',
  zone: 'America/New_York',
  now: NOW,
}

export function sms(body: string): Content {
  return { kind: 'sms', body, reads: [] }
}

export function email(
  html: string,
  parts: { readonly subject?: string; readonly text?: string; readonly reads?: readonly string[] } = {},
): Content {
  const { subject = 'Hello', text = 'Hello', reads = ['postal_address', 'unsubscribe_url'] } = parts
  return { kind: 'email', subject, html, text, reads }
}
