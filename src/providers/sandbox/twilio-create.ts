import { createHash, randomBytes } from 'node:crypto'
import { SegmentedMessage } from 'sms-segments-calculator'
import { sendKeyOf } from './hand-off.ts'
import type { Fate, HandOff } from './hand-off.ts'
import type { Form } from './twilio-form.ts'
import { twilioErrors } from './twilio-error.ts'
import type { TwilioError } from './twilio-error.ts'

const e164 = /^\+[1-9]\d{6,14}$/
const sender = /^(\+[1-9]\d{6,14}|\d{3,6}|(?=.*[A-Za-z])[A-Za-z0-9 &_-]{1,11})$/
const longestBody = 1_600

/** Twilio's magic recipients. https://www.twilio.com/docs/iam/test-credentials */
const magicTo = (to: string): TwilioError | null => {
  switch (to) {
    case '+15005550001':
      return twilioErrors.toInvalid(to)
    case '+15005550002':
      return twilioErrors.unroutable(to)
    case '+15005550003':
      return twilioErrors.regionOff(to)
    case '+15005550004':
      return twilioErrors.unsubscribed
    case '+15005550009':
      return twilioErrors.notMobile(to)
    default:
      return null
  }
}

const magicFrom = (from: string): TwilioError | null => {
  switch (from) {
    case '+15005550001':
      return twilioErrors.fromInvalid(from)
    case '+15005550007':
      return twilioErrors.fromNotOurs(from)
    case '+15005550008':
      return twilioErrors.queueFull
    default:
      return null
  }
}

/** The number a Messaging Service sends from: one per service, always the same, from the range kept for fiction. */
const serviceNumber = (messagingServiceSid: string): string => {
  const hash = createHash('sha256').update(messagingServiceSid).digest()
  return `+120255501${String(hash.readUInt16BE(0) % 100).padStart(2, '0')}`
}

export const messageSid = (): string => `SM${randomBytes(16).toString('hex')}`

/** Letters, digits and marks that take one septet each in any encoding that Twilio picks. */
const plain = /^[A-Za-z0-9 !"#%&'()*+,\-./:;<=>?@_$\n]*$/

/** 160 septets in one part, 153 in each of several. The library goes through graphemes, which most texts need not. */
export const segmentsOf = (body: string, smartEncoded = false): number => {
  if (plain.test(body)) return body.length <= 160 ? 1 : Math.ceil(body.length / 153)
  return new SegmentedMessage(body, 'auto', smartEncoded).segments.length
}

const callbackProblem = (url: string | null): TwilioError | null =>
  url === null || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
    ? null
    : twilioErrors.callbackInvalid(url)

const addressProblem = (to: string | null, from: string | null, service: string | null): TwilioError | null => {
  if (to === null || to === '') return twilioErrors.toMissing
  const magic = magicTo(to)
  if (magic !== null) return magic
  if (!e164.test(to)) return twilioErrors.toInvalid(to)
  if (from === null) return service === null ? twilioErrors.fromMissing : null
  if (from === to) return twilioErrors.sameNumber
  return magicFrom(from) ?? (sender.test(from) ? null : twilioErrors.fromInvalid(from))
}

/** What Twilio would check before it accepts a message. Its opt-out list is checked here too, as the real one does. */
export const createProblem = (
  form: Form,
  now: number,
  isOptedOut: (recipient: string, sender: string) => boolean,
): TwilioError | null => {
  const [to, from, service] = [form.get('To'), form.get('From'), form.get('MessagingServiceSid')]
  const address = addressProblem(to, from, service)
  if (address !== null) return address
  const body = form.get('Body') ?? ''
  if (body === '' && form.all('MediaUrl').length === 0 && form.get('ContentSid') === null)
    return twilioErrors.bodyMissing
  if (body.length > longestBody) return twilioErrors.bodyTooLong
  const callback = callbackProblem(form.get('StatusCallback'))
  if (callback !== null) return callback
  if (form.get('ScheduleType') !== null) {
    if (service === null) return twilioErrors.scheduleNeedsService
    if (!(Date.parse(form.get('SendAt') ?? '') > now)) return twilioErrors.sendAtInvalid
  }
  return isOptedOut(to ?? '', service ?? from ?? '') ? twilioErrors.unsubscribed : null
}

/** The message that a valid request creates. Ids are random, as Twilio's are; everything else follows from the form. */
export const newMessage = (form: Form, now: number, fate: Fate): HandOff => {
  const service = form.get('MessagingServiceSid')
  const statusCallback = form.get('StatusCallback')
  const body = form.get('Body') ?? ''
  const scheduled = form.get('ScheduleType') !== null
  const initial = scheduled ? 'scheduled' : service === null ? 'queued' : 'accepted'
  return {
    id: messageSid(),
    channel: 'sms',
    to: form.get('To') ?? '',
    from: form.get('From') ?? serviceNumber(service ?? ''),
    at: now,
    sendKey: sendKeyOf({}, statusCallback),
    subject: null,
    body,
    html: null,
    fate,
    statuses: [{ status: initial, at: now }],
    sms: {
      statusCallback,
      messagingServiceSid: service,
      segments: segmentsOf(body, form.get('SmartEncoded') === 'true'),
      media: form.all('MediaUrl'),
      deleted: false,
      sendAt: scheduled ? Date.parse(form.get('SendAt') ?? '') : null,
    },
    email: null,
  }
}
