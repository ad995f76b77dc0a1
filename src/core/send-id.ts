import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Branch } from './compiled-journey.ts'

/**
 * The send's id and its key towards the provider: a UUID made from enrollment, step and branch alone.
 *
 * A retry, replay, reset, redeploy or restored database gives the same id; an attempt or run number never belongs in it,
 * because then a second attempt would be a second message.
 */
export function sendId(enrollment: string, step: string, branch: Branch): string {
  const hex = bytesToHex(sha256(utf8ToBytes(`${enrollment}.${step}.${branch}`))).slice(0, 32)
  // Version 8 (custom) and variant bits, RFC 9562 section 5.8.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
