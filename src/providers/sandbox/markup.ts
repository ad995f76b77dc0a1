/** HTML that is safe to put into HTML as it is. */
export interface Markup {
  readonly html: string
}

type Part = Markup | string | number | null | false | readonly Part[]

export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

const render = (part: Part): string => {
  if (part === null || part === false) return ''
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return 'html' in part ? part.html : part.map(render).join('')
}

/** A template tag: everything interpolated is escaped, unless it is markup already. */
export const html = (literals: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  html: literals.reduce((text, literal, index) => text + render(parts[index - 1] ?? null) + literal),
})

/** Only for text that this folder wrote itself. */
export const trusted = (text: string): Markup => ({ html: text })
