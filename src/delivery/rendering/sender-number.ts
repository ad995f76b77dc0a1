import { countryOf } from '../../consent/revocation/scope.ts'
import type { Sender } from '../../core/workspace.ts'

type TextSender = Extract<Sender, { channel: 'sms' }>

/**
 * The number that a text to this recipient leaves from: the one for the recipient's country, or the sender's own. Pure, so that every
 * part that needs the number (writing, pacing, asking the carrier) finds the same one.
 *
 * The United States, Canada and others share +1 and are told apart by area code. Carriers of many countries refuse or hide a foreign
 * number: https://www.twilio.com/en-us/guidelines/sms
 *
 * @param to E.164.
 */
export function senderNumber({ number, numbers }: TextSender, to: string): string {
  const country = numbers === undefined ? undefined : countryOf(to)
  return country !== undefined && numbers !== undefined && Object.hasOwn(numbers, country)
    ? (numbers[country] ?? number)
    : number
}
