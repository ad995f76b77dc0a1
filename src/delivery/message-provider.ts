import type { Channel } from '../core/compiled-journey.ts'

/**
 * The port that every message provider implements. Adding a provider adds a folder, not a branch.
 *
 * A provider never retries a hand-off by itself, never logs what the carrier answers (it quotes numbers and addresses),
 * and answers `unknown` whenever it cannot prove that the message was not accepted.
 */
export interface MessageProvider {
  readonly name: string
  readonly channel: Channel
  /** By what the carrier removes what it keeps of an erased person: message by message, or everything about an address at once. */
  readonly erases: 'messages' | 'recipients'

  /** Hands one message over. Never throws for what the network or the carrier does. */
  send(message: OutboundMessage, sendKey: string, deadline: Deadline): Promise<HandOff>

  /**
   * True only if the signature over the raw bytes is valid for one of the configured keys and, where the carrier signs a time,
   * that time is near `realNow` (epoch milliseconds of real time: signatures know nothing of a virtual clock).
   */
  verifyWebhook(webhook: RawWebhook, realNow: number): boolean

  /** Feedback in a verified webhook. Parts that are not understood come back as `unreadable`, never dropped. */
  parseFeedback(webhook: RawWebhook): readonly (Feedback | Unreadable)[]

  /** Messages from people in a verified webhook (replies, STOP). Empty for providers without inbound. */
  parseInbound(webhook: RawWebhook): readonly (InboundMessage | Unreadable)[]

  /** Looks up what became of a send whose outcome is unknown. `absent` proves nothing until the carrier has had time. */
  reconcile(send: ReconcileRequest, deadline: Deadline): Promise<Reconciliation>

  /** Removes what the carrier keeps, as far as its API goes. Asking again is harmless; what is gone already is `done`. Never throws. */
  redact(request: RedactRequest, deadline: Deadline): Promise<Redaction>
}

export type OutboundMessage =
  | {
      readonly channel: 'sms'
      readonly to: string
      readonly from: string
      readonly body: string
      /** Pictures that the carrier fetches and attaches: https addresses, at most ten. Absent: a plain text. */
      readonly mediaUrls?: readonly string[]
      /** Where the carrier reports the status; carries the send key, so a lost answer can still be matched. */
      readonly statusCallback: string
      /** Seconds after which the carrier must give up: what is left of the send window. */
      readonly validitySeconds?: number
    }
  | {
      readonly channel: 'email'
      readonly to: string
      readonly from: { readonly email: string; readonly name?: string }
      readonly replyTo?: string
      readonly subject: string
      readonly html: string
      readonly text: string
      /** Further headers, such as List-Unsubscribe (RFC 8058). */
      readonly headers: Readonly<Record<string, string>>
    }

/** A real-time bound of one call: it is not begun after it and is abandoned at it. */
export interface Deadline {
  /** Real milliseconds that are left. */
  remainingMs(): number
}

export type HandOff =
  | { readonly kind: 'accepted'; readonly providerId: string }
  /** Certainly not accepted. */
  | { readonly kind: 'rejected'; readonly class: RejectionClass; readonly code: string; readonly retryAfterMs?: number }
  /** The carrier may or may not have it. It is reconciled and never called again. */
  | { readonly kind: 'unknown'; readonly cause: string }

/**
 * - `opt_out`: the carrier holds a "no" of this person: suppress, never route around it.
 * - `bad_recipient`: permanently undeliverable at this address: a fallback may follow.
 * - `content`, `config`: ours to mend; nobody else would have got through either.
 * - `throttled`: certainly not accepted, may be decided again after `retryAfterMs`.
 */
export type RejectionClass = 'opt_out' | 'bad_recipient' | 'content' | 'config' | 'throttled'

export interface RawWebhook {
  /** The exact bytes of the body: signatures fail on anything re-serialised. */
  readonly body: Buffer
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The public URL that the carrier called, with its query, as it saw it. */
  readonly url: string
}

export interface Feedback {
  readonly kind: 'feedback'
  readonly event:
    | 'accepted'
    | 'sent'
    | 'delivered'
    | 'undelivered'
    /** The carrier itself does not know whether it arrived: final, counts as sent, never triggers a fallback. */
    | 'unconfirmed'
    | 'bounced'
    | 'complained'
    | 'opened'
    | 'clicked'
    | 'unsubscribed'
  readonly sendKey?: string
  readonly providerId?: string
  /** Any one of these seen before means the same feedback again. */
  readonly dedupeKeys: readonly string[]
  /** When it happened, epoch milliseconds, if the carrier says so. */
  readonly at?: number
  /** The carrier's code or classification, never free text. */
  readonly code?: string
  /** The address can never work: suppress it. */
  readonly permanent?: boolean
  /** The address it is about, so that a bounce or a complaint acts even when no send matches. Never stored or logged as it is. */
  readonly address?: string
  /** A machine (privacy proxy, scanner) did it: stored, never counted. */
  readonly machine?: boolean
}

export interface InboundMessage {
  readonly kind: 'inbound'
  readonly providerId: string
  readonly from: string
  readonly to: string
  readonly body: string
  /** The carrier has already acted on, and answered, this keyword: do not reply again. */
  readonly handledByCarrier?: 'stop' | 'start' | 'help'
}

/** Kept with the reason; nothing that arrived is lost. */
export interface Unreadable {
  readonly kind: 'unreadable'
  readonly reason: string
  readonly raw: string
}

export interface ReconcileRequest {
  readonly sendKey: string
  readonly to: string
  readonly from: string
  /** Nothing that the carrier took before this instant can be this send. Epoch milliseconds of the application's clock. */
  readonly notBefore: number
  /** See `bodyHash`: what was handed over, for carriers that keep no send key. */
  readonly bodyHash: string
  /** The carrier's ids of other sends: never an answer, so that an equal text of another step is not taken for this one. */
  readonly taken: readonly string[]
}

export type Reconciliation =
  | {
      readonly kind: 'found'
      readonly providerId: string
      readonly status: 'accepted' | 'delivered' | 'undelivered' | 'bounced'
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unavailable'; readonly cause: string }

export type RedactRequest =
  /** A message that was handed over, or came in. */
  | { readonly kind: 'message'; readonly providerId: string }
  /** Everything about an address, normalised. */
  | { readonly kind: 'recipient'; readonly address: string }

export type Redaction =
  /** Removed, on its way out, or not there any more. */
  | { readonly kind: 'done' }
  /** The carrier's API cannot. */
  | { readonly kind: 'not_offered' }
  /** Not now: the message is still under way, or nobody answers. Ask again. */
  | { readonly kind: 'unavailable'; readonly cause: string }
