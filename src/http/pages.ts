import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #ffffff; --ground: #f2f4f7; --line: #dde2e9; --act: #1f5fd6 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf2; --soft: #a3aebd; --paper: #1b212b; --ground: #10141b; --line: #303947; --act: #7aa7ff }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px; background: var(--ground);
  color: var(--ink); font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { width: 100%; max-width: 460px; padding: 36px; background: var(--paper); border: 1px solid var(--line); border-radius: 14px }
h1 { margin: 0 0 12px; font-size: 24px; line-height: 1.25; letter-spacing: -0.01em }
p { margin: 0 0 16px; color: var(--soft) }
p:last-child { margin-bottom: 0 }
form { margin: 24px 0 16px }
button { width: 100%; padding: 13px 20px; border: 0; border-radius: 9px; background: var(--act); color: var(--paper);
  font: inherit; font-weight: 600; cursor: pointer }
button:hover { filter: brightness(1.08) }
button:focus-visible { outline: 3px solid var(--act); outline-offset: 3px }
.brand { margin-bottom: 20px; font-size: 14px; font-weight: 600; color: var(--soft) }
`

/** The only style that the content security policy of these pages lets in. They have no scripts, images or fonts. */
export const PAGE_STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

export interface Page {
  readonly title: string
  readonly brand?: string
  readonly paragraphs: readonly string[]
  /** Label of the one button, which posts back to the page's own address. */
  readonly confirm?: string
}

/** Sends a page that works without scripts, follows the reader's colour scheme, and is never stored or indexed. */
export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-robots-tag', 'noindex')
    .send(renderPage(page))
}

function renderPage(page: Page): string {
  const [first, ...rest] = page.paragraphs
  const paragraph = (words: string): string => `<p>${escapeHtml(words)}</p>`
  const form =
    page.confirm === undefined
      ? ''
      : `<form method="post"><button type="submit" name="confirm" value="yes">${escapeHtml(page.confirm)}</button></form>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${page.brand === undefined ? '' : `<p class="brand">${escapeHtml(page.brand)}</p>`}
<h1>${escapeHtml(page.title)}</h1>
${first === undefined ? '' : paragraph(first)}
${form}
${rest.map(paragraph).join('\n')}
</main>
</body>
</html>
`
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
