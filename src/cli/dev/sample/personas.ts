import type { Channel } from '../../../core/compiled-journey.ts'

/** Why people are in the sample: each persona meets one rule of the product that a demonstration should show. */
export interface Persona {
  readonly name: string
  readonly count: number
  /** `wrong`: a number without an area code, which no carrier could route. Default: a good one. */
  readonly phone?: 'none' | 'wrong'
  /** Default: both channels. */
  readonly consents?: readonly Channel[]
  /** Channels for which the consent was taken back before the sample begins. */
  readonly optedOut?: readonly Channel[]
  readonly suppressed?: readonly Channel[]
  readonly story: Story
}

/** Minutes after the cart was reported as abandoned. */
export type Minutes = readonly [from: number, to: number]

export type Story =
  /** Buys at once with the measured share and delay, so that there never is an abandonment; the others leave and stay away. */
  | { readonly kind: 'as-measured' }
  | { readonly kind: 'leaves-cart'; readonly reacts?: Reaction }
  /** `order.placed` after this many minutes. */
  | { readonly kind: 'orders'; readonly after: Minutes }
  | { readonly kind: 'small-cart' }
  /** The client reports the abandonment twice with one message id, as after a lost answer. */
  | { readonly kind: 'reported-twice' }
  /** A second cart, so that two runs of one person meet the gap and the cap. */
  | { readonly kind: 'second-cart'; readonly after: Minutes }
  | { readonly kind: 'signs-up' }

export type Reaction = 'clicks-text' | 'clicks-text-twice' | 'replies-stop' | 'text-undeliverable' | 'email-bounces'

const HOUR = 60

export const PERSONAS: readonly Persona[] = [
  { name: 'usual shopper', count: 12, story: { kind: 'as-measured' } },
  { name: 'no phone', count: 3, phone: 'none', story: { kind: 'leaves-cart' } },
  { name: 'wrong number', count: 1, phone: 'wrong', story: { kind: 'leaves-cart' } },
  { name: 'no consent to texts', count: 3, consents: ['email'], story: { kind: 'leaves-cart' } },
  { name: 'no consent to emails', count: 3, consents: ['sms'], story: { kind: 'leaves-cart' } },
  { name: 'suppressed email address', count: 2, suppressed: ['email'], story: { kind: 'leaves-cart' } },
  { name: 'suppressed number', count: 1, suppressed: ['sms'], story: { kind: 'leaves-cart' } },
  { name: 'opted out of texts', count: 1, optedOut: ['sms'], story: { kind: 'leaves-cart' } },
  { name: 'opted out of everything', count: 1, optedOut: ['email', 'sms'], story: { kind: 'leaves-cart' } },
  { name: 'orders before the first email', count: 3, story: { kind: 'orders', after: [5, 50] } },
  { name: 'orders between email and text', count: 3, story: { kind: 'orders', after: [75, 165] } },
  { name: 'orders after the text', count: 3, story: { kind: 'orders', after: [5 * HOUR, 40 * HOUR] } },
  { name: 'clicks the text', count: 3, story: { kind: 'leaves-cart', reacts: 'clicks-text' } },
  { name: 'clicks the text twice', count: 1, story: { kind: 'leaves-cart', reacts: 'clicks-text-twice' } },
  { name: 'replies STOP', count: 3, story: { kind: 'leaves-cart', reacts: 'replies-stop' } },
  { name: 'text cannot be delivered', count: 3, story: { kind: 'leaves-cart', reacts: 'text-undeliverable' } },
  { name: 'mailbox is gone', count: 1, story: { kind: 'leaves-cart', reacts: 'email-bounces' } },
  { name: 'cart under 30 dollars', count: 3, story: { kind: 'small-cart' } },
  { name: 'reported twice', count: 1, story: { kind: 'reported-twice' } },
  { name: 'two carts', count: 2, story: { kind: 'second-cart', after: [15, 45] } },
  { name: 'signs up', count: 7, consents: ['email', 'sms'], story: { kind: 'signs-up' } },
  { name: 'signs up without consent', count: 2, consents: [], story: { kind: 'signs-up' } },
  { name: 'signs up with a suppressed address', count: 1, suppressed: ['email'], story: { kind: 'signs-up' } },
]
