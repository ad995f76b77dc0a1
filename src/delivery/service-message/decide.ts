import { DEAD_REASONS, LIFTABLE_REASONS } from '../../consent/suppression.ts'
import type { ServiceMessageKind } from './service-message.ts'

/** Everything that the decision on one service message rests on, read after its address was locked. */
export interface ServiceMessageFacts {
  readonly kind: ServiceMessageKind
  readonly asked: boolean
  /** Epoch milliseconds at which what it answers was said. */
  readonly saidAt: number
  readonly validUntil: number
  /** Blocks of the address that are in force, and since when. */
  readonly suppressions: readonly { readonly reason: string; readonly at: number }[]
  /** The latest "no" of this person to the purpose, or to everything, on this channel; null if there is none. */
  readonly revokedAt: number | null
  /** A kill switch that concerns it is on. */
  readonly paused: boolean
  /** The live workspace has the sender, and its provider is configured here. */
  readonly hasSender: boolean
}

/** In the order in which they are checked. Stored and documented (docs/reasons.md), so never renamed. */
export const SERVICE_REFUSALS = ['erased', 'expired', 'suppressed', 'revoked'] as const
export type ServiceRefusal = (typeof SERVICE_REFUSALS)[number]

/** Tried again until the message is no longer valid. */
export const SERVICE_HOLDS = ['paused', 'no_sender', 'throttled'] as const
export type ServiceHold = (typeof SERVICE_HOLDS)[number]

export type ServiceDecision =
  | { readonly kind: 'send' }
  | { readonly kind: 'hold'; readonly reason: Exclude<ServiceHold, 'throttled'> }
  | { readonly kind: 'refuse'; readonly reason: ServiceRefusal }

/**
 * A confirmation of an opt-out within five minutes is presumed to be within the consent that it ends; a later one must be justified,
 * so there is none. 47 CFR 64.1200(a)(12).
 */
export const OPT_OUT_CONFIRMATION_MS = 300_000

/**
 * Whether a service message may go now. `scale` is the clock's: how late a message may be is a matter of machines, so an accelerated
 * clock stretches it.
 */
export function decideServiceMessage(facts: ServiceMessageFacts, now: number, scale = 1): ServiceDecision {
  if (now >= lateAt(facts, scale)) return { kind: 'refuse', reason: 'expired' }
  if (facts.suppressions.some((block) => binds(facts, block))) return { kind: 'refuse', reason: 'suppressed' }
  if (isRevoked(facts)) return { kind: 'refuse', reason: 'revoked' }
  if (facts.paused) return { kind: 'hold', reason: 'paused' }
  return facts.hasSender ? { kind: 'send' } : { kind: 'hold', reason: 'no_sender' }
}

/** The instant from which the message is too late. */
export function lateAt(
  { kind, saidAt, validUntil }: Pick<ServiceMessageFacts, 'kind' | 'saidAt' | 'validUntil'>,
  scale: number,
): number {
  const validMs = validUntil - saidAt
  return saidAt + (kind === 'opt_out_confirmation' ? Math.min(validMs, OPT_OUT_CONFIRMATION_MS) : validMs) * scale
}

/** Reasons that the person themself gave, and can take back. */
const OWN_NO: readonly string[] = LIFTABLE_REASONS

/** A reason that nobody here has heard of forbids everything but mail to operators. */
function binds({ kind, asked, saidAt }: ServiceMessageFacts, { reason, at }: { reason: string; at: number }): boolean {
  switch (kind) {
    case 'opt_out_confirmation':
    case 'help':
      // The answer to the very text that blocked the address, or to a question asked in spite of the block.
      return !OWN_NO.includes(reason)
    case 'opt_in_request':
    case 'opt_in_confirmation':
      // Only the person's own newer wish passes their older "no"; a STOP that came after the wish always wins.
      return !(OWN_NO.includes(reason) && asked && at < saidAt)
    case 'report':
    case 'reply_forward':
      return DEAD_REASONS.includes(reason)
    default:
      return kind satisfies never
  }
}

/** Who has said no since asking must not be asked to confirm, nor be welcomed. At the same instant the "no" wins. */
function isRevoked({ kind, saidAt, revokedAt }: ServiceMessageFacts): boolean {
  if (kind !== 'opt_in_request' && kind !== 'opt_in_confirmation') return false
  return revokedAt !== null && revokedAt >= saidAt
}
