import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { Sender } from '../../core/workspace.ts'

type TextSender = Extract<Sender, { channel: 'sms' }>

/**
 * The number that a text to this recipient leaves from: the one for the recipient's country, or the sender's own. Pure, so that every
 * part that needs the number (writing, pacing, asking the carrier) finds the same one.
 *
 * The United States, Canada and others share +1 and are told apart by area code. Where a number says no more than its calling code, that
 * code's main country counts. Carriers of many countries refuse or hide a foreign
 * number: https://www.twilio.com/en-us/guidelines/sms
 *
 * @param to E.164.
 */
export function senderNumber({ number, numbers }: TextSender, to: string): string {
  if (numbers === undefined) return number
  const recipient = parsePhoneNumberFromString(to)
  const country = recipient?.country ?? recipient?.getPossibleCountries()[0]
  return country !== undefined && Object.hasOwn(numbers, country) ? (numbers[country] ?? number) : number
}
