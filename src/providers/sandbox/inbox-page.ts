import type { HandOffLog } from './hand-off-log.ts'
import { icons } from './inbox-icons.ts'
import { mailView } from './inbox-mail.ts'
import { phoneView } from './inbox-phone.ts'
import { inboxScript } from './inbox-script.ts'
import { inboxStyle } from './inbox-style.ts'
import { clockTime, day, fullTime, rowsOf, shownOf, threadOf, toneOf } from './inbox-view.ts'
import type { ChannelFilter, InboxQuery, InboxRow } from './inbox-view.ts'
import { html, trusted } from './markup.ts'
import type { Markup } from './markup.ts'

const urlOf = (query: InboxQuery, change: Partial<InboxQuery>): string => {
  const { channel, search, selected, part } = { ...query, ...change }
  const params = new URLSearchParams()
  if (channel !== 'all') params.set('channel', channel)
  if (search !== '') params.set('q', search)
  if (selected !== null) params.set('m', selected)
  if (part !== 'html') params.set('part', part)
  return `/inbox${params.size === 0 ? '' : `?${params.toString()}`}`
}

const kinds = { phone: 'Text to', mail: 'Email to', reply: 'Reply from' } as const

const row =
  (query: InboxQuery, today: string) =>
  (entry: InboxRow): Markup =>
    html`
      <li>
        <a
          id="row-${entry.id}"
          href="${urlOf(query, { selected: entry.id, part: 'html' })}"
          ${entry.id === query.selected ? html`aria-current="true"` : null}
        >
          <span class="kind kind-${entry.icon}">${icons[entry.icon]}</span>
          <span class="who"><span class="hidden">${kinds[entry.icon]} </span>${entry.person}</span>
          <time>${day(entry.at) === today ? clockTime(entry.at) : `${day(entry.at)}, ${clockTime(entry.at)}`}</time>
          <span class="preview">${entry.preview}</span>
          <span class="status tone-${toneOf(entry.status)}">${entry.status}</span>
        </a>
      </li>
    `

const filters: readonly (readonly [ChannelFilter, string])[] = [
  ['all', 'All'],
  ['sms', 'Texts'],
  ['email', 'Email'],
]

const reading = (log: HandOffLog, query: InboxQuery): Markup => {
  const shown = shownOf(log, query.selected)
  switch (shown.kind) {
    case 'nothing':
      return html`<div class="nothing">
        ${icons.empty}
        <p>
          ${log.handOffs().length === 0 ? 'No message has been handed over yet.' : 'Choose a message to read it as its reader would.'}
        </p>
      </div>`
    case 'phone':
      return phoneView(shown, threadOf(log, shown.person, shown.sender), query.selected)
    case 'mail':
      return mailView(shown.handOff, query.part, (part) => urlOf(query, { part }))
    default:
      return shown satisfies never
  }
}

/** The whole page. It asks nothing of any other host, and works without its script, which only refreshes it. */
export const inboxPage = (log: HandOffLog, query: InboxQuery, now: number): string => {
  const rows = rowsOf(log, query)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Sandbox inbox</title>
        <style>
          ${trusted(inboxStyle)}
        </style>
      </head>
      <body class="${query.selected === null ? 'listing' : 'reading'}" data-version="${log.version()}">
        <header class="bar">
          <h1><a href="/inbox">Sandbox inbox</a></h1>
          <nav class="filters" aria-label="Channel">
            ${filters.map(
              ([channel, label]) =>
                html`<a
                  href="${urlOf(query, { channel })}"
                  ${channel === query.channel ? html`aria-current="page"` : null}
                  >${label}</a
                >`,
            )}
          </nav>
          <form class="search" role="search" action="/inbox">
            ${query.channel !== 'all' && html`<input type="hidden" name="channel" value="${query.channel}" />`}
            ${icons.search}
            <label class="hidden" for="q">Search messages</label>
            <input id="q" type="search" name="q" value="${query.search}" placeholder="Search" />
          </form>
          <p class="clock"><span>Virtual time</span> <time id="clock">${fullTime(now)}</time></p>
        </header>
        <main>
          <nav class="list" aria-label="Messages">
            <p class="count" id="count" aria-live="polite">
              ${rows.length} ${rows.length === 1 ? 'message' : 'messages'}
            </p>
            <ol id="list">
              ${rows.map(row(query, day(now)))}
            </ol>
            ${rows.length === 0 && html`<p class="none">${query.search === '' ? 'Nothing here yet.' : 'No message matches.'}</p>`}
          </nav>
          <div class="pane">
            <a class="back" href="${urlOf(query, { selected: null, part: 'html' })}">${icons.back} All messages</a>
            ${reading(log, query)}
          </div>
        </main>
        ${trusted(`<script>${inboxScript}</script>`)}
      </body>
    </html>`
  return page.html
}
