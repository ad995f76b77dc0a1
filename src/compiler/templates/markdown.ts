import { marked } from 'marked'
import { MARKDOWN_LAYOUT } from './markdown-layout.ts'
import type { Masked } from './masking.ts'
import { tagMask } from './masking.ts'

/**
 * Markdown with its Liquid masked, as MJML in the plain layout that has brand, postal address and unsubscribe link by itself.
 * A paragraph that is nothing but a bold link becomes the button.
 */
export function markdownToMjml(masked: Masked): string {
  const tagsOnly = new RegExp(`^[ \\t]*(${tagMask(masked)}[ \\t]*)+$`, 'gm')
  const html = marked
    // Blank lines around a line of tags, or Markdown draws it into the paragraph or list item before it.
    .parse(masked.text.replaceAll(tagsOnly, '\n$&\n'), { async: false, gfm: true })
    // A tag alone in its paragraph stands for no text: `<p>{% if %}</p>` would leave an empty paragraph behind.
    .replaceAll(new RegExp(`<p>((?:\\s*${tagMask(masked)})+\\s*)</p>`, 'g'), '$1')
    .replaceAll(/<p><strong><a href="([^"]*)">(.*?)<\/a><\/strong><\/p>/g, '<p class="button"><a href="$1">$2</a></p>')
  return MARKDOWN_LAYOUT.replace('<!-- content -->', () => html)
}
