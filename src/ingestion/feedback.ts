import type { AddressKeys } from '../consent/address.ts'
import { noteSoftBounce } from '../consent/soft-bounce.ts'
import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Database, Statements } from '../core/database.ts'
import type { Feedback, MessageProvider, RawWebhook, Unreadable } from '../delivery/message-provider.ts'
import { findSend, type KnownSend, moveSend } from '../delivery/send-progress.ts'
import { findServiceMessage, moveServiceMessage } from '../delivery/service-message/progress.ts'
import { applyConsequence, consequenceOf } from './feedback-effects.ts'
import { recordInbound } from './inbound.ts'
import { keepRejection } from './rejections.ts'
import { recordRoutine, routineProof } from './routine-receipt.ts'

export interface WebhookDeps {
  readonly database: Database
  readonly keys: AddressKeys
  /** Compiled journeys by version. */
  readonly journey: (version: string) => Promise<CompiledJourney>
  /** Epoch milliseconds of real time: carriers sign real instants. */
  readonly realNow: () => number
}

/** What became of a webhook. Anything but `forged` is answered with success: the carrier has nothing to repeat. */
export type WebhookReceipt =
  | { readonly kind: 'accepted'; readonly recorded: number; readonly duplicates: number; readonly unreadable: number }
  | { readonly kind: 'forged' }

type Taken = 'recorded' | 'duplicate' | 'unreadable'

/**
 * Takes a carrier's webhook. Each part is a transaction of its own, so a part that cannot be stored fails the request, the carrier
 * sends all of it again, and what was stored before is recognised.
 *
 * @param receivedAt Virtual epoch milliseconds.
 */
export async function receiveWebhook(
  deps: WebhookDeps,
  provider: MessageProvider,
  kind: 'feedback' | 'inbound',
  webhook: RawWebhook,
  receivedAt: number,
): Promise<WebhookReceipt> {
  if (!provider.verifyWebhook(webhook, deps.realNow())) return { kind: 'forged' }
  const counts = { recorded: 0, duplicate: 0, unreadable: 0 }
  const parts = kind === 'feedback' ? provider.parseFeedback(webhook) : provider.parseInbound(webhook)
  for (const part of parts) counts[await take(deps, provider, part, receivedAt)]++
  return { kind: 'accepted', recorded: counts.recorded, duplicates: counts.duplicate, unreadable: counts.unreadable }
}

async function take(
  deps: WebhookDeps,
  provider: MessageProvider,
  part: ReturnType<MessageProvider['parseFeedback']>[number] | ReturnType<MessageProvider['parseInbound']>[number],
  receivedAt: number,
): Promise<Taken> {
  switch (part.kind) {
    case 'feedback':
      return recordFeedback(deps, provider, part, receivedAt)
    case 'inbound':
      return recordInbound(deps, provider.name, part, receivedAt)
    case 'unreadable':
      await keep(deps.database, provider.name, part, receivedAt)
      return 'unreadable'
    default:
      return part satisfies never
  }
}

/** One piece of feedback: its consequences, its row and the send's state, all or nothing. */
async function recordFeedback(
  deps: WebhookDeps,
  provider: MessageProvider,
  feedback: Feedback,
  receivedAt: number,
): Promise<Taken> {
  // Read before the transaction: neither the send's identity nor a version ever changes.
  const send = await findSend(deps.database, provider.name, feedback)
  const journey = send === undefined ? undefined : await deps.journey(send.version)
  const service = send === undefined ? await findServiceMessage(deps.database, provider.name, feedback) : undefined
  // A carrier's clock that runs ahead must not date a "no" after the "yes" that follows it.
  const at = Math.min(feedback.at ?? receivedAt, receivedAt)
  const proves = send && journey && routineProof(journey, send, feedback.event)
  if (send !== undefined && proves !== undefined) {
    return recordRoutine(deps.database, { provider: provider.name, send, feedback, proves, at, receivedAt })
  }
  return deps.database.transaction(async (statements): Promise<Taken> => {
    if (await isKnown(statements, provider.name, feedback.dedupeKeys)) return 'duplicate'
    const consequence = consequenceOf(feedback, provider.channel)
    if (consequence !== undefined && feedback.address !== undefined) {
      const { keys } = deps
      const said = {
        keys,
        channel: provider.channel,
        address: feedback.address,
        provider: provider.name,
        at,
        receivedAt,
      }
      await applyConsequence(statements, consequence, said, send?.contact_id ?? service?.contact_id ?? undefined)
    }
    if (service !== undefined) {
      await moveServiceMessage(statements, service.id, feedback, { at, receivedAt })
      return 'recorded'
    }
    if (send === undefined || journey === undefined) {
      const acted =
        consequence === undefined ? 'no send has this key' : `no send has this key; ${consequence.suppression} applied`
      const raw = { kind: 'unreadable', reason: 'unmatched', raw: describe(feedback) } as const
      await keep(statements, provider.name, raw, receivedAt, acted)
      return 'unreadable'
    }
    if (failsForNow(feedback) && feedback.address !== undefined) {
      const bounce = { keys: deps.keys, channel: provider.channel, address: feedback.address, sendId: send.id, at }
      await noteSoftBounce(statements, { ...bounce, provider: provider.name })
    }
    await insertFeedback(statements, provider.name, send, feedback, { at, receivedAt })
    await moveSend(statements, { send, journey, feedback, at, receivedAt })
    return 'recorded'
  })
}

/** A failure that says nothing for good about the address: a full mailbox, a phone that is off. */
function failsForNow({ event, permanent }: Feedback): boolean {
  return (event === 'bounced' || event === 'undelivered') && permanent !== true
}

/** Remembers every key and tells whether any was known. A concurrent duplicate waits here for the first to commit. */
async function isKnown(statements: Statements, provider: string, keys: readonly string[]): Promise<boolean> {
  const sorted = keys.toSorted()
  const fresh = await statements.query(
    'insert into feedback_key (provider, key) select $1, key from unnest($2::text[]) as k (key) on conflict do nothing returning key',
    [provider, sorted],
  )
  return fresh.length < sorted.length
}

async function insertFeedback(
  statements: Statements,
  provider: string,
  send: KnownSend,
  feedback: Feedback,
  times: { readonly at: number; readonly receivedAt: number },
): Promise<void> {
  await statements.query(
    `insert into feedback (send_id, provider, event, code, machine, at, received_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [send.id, provider, feedback.event, feedback.code ?? null, feedback.machine ?? false, times.at, times.receivedAt],
  )
}

/** Kept as it came, with the reason: nothing that arrived is lost without a trace. */
async function keep(
  statements: Statements,
  provider: string,
  part: Unreadable,
  receivedAt: number,
  detail: string = part.reason,
): Promise<void> {
  const reason = part.reason === 'unmatched' ? 'unmatched' : 'unreadable'
  await keepRejection(statements, {
    source: provider,
    reason,
    detail,
    payload: part.raw.replaceAll('\0', ''),
    receivedAt,
  })
}

/** Unmatched feedback without the address: it may be of somebody who was erased. */
function describe(feedback: Feedback): string {
  const { address: _, ...rest } = feedback
  return JSON.stringify(rest)
}
