/** Which colours a reader's mail client asks for. */
export type Scheme = 'light' | 'dark'

/**
 * The security policy of a framed email: its own inline styles, and nothing else. No scripts, no requests: a picture or a style sheet from
 * elsewhere would tell its server that somebody is looking, and a preview tells nobody.
 */
export const MAIL_FRAME_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

/**
 * An email's HTML as a client with this colour scheme would show it. Browsers give a frame the scheme of the machine, so the queries for a
 * scheme are answered in the style sheet itself: ones for the wanted scheme always hold, those for the other never do.
 */
export function framedMail(html: string, scheme: Scheme): string {
  const always = '(min-width: 0px)'
  const never = '(max-width: 0px)'
  const answered = html
    .replaceAll(/\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)/gi, (_query, asked: string) =>
      asked.toLowerCase() === scheme ? always : never,
    )
    .replaceAll(/(<img\b[^>]*?\ssrc\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, `$1"${PLACEHOLDER}"`)
    .replaceAll(/(\sbackground\s*=\s*)(?:"https?:[^"]*"|'https?:[^']*')/gi, '$1""')
  // Written last, so that it wins; what the email itself says with more weight still does.
  const own = `<style>:root { color-scheme: ${scheme} } body { margin: 0 }</style>`
  const at = answered.search(/<\/head>/i)
  return at === -1 ? own + answered : answered.slice(0, at) + own + answered.slice(at)
}

/** The pictures of an email, which the preview does not fetch. */
export function picturesOf(html: string): readonly { readonly url: string; readonly alt: string }[] {
  return [...html.matchAll(/<img\b[^>]*>/gi)].map(([tag]) => ({
    url: attribute(tag, 'src'),
    alt: attribute(tag, 'alt'),
  }))
}

function attribute(tag: string, name: string): string {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag)
  return (found?.[1] ?? found?.[2] ?? '').replaceAll('&amp;', '&')
}

const PLACEHOLDER = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#9aa59f"/><path d="M8 30l9-12 6 8 4-5 6 9z" fill="#dfe5e1"/><circle cx="27" cy="13" r="3" fill="#dfe5e1"/></svg>',
)}`
