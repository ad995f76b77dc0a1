import { createHash } from 'node:crypto'
import type { OutboundMessage } from './message-provider.ts'

/**
 * SHA-256 (hex) of what a person reads: it tells an unknown send from its neighbours when the carrier keeps no send key.
 * An SMS is its body and the number of its pictures, because that is all a carrier's message list gives back.
 */
export function bodyHash(message: OutboundMessage): string {
  switch (message.channel) {
    case 'sms':
      return smsHash(message.body, message.mediaUrls?.length ?? 0)
    case 'email':
      return textHash(`${message.subject}\n${message.text}\n${message.html}`)
    default:
      return message satisfies never
  }
}

/** Of a text with so many pictures. Without any it is the hash of the body alone. */
export function smsHash(body: string, pictures: number): string {
  return textHash(pictures === 0 ? body : `${body}\n${pictures} media`)
}

/** SHA-256 (hex) of a text. */
export function textHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}
