import { setTimeout as sleep } from 'node:timers/promises'
import { control } from './crowd.ts'
import type { Stage } from './stage.ts'

/**
 * What goes wrong at the carriers, one front after the other: each is for the next few hand-offs and then over.
 * Two are never made: an error answer that proves a refusal although the message was taken (429 and accepted) would be a carrier
 * that lies, and no client can be right about that.
 */
const FRONTS: readonly (readonly object[])[] = [
  [{ status: 429, retryAfter: 1, next: 3 }],
  [{ status: 503, next: 2 }],
  [{ status: 500, acceptAnyway: true, next: 2 }],
  [{ dropConnection: 'after', next: 2 }],
  [{ dropConnection: 'before', next: 1 }],
  [{ duplicateWebhooks: 2, reorderWebhooks: true, next: 12 }],
  [{ webhookBeforeAnswer: true, next: 6 }],
  [{ channel: 'sms', undeliverable: 30003, next: 2 }],
  [{ channel: 'email', bounce: 'hard', next: 1 }],
  // Longer than a call may last: taken at once, answered too late.
  [{ latencyMs: 24_000, next: 1 }],
]
/** Answers that take a moment, so that a process dies with calls under way. */
const SLOW = { latencyMs: 120, next: 30 }

export async function weather(stage: Stage, signal: AbortSignal): Promise<void> {
  for (let front = 0; !signal.aborted; front++) {
    for (const rule of [...(FRONTS[front % FRONTS.length] ?? []), SLOW]) await control(stage, '/sandbox/rules', rule)
    await sleep(1_500, undefined, { signal }).catch(() => undefined)
  }
}
