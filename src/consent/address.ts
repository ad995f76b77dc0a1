import { createHmac } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { Channel } from '../core/compiled-journey.ts'

/**
 * Secret keys by version. Addresses are stored for look-up only as HMACs, because there are so few phone numbers that a plain
 * hash is reversed in seconds. Old versions stay for ever: an HMAC cannot be re-made without the address.
 */
export interface AddressKeys {
  readonly current: number
  readonly keys: Readonly<Record<number, string>>
}

const EMAIL_MAX = 254 // RFC 5321 section 4.5.3.1.3, without the angle brackets
const LOCAL_MAX = 64 // RFC 5321 section 4.5.3.1.1
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/**
 * The one spelling of an address: E.164 for `sms` (numbers without a country code are American), lower case with an ASCII
 * (IDNA) domain for `email`. Undefined if it cannot be an address. Two spellings of one address must never differ here,
 * or a STOP for the one would not stop the other.
 */
export function normalizeAddress(channel: Channel, raw: string): string | undefined {
  switch (channel) {
    case 'sms':
      return normalizeNumber(raw)
    case 'email':
      return normalizeEmail(raw)
    default:
      return channel satisfies never
  }
}

function normalizeNumber(raw: string): string | undefined {
  if (raw.length > 64) return undefined
  const number = parsePhoneNumberFromString(raw, 'US')
  // Possible, not valid: number plans change more often than releases, and a carrier says for certain.
  return number?.isPossible() === true ? number.number : undefined
}

function normalizeEmail(raw: string): string | undefined {
  const text = raw.trim()
  const at = text.lastIndexOf('@')
  if (at < 1 || text.length > 1_000) return undefined
  const local = text.slice(0, at).toLowerCase()
  const domain = domainToASCII(text.slice(at + 1)).toLowerCase()
  const email = `${local}@${domain}`
  return local.length <= LOCAL_MAX && email.length <= EMAIL_MAX && LOCAL.test(local) && DOMAIN.test(domain)
    ? email
    : undefined
}

/** HMAC-SHA256 (hex) of channel and normalised address under the current key. */
export function hashAddress(keys: AddressKeys, channel: Channel, address: string): { hash: string; version: number } {
  return { hash: hashUnder(keys, keys.current, channel, address), version: keys.current }
}

/** The hashes under every key version, the current one first: what to look an address up by. */
export function hashesOf(keys: AddressKeys, channel: Channel, address: string): string[] {
  const older = Object.keys(keys.keys).map(Number)
  const versions = [keys.current, ...older.filter((version) => version !== keys.current)]
  return versions.map((version) => hashUnder(keys, version, channel, address))
}

function hashUnder(keys: AddressKeys, version: number, channel: Channel, address: string): string {
  const key = keys.keys[version]
  if (key === undefined || key === '') throw new Error(`address key version ${version} is missing`)
  return createHmac('sha256', key).update(`${channel}:${address}`).digest('hex')
}
