import type { AddressKeys } from '../../consent/address.ts'
import { suppress } from '../../consent/suppression.ts'
import type { Clock } from '../../core/clock.ts'
import type { Database } from '../../core/database.ts'
import type { ServiceResult } from '../../core/delivery.ts'
import { callDeadline, type RealTime } from '../call-deadline.ts'
import { outcomeOf } from '../deliver.ts'
import { handOver } from '../hand-over.ts'
import type { HandOff, MessageProvider, OutboundMessage } from '../message-provider.ts'
import { senderNumber } from '../rendering/sender-number.ts'
import { smartEncoded } from '../rendering/sms-encoding.ts'
import { statusCallbackUrl } from '../webhook-url.ts'
import {
  type ClaimedMessage,
  claimServiceMessage,
  lookAgainAt,
  recordServiceOutcome,
  releaseServiceMessage,
} from './claim.ts'

export interface ServiceMessageDeps {
  readonly database: Database
  readonly clock: Clock
  readonly time: RealTime
  readonly providers: (name: string) => MessageProvider | undefined
  readonly keys: AddressKeys
  /** Scheme, host and path prefix under which carriers report. */
  readonly publicUrl: string
  /** Real milliseconds from the beginning to the end of the call; less than the activity's start-to-close. */
  readonly callWithinMs?: number
}

const CALL_WITHIN_MS = 20_000
const LONGEST_RETRY_AFTER_MS = 600_000

/**
 * Hands one service message over, at most once: decided and claimed in one transaction, called once, the outcome recorded. Calling it
 * again is safe, as for `deliver`: before the claim nothing has happened, and after it nobody calls again.
 */
export async function deliverServiceMessage(deps: ServiceMessageDeps, id: string): Promise<ServiceResult> {
  const { database, clock, time, keys } = deps
  const deadline = callDeadline(time, deps.callWithinMs ?? CALL_WITHIN_MS)
  const startedRealAt = time.realNow()
  const claimDeps = {
    keys,
    hasProvider: (name: string) => deps.providers(name) !== undefined,
    scale: clock.scale,
  }
  const claim = await database.transaction((statements) =>
    claimServiceMessage(statements, claimDeps, id, clock.now(), startedRealAt),
  )
  if (claim.kind === 'hold') return { kind: 'held', until: claim.until, reason: claim.reason, at: clock.now() }
  if (claim.kind === 'done') return { kind: 'done', state: claim.state, reason: claim.reason }

  const { message } = claim
  const provider = deps.providers(message.sender.provider)
  if (provider === undefined) throw new Error(`the provider ${message.sender.provider} is not configured`)
  const outbound = write(deps, message)
  const isLate = (): boolean => clock.now() >= message.lateAt
  const handOff = await handOver(provider, outbound, id, deadline, isLate)
  return record(deps, { id, startedRealAt }, message, provider, handOff)
}

async function record(
  deps: ServiceMessageDeps,
  attempt: { readonly id: string; readonly startedRealAt: number },
  message: ClaimedMessage,
  provider: MessageProvider,
  handOff: HandOff,
): Promise<ServiceResult> {
  const { database, clock, keys } = deps
  const now = clock.now()
  if (handOff.kind === 'rejected' && handOff.class === 'throttled') {
    const asked = now + Math.min(LONGEST_RETRY_AFTER_MS, handOff.retryAfterMs ?? 0) * clock.scale
    const until = Math.min(Math.max(asked, lookAgainAt(message.saidAt, now, clock.scale)), message.lateAt)
    if (await releaseServiceMessage(database, attempt, now))
      return { kind: 'held', until, reason: 'throttled', at: now }
  }
  const outcome = outcomeOf(handOff)
  await database.transaction(async (statements) => {
    if (handOff.kind === 'rejected' && handOff.class === 'opt_out') {
      // What the carrier knows holds here as well. Contacts and address are locked before the row, as everywhere.
      const reason = message.channel === 'sms' ? 'stop' : 'unsubscribe'
      const { channel, address } = message
      await suppress(statements, { keys, channel, address, reason, source: provider.name, at: now })
    }
    await recordServiceOutcome(statements, attempt, outcome, now)
  })
  return { kind: 'done', state: outcome.state, reason: outcome.reason }
}

function write({ publicUrl, clock }: ServiceMessageDeps, message: ClaimedMessage): OutboundMessage {
  const { sender, address, id, text } = message
  switch (sender.channel) {
    case 'sms':
      return {
        channel: 'sms',
        to: address,
        from: senderNumber(sender, address),
        body: smartEncoded(text),
        statusCallback: statusCallbackUrl(publicUrl, sender.provider, id),
        validitySeconds: validitySeconds(message.lateAt - clock.now(), clock.scale),
      }
    case 'email': {
      const { email, name, replyTo } = sender
      return {
        channel: 'email',
        to: address,
        from: { email, ...(name !== undefined && { name }) },
        ...(replyTo !== undefined && { replyTo }),
        subject: message.subject ?? '',
        text,
        html: message.html ?? htmlOf(text),
        headers: {},
      }
    }
    default:
      return sender satisfies never
  }
}

/** Twilio takes 1 to 14,400 seconds; after them it drops what it has not passed on: https://www.twilio.com/docs/messaging/api/message-resource */
function validitySeconds(leftMs: number, scale: number): number {
  return Math.min(Math.max(Math.floor(leftMs / scale / 1_000), 1), 14_400)
}

/** The text as simple HTML: paragraphs where it has empty lines. */
function htmlOf(text: string): string {
  const escaped = text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character)
  const paragraphs = escaped.split(/\n{2,}/).map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br>')}</p>`)
  return `<!doctype html><html><body>${paragraphs.join('')}</body></html>`
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
