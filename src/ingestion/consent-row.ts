import { normalizeAddress } from '../consent/address.ts'
import type { Channel } from '../core/compiled-journey.ts'
import { readInstant } from './instant.ts'

/** What all rows of an imported list have in common. */
export interface ConsentList {
  readonly purpose: string
  readonly channel: Channel
  /** Where the list comes from, as its owner calls it. */
  readonly name: string
  /** The purpose needs a confirmation on this channel, so each row must show one. */
  readonly double: boolean
}

export interface ConsentRow {
  readonly userId?: string
  /** Normalised. */
  readonly address: string
  readonly at: number
  readonly proof: Readonly<Record<string, unknown>>
}

/** A row as it was read: CSV has texts only, JSON may have anything. */
export type RawRow = Readonly<Record<string, unknown>>

export type ReadRow =
  | { readonly kind: 'row'; readonly row: ConsentRow }
  /** Kept aside. The reason names columns and never quotes what is in them. */
  | { readonly kind: 'kept_aside'; readonly reason: string }

/** The columns that an import understands, by their names in other systems as well. */
const COLUMNS = {
  userId: ['user_id', 'userId', 'external_id'],
  at: ['at', 'consented_at', 'timestamp'],
  source: ['source'],
  wording: ['wording'],
  wordingVersion: ['wording_version', 'wordingVersion', 'version'],
  language: ['language'],
  page: ['page'],
  keyword: ['keyword'],
  ip: ['ip'],
  userAgent: ['user_agent', 'userAgent'],
  jurisdiction: ['jurisdiction'],
  messageId: ['message_id', 'messageId'],
  confirmedAt: ['confirmation_at', 'confirmed_at'],
  confirmationMessage: ['confirmation_message_id'],
  confirmationMethod: ['confirmation_method'],
} as const
const ADDRESS: Readonly<Record<Channel, readonly string[]>> = { email: ['email', 'address'], sms: ['phone', 'address'] }
const LONGEST = 4_000

/**
 * Reads one row of a list. Whoever relies on a consent has to be able to show it (47 CFR 64.1200(a)(7), GDPR Art. 7(1)), so a row without
 * an instant, or without the words, page or keyword that it was given by, is kept aside.
 */
export function readConsentRow(raw: RawRow, list: ConsentList, now: number): ReadRow {
  const aside = (reason: string): ReadRow => ({ kind: 'kept_aside', reason })
  const rawAddress = textIn(raw, ADDRESS[list.channel])
  if (rawAddress === undefined) return aside(`no ${ADDRESS[list.channel].join(' or ')}`)
  const address = normalizeAddress(list.channel, rawAddress)
  if (address === undefined) {
    return aside(list.channel === 'email' ? 'not an email address' : 'not a phone number with its country code')
  }
  const at = readInstant(textIn(raw, COLUMNS.at))
  if (at === undefined) return aside('no proof: "at" must say when, in RFC 3339 with a zone')
  if (at > now) return aside('"at" is in the future')
  const { source, confirmedAt, confirmationMessage, confirmationMethod, userId, at: _, ...evidence } = columnsOf(raw)
  const { wording, page, keyword } = evidence
  if (wording === undefined && page === undefined && keyword === undefined) {
    return aside('no proof: "wording", "page" or "keyword" must say how')
  }
  const confirmation = readConfirmation(confirmedAt, confirmationMessage ?? confirmationMethod, now)
  if (confirmation === 'wrong') return aside('"confirmation_at" must be RFC 3339 with a zone, and not in the future')
  if (list.double && confirmation === undefined) {
    return aside('no confirmation: this purpose needs "confirmation_at" with its message id or method')
  }
  const how = confirmationMessage === undefined ? { method: confirmationMethod } : { messageId: confirmationMessage }
  const proof = {
    ...evidence,
    list: list.name,
    source: source ?? list.name,
    ...(confirmation !== undefined && { confirmation: { at: confirmation, ...how } }),
  }
  return { kind: 'row', row: { ...(userId !== undefined && { userId }), address, at, proof } }
}

function readConfirmation(at: string | undefined, how: string | undefined, now: number): number | 'wrong' | undefined {
  if (at === undefined || how === undefined) return undefined
  const instant = readInstant(at)
  return instant === undefined || instant > now ? 'wrong' : instant
}

function columnsOf(raw: RawRow): Partial<Record<keyof typeof COLUMNS, string>> {
  const found: Partial<Record<keyof typeof COLUMNS, string>> = {}
  for (const column of Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]) {
    const value = textIn(raw, COLUMNS[column])
    if (value !== undefined) found[column] = value
  }
  return found
}

/** The first of these columns that says something. */
function textIn(raw: RawRow, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = raw[name]
    if (typeof value !== 'string') continue
    const text = value.replaceAll('\0', '').trim().slice(0, LONGEST)
    if (text !== '') return text
  }
  return undefined
}
