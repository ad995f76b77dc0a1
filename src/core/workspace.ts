import type { Channel, Rate } from './compiled-journey.ts'

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
}

export interface Purpose {
  readonly class: 'marketing' | 'transactional'
  readonly description: string
}

export interface Policy {
  readonly name: string
  /** Names of `senders`, by channel. A channel without one cannot be used under this policy. */
  readonly senders: Partial<Readonly<Record<Channel, string>>>
  /** The recipient's local hours in which marketing may leave, by channel. A channel without one has only the law's. */
  readonly sendWindow: Partial<Readonly<Record<Channel, DayWindow>>>
  /** Every one must hold. Rolling, over all journeys under all policies. */
  readonly caps: readonly (Rate & { readonly channel?: Channel })[]
  readonly whenCapped: 'refuse' | 'hold'
  readonly minGapMs: number
  readonly giveUpAfterMs: number
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
  | { readonly channel: 'sms'; readonly provider: string; readonly number: string }

/** Where codes come from: made here from a prefix, or loaded from a file with `segue codes load`. */
export type CodePool =
  | { readonly kind: 'generated'; readonly prefix: string; readonly length: number }
  | { readonly kind: 'file'; readonly file: string }

/** The part of JSON Schema that event and contact schemas may use. Nested objects are closed: unknown fields are errors in conditions. */
export interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, FieldSchema>>
  readonly required?: readonly string[]
}

export type FieldSchema =
  | {
      readonly type: 'string'
      readonly format?: 'date-time' | 'date' | 'email' | 'uri'
      readonly enum?: readonly string[]
    }
  | { readonly type: 'number' | 'integer' | 'boolean' }
  | { readonly type: 'array'; readonly items: FieldSchema }
  | ObjectSchema
