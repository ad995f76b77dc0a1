import type { Channel, Expression, Rate } from './compiled-journey.ts'
import type { ObjectSchema } from './field-schema.ts'

/**
 * What is true for every journey and always live: purposes, policies, senders, event and contact schemas, code pools.
 * Compiled from `journeys/segue.yaml`, `policies/`, `events/` and `offers/`; stored as one row; read at every gate.
 * A change of it acts at once on runs under way (guardrails are never pinned).
 */
export interface CompiledWorkspace {
  /** IANA zone in which operators read instants: summaries, details, reports. */
  readonly zone: string
  readonly purposes: Readonly<Record<string, Purpose>>
  readonly policies: Readonly<Record<string, Policy>>
  readonly senders: Readonly<Record<string, Sender>>
  readonly pools: Readonly<Record<string, CodePool>>
  /** By event name. An event without a schema here is rejected at the API with that reason. */
  readonly events: Readonly<Record<string, ObjectSchema>>
  /** The traits that conditions and templates may name as `contact.<trait>`. */
  readonly contact: ObjectSchema
  /** Named conditions over `contact`. Live: a change counts for whoever enters from then on. */
  readonly audiences?: Readonly<Record<string, Audience>>
  /** Where the audit and other reports are mailed; absent: nowhere. */
  readonly reports?: Reports
}

export interface Audience {
  readonly description?: string
  readonly if: Expression
}

export interface Reports {
  readonly to: readonly string[]
  /** Name of the email sender that they come from. */
  readonly sender: string
}

/** Optional parts are optional in the store as well: what was deployed by an older release stays readable. */
export interface Purpose {
  readonly class: 'marketing' | 'transactional'
  readonly description: string
  /** What people call it: on the sign-up page, in the preference centre, in confirmation texts. Absent: the id in words. */
  readonly title?: string
  /** `double`: a grant counts only after the person confirmed it from the address itself. Absent: single. */
  readonly optIn?: Partial<Readonly<Record<Channel, 'single' | 'double'>>>
  /** How often, in the words of a call to action: "up to 4 messages a month". CTIA Messaging Principles 5.1.1. */
  readonly frequency?: string
  /** Upper-case words that ask for this purpose when somebody texts them to one of our numbers. */
  readonly keywords?: readonly string[]
  /** The disclosure shown where consent is taken, and its version; both go into the ledger. */
  readonly disclosure?: { readonly text: string; readonly version: string }
  /** A consent lapses this long after it was given or given anew. Absent: never. */
  readonly consentExpiresAfterMs?: number
}

export interface Policy {
  readonly name: string
  /** Names of `senders`, by channel. A channel without one cannot be used under this policy. */
  readonly senders: Partial<Readonly<Record<Channel, string>>>
  /** The recipient's local hours in which marketing may leave, by channel. A channel without one has only the law's. */
  readonly sendWindow: Partial<Readonly<Record<Channel, DayWindow>>>
  /** Every one must hold. Rolling, over all journeys under all policies; with a purpose, over the messages of that purpose. */
  readonly caps: readonly (Rate & { readonly channel?: Channel; readonly purpose?: string })[]
  readonly whenCapped: 'refuse' | 'hold'
  readonly minGapMs: number
  /** After marketing on one channel the other stays silent for this long. Absent: `minGapMs` holds across channels as well. */
  readonly channelGapMs?: number
  readonly giveUpAfterMs: number
  /** Journeys, the most important first: when two want the same slot, the earlier one has it. One that is not named comes last. */
  readonly priorities?: readonly string[]
  /** Messages held for the window leave spread over this long after it opens. Absent: 30 minutes. */
  readonly openingSpreadMs?: number
  /** What a STOP ends. Absent: `marketing`. The law's own scope, where it is wider on that day, holds besides. */
  readonly stopScope?: 'purpose' | 'marketing' | 'everything'
  /** Marketing texts say how to opt out when the last that did is older than this. Absent: every text says it. */
  readonly optOutEveryMs?: number
  /** Where people's replies go, and how long marketing texts to somebody who wrote wait for the conversation. */
  readonly replies?: { readonly email?: string; readonly webhook?: string; readonly pauseMs: number }
  /** Marketing to somebody who has not clicked, ordered or answered for this long is refused. Absent: never. */
  readonly sunsetAfterMs?: number
  /** Shares of delivered messages at which a journey is warned about and paused. Absent: Gmail's published 0.1 % and 0.3 %. */
  readonly health?: Health
  /** Shown where consent is taken and in HELP answers. */
  readonly links?: { readonly terms?: string; readonly privacy?: string; readonly support?: string }
  /** CAN-SPAM 15 USC 7704(a)(5): the valid physical postal address, shown in every marketing email. */
  readonly postalAddress: string
  readonly brand: string
  /** Appended to links; existing parameters are kept. */
  readonly utm: Readonly<Record<string, string>>
}

/** Local wall-clock minutes of a day, `from` inclusive and `to` exclusive; `to` may be smaller (over midnight). Days: 1 Monday to 7 Sunday. */
export interface DayWindow {
  readonly fromMinute: number
  readonly toMinute: number
  readonly days?: readonly number[]
}

export type Sender =
  | {
      readonly channel: 'email'
      readonly provider: string
      readonly email: string
      readonly name?: string
      readonly replyTo?: string
    }
  | {
      readonly channel: 'sms'
      readonly provider: string
      readonly number: string
      /** Numbers for recipients in other countries, by ISO 3166 code. */
      readonly numbers?: Readonly<Record<string, string>>
      /** Absent: a long code. It decides the rate that carriers allow. */
      readonly kind?: 'long_code' | 'toll_free' | 'short_code' | 'alphanumeric'
      /** Segments a second that the carrier takes from this sender. Absent: what its kind allows. */
      readonly segmentsPerSecond?: number
      /** Segments a day that the carriers allow (T-Mobile's trust tiers). Absent: no limit. */
      readonly segmentsPerDay?: number
      /** What the number is registered for; facts for the doctor and the reviewer. */
      readonly registration?: Registration
    }

export interface Registration {
  /** `10dlc`, `toll_free` or `short_code`. */
  readonly programme: '10dlc' | 'toll_free' | 'short_code'
  /** The campaign's or verification's id at the registry. */
  readonly id: string
  /** Purposes that the campaign covers. A journey of any other purpose must not use the number. */
  readonly purposes: readonly string[]
  /** ISO date on which somebody last looked that it is in force. */
  readonly verified: string
}

/** Shares from 0 to 1 over the last day of a journey's delivered messages. */
export interface Health {
  readonly complaintWarn: number
  readonly complaintStop: number
  readonly bounceWarn: number
  readonly bounceStop: number
  /** Fewer messages than this say nothing. */
  readonly leastMessages: number
}

/** Where codes come from: made here from a prefix, or loaded from a file with `segue codes load`. */
export type CodePool =
  | { readonly kind: 'generated'; readonly prefix: string; readonly length: number }
  | { readonly kind: 'file'; readonly file: string }
