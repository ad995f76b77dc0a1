import { convert } from 'html-to-text'

/** The plain text of an email's HTML: links as text and address, no pictures, nothing that the HTML hides. Liquid masks stay as they are. */
export function textOf(html: string): string {
  const heading = { uppercase: false }
  const text = convert(html, {
    wordwrap: false,
    selectors: [
      { selector: 'div[style*="display:none"]', format: 'skip' },
      { selector: '[aria-hidden="true"]', format: 'skip' },
      { selector: 'img', format: 'skip' },
      { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
      { selector: 'a', options: { linkBrackets: false, hideLinkHrefIfSameAsText: true } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: heading })),
    ],
  })
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}
