import type { NumberKind } from '../document/sender.ts'

/** US and Canadian toll-free area codes (North American Numbering Plan Administration). */
const TOLL_FREE = /^\+1(800|833|844|855|866|877|888)/

/** What a sender's number is by its looks. Toll-free numbers of other countries look like long codes. */
export function numberKind(number: string): NumberKind {
  if (/[A-Za-z]/.test(number)) return 'alphanumeric'
  if (!number.startsWith('+')) return 'short_code'
  return TOLL_FREE.test(number) ? 'toll_free' : 'long_code'
}
