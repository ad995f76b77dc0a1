import { countryOf } from '../../consent/revocation/scope.ts'

/**
 * Countries whose carriers take picture messages from a text sender. Elsewhere the words go alone: a carrier that cannot show a picture
 * refuses the whole message. Source: parameter `MediaUrl`, https://www.twilio.com/docs/messaging/api/message-resource
 */
const PICTURE_COUNTRIES: ReadonlySet<string> = new Set(['US', 'CA'])

/** Whether the phone at an E.164 number can be sent pictures. */
export function takesPictures(to: string): boolean {
  const country = countryOf(to)
  return country !== undefined && PICTURE_COUNTRIES.has(country)
}
