import { randomUUID } from 'node:crypto'
import type { Fault } from './faults.ts'
import { isFinal, lastStatus } from './hand-off.ts'
import type { Fate, HandOff, HandOffStatus } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import type { SandboxClock, SandboxDelays } from './sandbox-options.ts'
import { apiVersion } from './twilio-resource.ts'
import { twilioSignature, withoutFragment } from './twilio-signature.ts'
import type { FormPairs } from './twilio-signature.ts'
import type { VirtualTimers } from './virtual-timers.ts'
import type { Webhooks } from './webhooks.ts'

/** Carries an accepted text to its end. Resolves when every callback has been posted once. */
export type SmsDelivery = (handOff: HandOff, fault: Fault) => Promise<void>

export interface SmsDeliveryParts {
  readonly log: HandOffLog
  readonly timers: VirtualTimers
  readonly webhooks: Webhooks
  readonly clock: SandboxClock
  readonly delays: SandboxDelays
  readonly twilio: { readonly accountSid: string; readonly authToken: string }
  delivered(handOff: HandOff): void
}

type Step = { readonly status: string; readonly after: number; readonly errorCode?: number }

/** Twilio gives up on these before the carrier has seen the message: there is no `sent`, and the end is `failed`. */
const failedBeforeCarrier: ReadonlySet<number> = new Set([30001, 30002, 30010, 30036])

const stepsTo = (fate: Fate, delays: SandboxDelays): readonly Step[] => {
  if (fate.kind !== 'undelivered') {
    return [
      { status: 'sent', after: delays.sent },
      { status: 'delivered', after: delays.delivered - delays.sent },
    ]
  }
  const { errorCode } = fate
  if (failedBeforeCarrier.has(errorCode)) return [{ status: 'failed', after: delays.sent, errorCode }]
  return [
    { status: 'sent', after: delays.sent },
    { status: 'undelivered', after: delays.delivered - delays.sent, errorCode },
  ]
}

/** The form of a signed request from Twilio, ready to be posted. */
export const signedForm = (authToken: string, target: string, pairs: FormPairs, duplicates: number) => {
  const url = withoutFragment(target)
  return {
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'user-agent': 'TwilioProxy/1.1',
      'i-twilio-idempotency-token': randomUUID(),
      'x-twilio-signature': twilioSignature(authToken, url, pairs),
    },
    body: new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString(),
    duplicates,
  }
}

/** RawDlrDoneDate: the carrier's own time, YYMMDDhhmm without a zone. */
const carrierTime = (at: number): string => new Date(at).toISOString().replace(/\D/g, '').slice(2, 12)

const callbackPairs = (accountSid: string, handOff: HandOff, { status, at, errorCode }: HandOffStatus): FormPairs => {
  const service = handOff.sms?.messagingServiceSid ?? null
  return [
    ...(errorCode === undefined ? [] : ([['ErrorCode', String(errorCode)]] as const)),
    ['SmsSid', handOff.id],
    ['SmsStatus', status],
    ['MessageStatus', status],
    ['To', handOff.to],
    ['MessageSid', handOff.id],
    ...(service === null ? [] : ([['MessagingServiceSid', service]] as const)),
    ['AccountSid', accountSid],
    ['From', handOff.from],
    ['ApiVersion', apiVersion],
    ...(isFinal(status) ? ([['RawDlrDoneDate', carrierTime(at)]] as const) : []),
  ]
}

export const createSmsDelivery = (parts: SmsDeliveryParts): SmsDelivery => {
  const { log, timers, webhooks, clock, delays, twilio } = parts

  const callBack = async (handOff: HandOff, status: HandOffStatus, fault: Fault): Promise<void> => {
    const target = handOff.sms?.statusCallback ?? null
    if (target === null) return
    const pairs = callbackPairs(twilio.accountSid, handOff, status)
    await webhooks.post(signedForm(twilio.authToken, target, pairs, fault.duplicateWebhooks ?? 0))
  }

  return async (handOff, fault) => {
    const sendAt = handOff.sms?.sendAt ?? null
    if (sendAt !== null) await timers.sleep(sendAt - clock.now())
    const heldBack: HandOffStatus[] = []
    for (const step of stepsTo(handOff.fate, delays)) {
      const before = log.find(handOff.id) ?? handOff
      if (isFinal(lastStatus(before).status)) return
      // A status reached before a restart is not reached twice.
      if (before.statuses.some(({ status }) => status === step.status)) continue
      if (fault.webhookBeforeAnswer !== true) await timers.sleep(step.after)
      const status: HandOffStatus = { status: step.status, at: Math.floor(clock.now()), errorCode: step.errorCode }
      log.append({ kind: 'status', id: handOff.id, status })
      if (fault.reorderWebhooks === true) heldBack.unshift(status)
      else await callBack(handOff, status, fault)
    }
    for (const status of heldBack) await callBack(handOff, status, fault)
    if (handOff.fate.kind === 'delivered') parts.delivered(handOff)
  }
}
