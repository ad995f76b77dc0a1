/** HTML that may be written into a page as it is. Only {@link html} makes it, and whatever is not Markup is escaped there. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template. Undefined and false leave nothing behind, so that a part can be left out with `&&`. */
export type Fragment = Markup | string | number | undefined | false | readonly Fragment[]

/** A template of HTML: every value is escaped unless it is {@link Markup}. Attribute values must stand in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Fragment[]): Markup {
  return new Markup(parts.map((part, index) => part + textOf(values[index])).join(''))
}

function textOf(fragment: Fragment): string {
  if (fragment === undefined || fragment === false) return ''
  if (fragment instanceof Markup) return fragment.text
  if (typeof fragment === 'string') return escapeHtml(fragment)
  return typeof fragment === 'number' ? String(fragment) : fragment.map(textOf).join('')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(words: string): string {
  return words.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}
