import type { HandOff } from './hand-off.ts'

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" }

const decode = (attribute: string): string =>
  attribute.replace(/&(amp|lt|gt|quot|#39|#x27);/gi, (whole, name: string) => entities[name.toLowerCase()] ?? whole)

/** The http links of a plain text, without the punctuation that ends the sentence around them. */
export const textLinks = (text: string): readonly string[] =>
  [...text.matchAll(/https?:\/\/[^\s<>"']+/gi)].map(([link]) => link.replace(/[.,;:!?)\]]+$/, ''))

const htmlLinks = (html: string): readonly string[] =>
  [...html.matchAll(/<a\b[^>]*?\bhref\s*=\s*(?:"(https?:[^"]*)"|'(https?:[^']*)')/gi)].map(([, double, single]) =>
    decode(double ?? single ?? ''),
  )

/** Every http link a reader of the message could follow, as written, in reading order. */
export const linksOf = (handOff: HandOff): readonly string[] =>
  handOff.html === null ? textLinks(handOff.body) : [...htmlLinks(handOff.html), ...textLinks(handOff.body)]

/** The one-click unsubscribe URL of an email (RFC 8058), if it offers one. */
export const oneClickUrl = (handOff: HandOff): string | null => {
  const headers = Object.entries(handOff.email?.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  )
  const header = (wanted: string): string => headers.find(([name]) => name === wanted)?.[1] ?? ''
  if (!/list-unsubscribe=one-click/i.test(header('list-unsubscribe-post'))) return null
  return /<(https?:[^>]+)>/i.exec(header('list-unsubscribe'))?.[1] ?? null
}

/** The emulator's people live on this machine: they follow no link that leads anywhere else. */
export const isLoopback = (url: string): boolean =>
  URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\]|[a-z0-9-]+\.localhost)$/.test(new URL(url).hostname)
