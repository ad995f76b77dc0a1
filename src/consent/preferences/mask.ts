import type { Channel } from '../../core/compiled-journey.ts'

/**
 * Enough of an address for its owner to know it again, and not enough for anybody else: whoever got a forwarded mail sees the page
 * too. `j•••@example.com`; for a number its last two digits, to be put into a sentence.
 */
export function maskAddress(channel: Channel, address: string): string {
  switch (channel) {
    case 'email': {
      const at = address.lastIndexOf('@')
      const [first = ''] = address
      return at < 1 ? '•••' : `${first}•••${address.slice(at)}`
    }
    case 'sms':
      return address.slice(-2)
    default:
      return channel satisfies never
  }
}
