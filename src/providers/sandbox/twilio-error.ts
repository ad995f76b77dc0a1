/** An error as Twilio's API answers it. Clients must branch on `code`; the message text may change any day. */
export interface TwilioError {
  readonly status: number
  readonly code: number
  readonly message: string
}

const refusal = (code: number, message: string): TwilioError => ({ status: 400, code, message })

export const twilioErrors = {
  unauthenticated: { status: 401, code: 20003, message: 'Authenticate' },
  notFound: (path: string): TwilioError => ({
    status: 404,
    code: 20404,
    message: `The requested resource ${path} was not found`,
  }),
  toMissing: refusal(21604, "A 'To' phone number is required."),
  toInvalid: (to: string) => refusal(21211, `Invalid 'To' Phone Number: ${to}`),
  fromMissing: refusal(21603, "A 'From' phone number is required."),
  fromInvalid: (from: string) =>
    refusal(21212, `The 'From' number ${from} is not a valid phone number, shortcode, or alphanumeric sender ID.`),
  fromNotOurs: (from: string) =>
    refusal(21606, `The 'From' phone number provided (${from}) is not a valid message-capable Twilio phone number.`),
  queueFull: refusal(21611, "This 'From' number has exceeded the maximum number of queued messages."),
  sameNumber: refusal(21266, "'To' and 'From' number cannot be the same"),
  bodyMissing: refusal(21602, 'Message body is required.'),
  bodyTooLong: refusal(21617, 'The concatenated message body exceeds the 1600 character limit'),
  callbackInvalid: (url: string) => refusal(21609, `The 'StatusCallback' URL ${url} is not a valid URL.`),
  unroutable: (to: string) =>
    refusal(21612, `Message cannot be sent with the current combination of 'To' (${to}) and 'From'.`),
  regionOff: (to: string) =>
    refusal(21408, `Permission to send an SMS has not been enabled for the region indicated by the 'To' number: ${to}`),
  unsubscribed: refusal(21610, 'Attempt to send to unsubscribed recipient'),
  notMobile: (to: string) => refusal(21614, `'To' number is not a valid mobile number: ${to}`),
  scheduleNeedsService: refusal(35118, 'MessagingServiceSid is required to schedule a message'),
  sendAtInvalid: refusal(35114, 'SendAt time must be an ISO 8601 date and time in the future'),
  notRedactable: refusal(20009, 'Cannot update this message because it has not finished'),
  bodyNotEmpty: refusal(20001, 'Body can only be updated to an empty string'),
  notCancelable: refusal(30409, 'Message cannot be canceled: it is not in the scheduled state'),
} as const

const byStatus: Readonly<Record<number, readonly [code: number, message: string]>> = {
  400: [20001, 'Bad request'],
  403: [20403, 'Forbidden'],
  404: [20404, 'Not found'],
  429: [20429, 'Too Many Requests'],
  500: [20500, 'Internal Server Error'],
  503: [20503, 'Service unavailable'],
}

/** The error that a fault rule asks for. */
export const faultError = (status: number, code: number | undefined): TwilioError => {
  const [usual, message] = byStatus[status] ?? [20500, 'Error']
  return { status, code: code ?? usual, message }
}

export const twilioErrorBody = ({ status, code, message }: TwilioError): object => ({
  code,
  message,
  more_info: `https://www.twilio.com/docs/errors/${code}`,
  status,
})
