import { plainText } from '../../compiler/templates/liquid.ts'

/** Something in the message that must not be sent; the reason names no personal data. */
export class Unrenderable extends Error {
  override readonly name = 'Unrenderable'
}

/** What happens to a target on its way into a message: parameters are added, then the tracked address takes its place. */
export interface LinkRewriter {
  /** The tracked address for an http(s) target. */
  readonly tracked: (target: string) => string
}

/**
 * One rewriter per message: a target is asked for once, and has the same tracked address in HTML and text.
 *
 * @param untouched the unsubscribe address and that of the preference centre, which are never rewritten: a tracker in between must
 *   not be able to break an opt-out.
 */
export function linkRewriter(
  utm: Readonly<Record<string, string>>,
  untouched: readonly string[],
  links: (url: string, index: number) => string,
): LinkRewriter {
  const addresses = new Map<string, string>()
  return {
    tracked: (target) => {
      if (untouched.includes(target)) return target
      const url = withParameters(target, utm)
      const known = addresses.get(url)
      if (known !== undefined) return known
      const address = links(url, addresses.size)
      addresses.set(url, address)
      return address
    },
  }
}

/** Adds parameters that are not there yet. The rest of the address stays as it is, byte for byte. */
function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const present = new URL(url).searchParams
  const added = Object.entries(parameters)
    .filter(([name]) => !present.has(name))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  if (added === '') return url
  const at = url.indexOf('#')
  const [address, fragment] = at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at)]
  const joint = !address.includes('?') ? '?' : /[?&]$/.test(address) ? '' : '&'
  return `${address}${joint}${added}${fragment}`
}

const ATTRIBUTE = /(\s)(href|src|background)(\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi

/**
 * Rewrites the `href`s of filled HTML. Other schemes than http(s), mailto, tel and sms are refused, not dropped: an address that came
 * with an event may try `javascript:`, and a button without a target is a broken message.
 */
export function rewriteHtml(html: string, rewriter: LinkRewriter): string {
  return html.replace(/<[a-z!][^>]*>/gi, (tag) =>
    tag.replace(ATTRIBUTE, (...match: readonly string[]) => {
      const [whole = '', space, name = '', equals, double, single, bare] = match
      const target = decodeEntities(double ?? single ?? bare ?? '').trim()
      const picture = name.toLowerCase() !== 'href'
      const scheme = schemeOf(target)
      if (scheme === 'http:' || scheme === 'https:') {
        return picture ? whole : `${space}${name}${equals}"${encodeEntities(rewriter.tracked(target))}"`
      }
      const allowed = !picture && (scheme === 'mailto:' || scheme === 'tel:' || scheme === 'sms:')
      if (!allowed) throw new Unrenderable('a link or picture has no web address')
      return whole
    }),
  )
}

/** Rewrites the addresses in plain text. Punctuation behind an address is not part of it. */
export function rewriteText(text: string, rewriter: LinkRewriter): string {
  return text.replace(/https?:\/\/[^\s<>"]+/gi, (found) => {
    const target = withoutPunctuation(found)
    return schemeOf(target) === undefined ? found : rewriter.tracked(target) + found.slice(target.length)
  })
}

function withoutPunctuation(found: string): string {
  let end = found.length
  while (end > 0) {
    const last = found[end - 1] ?? ''
    const unpaired = last === ')' && !found.slice(0, end).includes('(')
    if (!unpaired && !/[.,;:!?'\]}…]/.test(last)) break
    end--
  }
  return found.slice(0, end)
}

function schemeOf(target: string): string | undefined {
  return URL.canParse(target) ? new URL(target).protocol : undefined
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', quot: '"', apos: "'", lt: '<', gt: '>' }

function decodeEntities(text: string): string {
  const decoded = text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(amp|quot|apos|lt|gt));/gi,
    (whole, hex, decimal, name) => {
      if (typeof name === 'string') return NAMED[name.toLowerCase()] ?? whole
      const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal)
      return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole
    },
  )
  return plainText(decoded).replaceAll('\n', '')
}

function encodeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
