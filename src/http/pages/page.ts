import type { FastifyReply } from 'fastify'
import type { Language } from '../../consent/preferences/language.ts'
import { type Fragment, html, Html } from './html.ts'
import { PAGE_STYLE } from './style.ts'

export interface Page {
  readonly title: string
  readonly brand?: string
  /** Absent: English. */
  readonly language?: Language
  readonly paragraphs: readonly Fragment[]
  /** Label of the one button, which posts back to the page's own address. */
  readonly confirm?: string
}

/** Sends a page of a few sentences and perhaps one button. */
export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  const [first, ...rest] = page.paragraphs
  const form =
    page.confirm !== undefined &&
    html`<form method="post">
      <button type="submit" name="confirm" value="yes">${page.confirm}</button>
    </form>`
  const body = html`${first !== undefined && html`<p>${first}</p>`}
  ${form && html`<div class="actions full">${form}</div>`} ${rest.map((words) => html`<p>${words}</p>`)}`
  return sendDocument(reply, status, { ...page, body })
}

export interface Document {
  /** Of the tab; with a mistake in it, it says so first, because that is what a screen reader reads first. */
  readonly title: string
  /** Absent: the title. */
  readonly heading?: string
  readonly brand?: string
  readonly language?: Language
  /** For forms and lists: a wider sheet that begins at the top. */
  readonly wide?: boolean
  readonly body: Html
  /** In small print below the sheet. */
  readonly foot?: Fragment
}

/** Sends a page that works without scripts, follows the reader's colour scheme, and is never stored or indexed. */
export function sendDocument(reply: FastifyReply, status: number, document: Document): FastifyReply {
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-robots-tag', 'noindex')
    .send(renderDocument(document))
}

/** The whole page, with the style in it: a file of it looks the same as the page. */
export function renderDocument({ title, heading, brand, language, wide, body, foot }: Document): string {
  // The style is ours, and its hash is in the policy: not one space more may be in the element.
  const style = new Html(`<style>${PAGE_STYLE}</style>`)
  return html`<!doctype html>
    <html lang="${language ?? 'en'}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}${brand !== undefined && ` · ${brand}`}</title>
        ${style}
      </head>
      <body>
        <main class="sheet${wide === true && ' wide'}">
          ${brand !== undefined && html`<p class="brand">${brand}</p>`}
          <h1>${heading ?? title}</h1>
          ${body}
        </main>
        ${foot !== undefined && foot !== false && html`<footer class="foot">${foot}</footer>`}
      </body>
    </html> `.text
}
