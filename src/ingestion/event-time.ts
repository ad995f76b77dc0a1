import type { IngestCall } from './segment-call.ts'

/** A clock further off than this says nothing about when the event happened. */
const MAX_SKEW_MS = 30 * 86_400_000

export type EventTime =
  | { readonly kind: 'known'; readonly at: number }
  | { readonly kind: 'absurd'; readonly detail: string }

/**
 * When the event happened by our clock: receivedAt - (sentAt - originalTimestamp), as Segment does it, so that a client's
 * wrong clock cancels out. Never in the future: an event that has not happened cannot have been received.
 *
 * Without a `sentAt` the client's own timestamp is all there is, and it is taken at its word.
 * `maxSkewMs` is infinite under a development clock, which runs ahead of every client's.
 */
export function eventTime(
  call: Pick<IngestCall, 'originalTimestamp' | 'sentAt'>,
  receivedAt: number,
  maxSkewMs: number = MAX_SKEW_MS,
): EventTime {
  if (call.originalTimestamp === undefined) return { kind: 'known', at: receivedAt }
  const sentAt = call.sentAt ?? receivedAt
  const skewMs = receivedAt - sentAt
  if (Math.abs(skewMs) > maxSkewMs) {
    const days = Math.round(Math.abs(skewMs) / 86_400_000)
    return { kind: 'absurd', detail: `sentAt is ${days} days ${skewMs > 0 ? 'before' : 'after'} its arrival` }
  }
  return { kind: 'known', at: Math.max(0, Math.min(receivedAt, call.originalTimestamp + skewMs)) }
}
