import { randomBytes } from 'node:crypto'
import type { EmailEvent, HandOff } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import type { SandboxClock, SandboxDelays, WebhookTargets } from './sandbox-options.ts'
import { sgMessageId } from './sendgrid-message.ts'
import { eventSignature } from './sendgrid-signature.ts'
import type { VirtualTimers } from './virtual-timers.ts'
import type { Webhooks } from './webhooks.ts'

export type EventKind =
  | 'processed'
  | 'delivered'
  | 'bounce'
  | 'dropped'
  | 'open'
  | 'click'
  | 'spamreport'
  | 'unsubscribe'

export interface EmitOptions {
  readonly fields?: Readonly<Record<string, unknown>>
  readonly duplicates?: number
  /** Posts the batch now instead of waiting for further events. */
  readonly atOnce?: boolean
  /** Virtual epoch milliseconds, when the event is told later than it happened. */
  readonly at?: number
}

export interface EmailEvents {
  /** Resolves when the batch that holds the event has been posted once. */
  emit(handOff: HandOff, kind: EventKind, options?: EmitOptions): Promise<void>
}

export interface EmailEventParts {
  readonly log: HandOffLog
  readonly timers: VirtualTimers
  readonly webhooks: Webhooks
  readonly clock: SandboxClock
  readonly delays: SandboxDelays
  readonly privateKey: string
  targets(): WebhookTargets
}

/** SendGrid's own bytes: items apart by comma and CR LF, and a CR LF at the end. The signature covers exactly these. */
export const eventBody = (events: readonly EmailEvent[]): string =>
  `[${events.map((event) => JSON.stringify(event)).join(',\r\n')}]\r\n`

const largestBatch = 100

/** One event. Custom args are flattened to the top level, where they may collide with SendGrid's own names, as they really do. */
const newEvent = (
  handOff: HandOff,
  kind: EventKind,
  at: number,
  fields: Readonly<Record<string, unknown>>,
): EmailEvent => {
  const { messageId, customArgs, categories } = handOff.email ?? {
    messageId: handOff.id,
    customArgs: {},
    categories: [],
  }
  return {
    ...customArgs,
    email: handOff.to,
    timestamp: Math.floor(at / 1_000),
    event: kind,
    ...(categories.length === 0 ? {} : { category: categories.length === 1 ? categories[0] : categories }),
    'smtp-id': `<${messageId}@ismtpd-sandbox>`,
    sg_event_id: randomBytes(16).toString('base64url'),
    sg_message_id: sgMessageId(handOff),
    ...fields,
  }
}

export const createEmailEvents = (parts: EmailEventParts): EmailEvents => {
  const { log, timers, webhooks, clock, delays, privateKey, targets } = parts
  let batch: EmailEvent[] = []
  let duplicates = 0
  let posted: Promise<void> | null = null
  let startNow: () => void = () => {}

  const post = async (): Promise<void> => {
    const events = batch
    const webhook = { url: targets().sendgridEventsUrl, duplicates }
    batch = []
    duplicates = 0
    posted = null
    if (webhook.url === undefined || events.length === 0) return
    const body = eventBody(events)
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'SendGrid Event API',
      ...eventSignature(privateKey, Math.floor(Date.now() / 1_000), body),
    }
    await webhooks.post({ url: webhook.url, headers, body, duplicates: webhook.duplicates })
  }

  const waitForOthers = async (): Promise<void> => {
    const full = new Promise<void>((resolve) => {
      startNow = resolve
    })
    await Promise.race([timers.sleep(delays.eventBatch), full])
    await post()
  }

  return {
    emit: async (handOff, kind, options = {}) => {
      const event = newEvent(handOff, kind, options.at ?? Math.floor(clock.now()), options.fields ?? {})
      log.append({ kind: 'event', id: handOff.id, event })
      batch.push(event)
      duplicates = Math.max(duplicates, options.duplicates ?? 0)
      posted ??= waitForOthers()
      const mine = posted
      if (options.atOnce === true || batch.length >= largestBatch) startNow()
      await mine
    },
  }
}
