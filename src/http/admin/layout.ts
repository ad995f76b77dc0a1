import type { FastifyReply } from 'fastify'
import { type Fragment, html, type Html } from '../pages/html.ts'
import { hidden } from '../pages/form-parts.ts'
import { sendDocument } from '../pages/page.ts'
import type { LoggedIn } from './login.ts'

/** In the order of the menu. Every page lies one level below `/admin`, so that relative links fit behind any path of a proxy. */
export const ADMIN_PAGES = {
  audit: 'Audit trail',
  switches: 'Kill switches',
  keys: 'API keys',
  replies: 'Open replies',
  rejections: 'Not taken',
  proof: 'Proof of consent',
} as const
export type AdminPage = keyof typeof ADMIN_PAGES

/** Sends a page for somebody who is logged in: the menu, who it is, and the way out. */
export function sendAdminPage(
  reply: FastifyReply,
  page: AdminPage,
  { principal, formToken }: LoggedIn,
  body: Html,
  status = 200,
): FastifyReply {
  const names = Object.entries(ADMIN_PAGES)
  const menu = html`<nav aria-label="Administration" class="menu">
    ${names.map(([path, name]) => html`<a href="${path}" ${path === page && html` aria-current="page"`}>${name}</a> `)}
  </nav>`
  const out = html`<form method="post" action="logout" class="actions">
    ${hidden('form', formToken('logout'))}
    <button type="submit" class="quiet">Log out ${principal.name}</button>
  </form>`
  return sendDocument(reply, status, {
    title: ADMIN_PAGES[page],
    brand: 'Segue administration',
    wide: true,
    body: html`${menu}${body}${out}`,
  })
}

/** A table that scrolls by itself where it is too wide, by keyboard as well. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly Fragment[])[]): Html {
  if (rows.length === 0) return html`<p>${caption}: nothing.</p>`
  return html`<div class="rows" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** Epoch milliseconds as people who compare logs read them. */
export function instant(at: number | null): string {
  return at === null ? '' : `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
