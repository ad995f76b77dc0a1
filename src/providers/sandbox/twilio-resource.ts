import { lastStatus } from './hand-off.ts'
import type { HandOff, Text } from './hand-off.ts'
import { segmentsOf } from './twilio-create.ts'

export const apiVersion = '2010-04-01'

/** Twilio's date format: RFC 2822, always in UTC, written as +0000. */
const rfc2822 = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000')

/** A message of the account, however it came about: what the list and fetch endpoints see. */
export interface MessageResource {
  readonly sid: string
  readonly to: string
  readonly from: string
  readonly createdAt: number
  /** Null until it was sent, which is why a list filtered by DateSent misses a message that is still queued. */
  readonly sentAt: number | null
  json(): Readonly<Record<string, unknown>>
}

const shared = (accountSid: string, sid: string): Readonly<Record<string, unknown>> => {
  const uri = `/${apiVersion}/Accounts/${accountSid}/Messages/${sid}`
  return {
    sid,
    account_sid: accountSid,
    api_version: apiVersion,
    price: null,
    price_unit: 'USD',
    uri: `${uri}.json`,
    subresource_uris: { media: `${uri}/Media.json` },
  }
}

export const handOffResource = (accountSid: string, handOff: HandOff): MessageResource => {
  const last = lastStatus(handOff)
  const sentAt = handOff.statuses.find(({ status }) => status === 'sent')?.at ?? null
  const waiting = last.status === 'accepted' || last.status === 'scheduled'
  return {
    sid: handOff.id,
    to: handOff.to,
    from: handOff.from,
    createdAt: handOff.at,
    sentAt,
    json: () => ({
      ...shared(accountSid, handOff.id),
      to: handOff.to,
      // A Messaging Service picks its sender, and counts segments, only after it has accepted the message.
      from: waiting ? null : handOff.from,
      num_segments: waiting ? '0' : String(handOff.sms?.segments ?? 1),
      body: handOff.body,
      status: last.status,
      direction: 'outbound-api',
      date_created: rfc2822(handOff.at),
      date_updated: rfc2822(last.at),
      date_sent: sentAt === null ? null : rfc2822(sentAt),
      error_code: last.errorCode ?? null,
      error_message: null,
      messaging_service_sid: handOff.sms?.messagingServiceSid ?? null,
      num_media: String(handOff.sms?.media.length ?? 0),
    }),
  }
}

export const textResource = (accountSid: string, text: Text): MessageResource => ({
  sid: text.id,
  to: text.to,
  from: text.from,
  createdAt: text.at,
  sentAt: text.at,
  json: () => ({
    ...shared(accountSid, text.id),
    to: text.to,
    from: text.from,
    num_segments: String(segmentsOf(text.body)),
    body: text.body,
    status: text.direction === 'inbound' ? 'received' : 'delivered',
    direction: text.direction,
    date_created: rfc2822(text.at),
    date_updated: rfc2822(text.at),
    date_sent: rfc2822(text.at),
    error_code: null,
    error_message: null,
    messaging_service_sid: null,
    num_media: '0',
  }),
})
