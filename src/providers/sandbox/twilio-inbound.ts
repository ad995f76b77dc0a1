import type { Text } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import type { SandboxClock, WebhookTargets } from './sandbox-options.ts'
import { messageSid, segmentsOf } from './twilio-create.ts'
import { signedForm } from './twilio-delivery.ts'
import { apiVersion } from './twilio-resource.ts'
import type { FormPairs } from './twilio-signature.ts'
import type { Webhooks } from './webhooks.ts'

export type OptOutType = 'STOP' | 'START' | 'HELP'

const keywords: Readonly<Record<OptOutType, readonly string[]>> = {
  STOP: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT'],
  START: ['START', 'YES', 'UNSTOP'],
  HELP: ['HELP', 'INFO'],
}

const confirmations: Readonly<Record<OptOutType, string>> = {
  STOP: 'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
  START:
    'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe.',
  HELP: 'Reply STOP to unsubscribe. Msg & Data Rates May Apply.',
}

/** Only a text that is exactly the keyword counts, in any case: "STOP please" blocks nothing at Twilio. */
const optOutTypeOf = (body: string): OptOutType | null => {
  const word = body.trim().toUpperCase()
  for (const type of ['STOP', 'START', 'HELP'] as const) if (keywords[type].includes(word)) return type
  return null
}

export interface Reply {
  readonly from: string
  /** The number that is written to; by default the one that last texted `from`. */
  readonly to?: string | undefined
  readonly body: string
}

export interface ReplyOutcome {
  readonly sid: string
  readonly to: string
  readonly optOutType: OptOutType | null
  /** The application's answer to the first attempt; null when there was none, or no inbound URL is set. */
  readonly webhookStatus: number | null
}

/** A person writes back. Null when nobody has texted that person and no `to` was given. */
export type SendReply = (reply: Reply) => Promise<ReplyOutcome | null>

export interface InboundParts {
  readonly log: HandOffLog
  readonly webhooks: Webhooks
  readonly clock: SandboxClock
  readonly twilio: { readonly accountSid: string; readonly authToken: string }
  targets(): WebhookTargets
}

export const createInbound = ({ log, webhooks, clock, twilio, targets }: InboundParts): SendReply => {
  const remember = (recipient: string, sender: string, type: OptOutType | null): void => {
    if (type === 'STOP') log.append({ kind: 'opted-out', recipient, sender })
    if (type === 'START') log.append({ kind: 'opted-in', recipient, sender })
  }

  return async ({ from, to: wanted, body }) => {
    const conversation = log
      .handOffs()
      .findLast(
        (handOff) => handOff.channel === 'sms' && handOff.to === from && (wanted ?? handOff.from) === handOff.from,
      )
    const to = wanted ?? conversation?.from
    if (to === undefined) return null
    const service = conversation?.sms?.messagingServiceSid ?? null
    const optOutType = optOutTypeOf(body)
    const text: Text = { id: messageSid(), direction: 'inbound', from, to, body, at: Math.floor(clock.now()) }
    log.append({ kind: 'text', text })
    remember(from, service ?? to, optOutType)
    if (optOutType !== null) {
      // Twilio answers the keywords itself; an application that answers too is heard twice.
      const answer: Text = {
        ...text,
        id: messageSid(),
        direction: 'outbound-reply',
        from: to,
        to: from,
        body: confirmations[optOutType],
      }
      log.append({ kind: 'text', text: answer })
    }
    const url = targets().twilioInboundUrl
    if (url === undefined) return { sid: text.id, to, optOutType, webhookStatus: null }
    const pairs: FormPairs = [
      ['ToCountry', 'US'],
      ['SmsMessageSid', text.id],
      ['NumMedia', '0'],
      ['SmsSid', text.id],
      ['SmsStatus', 'received'],
      ...(optOutType === null ? [] : ([['OptOutType', optOutType]] as const)),
      ['FromCountry', 'US'],
      ['Body', body],
      ['To', to],
      ...(service === null ? [] : ([['MessagingServiceSid', service]] as const)),
      ['NumSegments', String(segmentsOf(body))],
      ['MessageSid', text.id],
      ['AccountSid', twilio.accountSid],
      ['From', from],
      ['ApiVersion', apiVersion],
    ]
    const webhookStatus = await webhooks.post(signedForm(twilio.authToken, url, pairs, 0))
    return { sid: text.id, to, optOutType, webhookStatus }
  }
}
