import type { Fault } from './faults.ts'
import { isFinal, lastStatus } from './hand-off.ts'
import type { Fate, HandOff } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import type { SandboxClock, SandboxDelays } from './sandbox-options.ts'
import type { EmailEvents, EventKind } from './sendgrid-events.ts'
import type { VirtualTimers } from './virtual-timers.ts'

/** Carries an accepted email to its end. Resolves when every event of the delivery has been posted once. */
export type EmailDelivery = (handOff: HandOff, fault: Fault) => Promise<void>

export interface EmailDeliveryParts {
  readonly log: HandOffLog
  readonly timers: VirtualTimers
  readonly clock: SandboxClock
  readonly delays: SandboxDelays
  readonly events: EmailEvents
  delivered(handOff: HandOff): void
}

interface Step {
  readonly kind: EventKind
  readonly status: string
  readonly after: number
  readonly fields: Readonly<Record<string, unknown>>
}

const bounceFields = {
  bounce: {
    type: 'bounce',
    status: '5.1.1',
    reason: '550 5.1.1 The email account that you tried to reach does not exist.',
    bounce_classification: 'Invalid Address',
  },
  blocked: {
    type: 'blocked',
    status: '4.7.1',
    reason: '451 4.7.1 The message was temporarily refused by the receiving server.',
    bounce_classification: 'Reputation',
  },
} as const

const stepsTo = (fate: Fate, delays: SandboxDelays): readonly Step[] => {
  const processed: Step = { kind: 'processed', status: 'processed', after: delays.processed, fields: {} }
  const after = delays.delivered - delays.processed
  switch (fate.kind) {
    case 'dropped':
      return [
        {
          kind: 'dropped',
          status: 'dropped',
          after: delays.processed,
          fields: { reason: fate.reason, status: '5.0.0' },
        },
      ]
    case 'bounced':
      return [processed, { kind: 'bounce', status: fate.type, after, fields: { ...bounceFields[fate.type], tls: 1 } }]
    case 'delivered':
    case 'undelivered':
      return [
        processed,
        { kind: 'delivered', status: 'delivered', after, fields: { response: '250 2.0.0 OK', tls: 1 } },
      ]
    default:
      return fate satisfies never
  }
}

/** What SendGrid's own lists make of a recipient, before anything is sent. Blocks are temporary and hold nothing back. */
export const suppressionReason = (log: HandOffLog, email: string): string | null => {
  const lists = [
    ['bounces', 'Bounced Address'],
    ['spam_reports', 'Spam Reporting Address'],
    ['unsubscribes', 'Unsubscribed Address'],
  ] as const
  const found = lists.find(([list]) => log.suppressions(list).some((entry) => entry.email === email.toLowerCase()))
  return found?.[1] ?? null
}

export const createEmailDelivery = ({
  log,
  timers,
  clock,
  delays,
  events,
  delivered,
}: EmailDeliveryParts): EmailDelivery => {
  const suppress = (handOff: HandOff): void => {
    if (handOff.fate.kind !== 'bounced') return
    const list = handOff.fate.type === 'bounce' ? 'bounces' : 'blocks'
    const reason = bounceFields[handOff.fate.type].reason
    log.append({ kind: 'suppressed', list, email: handOff.to.toLowerCase(), at: Math.floor(clock.now()), reason })
  }

  return async (handOff, fault) => {
    const sendAt = handOff.email?.sendAt ?? null
    if (sendAt !== null) await timers.sleep(sendAt - clock.now())
    const atOnce = fault.webhookBeforeAnswer === true
    const duplicates = fault.duplicateWebhooks ?? 0
    const told: Promise<void>[] = []
    const heldBack: (() => Promise<void>)[] = []
    for (const step of stepsTo(handOff.fate, delays)) {
      const before = log.find(handOff.id) ?? handOff
      if (isFinal(lastStatus(before).status)) return
      // A status reached before a restart is not reached twice.
      if (before.statuses.some(({ status }) => status === step.status)) continue
      if (!atOnce) await timers.sleep(step.after)
      const at = Math.floor(clock.now())
      log.append({ kind: 'status', id: handOff.id, status: { status: step.status, at } })
      const tell = async (): Promise<void> => {
        await events.emit(handOff, step.kind, {
          fields: step.fields,
          duplicates,
          at,
          atOnce: atOnce || fault.reorderWebhooks === true,
        })
      }
      if (fault.reorderWebhooks === true) heldBack.unshift(tell)
      else told.push(tell())
    }
    suppress(handOff)
    for (const tell of heldBack) await tell()
    await Promise.all(told)
    if (handOff.fate.kind === 'delivered') delivered(handOff)
  }
}
