import type { HandOff } from './hand-off.ts'
import { factsOf } from './inbox-facts.ts'
import { fullTime } from './inbox-view.ts'
import type { InboxQuery } from './inbox-view.ts'
import { oneClickUrl } from './links.ts'
import { escapeHtml, html } from './markup.ts'
import type { Markup } from './markup.ts'

/**
 * The HTML part for a frame without scripts. Its links open in a new tab, through the inbox, which follows them as
 * written and tells the event webhook of the click.
 */
const framed = (handOff: HandOff): string => {
  let index = -1
  const body = (handOff.html ?? '').replace(
    /(<a\b[^>]*?\bhref\s*=\s*)(?:"https?:[^"]*"|'https?:[^']*')/gi,
    (_whole, before: string) => {
      index += 1
      return `${before}"${escapeHtml(`/inbox/open?id=${encodeURIComponent(handOff.id)}&n=${index}`)}"`
    },
  )
  return `<base target="_blank"><meta name="color-scheme" content="light"><style>html{font-family:system-ui,sans-serif}</style>${body}`
}

const headersOf = (handOff: HandOff): readonly (readonly [string, string])[] => [
  ['From', handOff.email?.fromName === null ? handOff.from : `${handOff.email?.fromName} <${handOff.from}>`],
  ['To', handOff.to],
  ['Subject', handOff.subject ?? ''],
  ['X-Message-Id', handOff.email?.messageId ?? ''],
  ...Object.entries(handOff.email?.headers ?? {}),
]

const partView = (handOff: HandOff, part: InboxQuery['part']): Markup => {
  switch (part) {
    case 'html':
      if (handOff.html === null) return html`<p class="missing">This email has no HTML part.</p>`
      return html`<iframe
        title="The email as its reader sees it"
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        srcdoc="${framed(handOff)}"
      ></iframe>`
    case 'text':
      return handOff.body === ''
        ? html`<p class="missing">This email has no text part.</p>`
        : html`<pre tabindex="0">${handOff.body}</pre>`
    case 'headers':
      return html`<dl class="headers" tabindex="0">
        ${headersOf(handOff).map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>`
    default:
      return part satisfies never
  }
}

const action = (handOff: HandOff, does: string, label: string): Markup => html`
  <form method="post" action="/inbox/read">
    <input type="hidden" name="id" value="${handOff.id}" />
    <button name="does" value="${does}">${label}</button>
  </form>
`

/** An email in a mail client, with what a reader can do to it. `link` builds the URL of another part. */
export const mailView = (
  handOff: HandOff,
  part: InboxQuery['part'],
  link: (part: InboxQuery['part']) => string,
): Markup => {
  const name = handOff.email?.fromName ?? handOff.from
  const unsubscribe = oneClickUrl(handOff)
  const parts = [
    ['html', 'Message'],
    ['text', 'Plain text'],
    ['headers', 'Headers'],
  ] as const
  return html`
    <div class="mail-stage">
      <article class="mail">
        <header class="mail-head">
          <h2>${handOff.subject ?? '(no subject)'}</h2>
          <div class="sender">
            <span class="avatar" aria-hidden="true">${name.slice(0, 1).toUpperCase()}</span>
            <p>
              <b>${name}</b> <span class="address">${handOff.email?.fromName === null ? '' : handOff.from}</span
              ><br /><span class="address">to ${handOff.to}</span>
            </p>
            <time>${fullTime(handOff.at)}</time>
          </div>
          ${unsubscribe !== null && html`<p class="list-unsubscribe">Mailing list · one-click unsubscribe offered</p>`}
          <div class="toolbar">
            <nav aria-label="Parts of the email">
              ${parts.map(
                ([value, label]) =>
                  html`<a href="${link(value)}" ${value === part ? html`aria-current="page"` : null}>${label}</a>`,
              )}
            </nav>
            <div class="actions">
              ${action(handOff, 'open', 'Mark opened')} ${action(handOff, 'complain', 'Report spam')}
              ${action(handOff, 'unsubscribe', 'Unsubscribe')}
            </div>
          </div>
        </header>
        <div class="part">${partView(handOff, part)}</div>
      </article>
      ${factsOf(handOff)}
    </div>
  `
}
