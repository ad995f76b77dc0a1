import { countBySeverity } from '../../diagnostics/render-json.ts'
import { renderText } from '../../diagnostics/render-text.ts'
import type { Snapshot } from '../live-workspace.ts'
import { html, Markup, type Fragment } from '../markup.ts'
import { messagesOf } from '../previewed-message.ts'
import { PREVIEW_STYLE } from './style.ts'

export interface PreviewPage {
  readonly title: string
  readonly snapshot: Snapshot
  /** What {@link Snapshot.version} is known as to the page: another server's first version is not this one's. */
  readonly version: string
  readonly body: Fragment
  /** The message that the page is about. */
  readonly at?: { readonly journey: string; readonly step: string }
}

/** The whole page: what there is on the left, what is wrong above, and the page's own part. */
export function renderPage({ title, snapshot, version, body, at }: PreviewPage): string {
  const style = new Markup(`<style>${PREVIEW_STYLE}</style>`)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Segue preview</title>
        ${style}
        <script src="/preview.js" defer></script>
      </head>
      <body>
        <div id="live" data-version="${version}">
          <header class="side">
            <p class="brand">
              <a href="/">Segue preview<small>follows your files as you save</small></a>
            </p>
            ${sideList(snapshot, at)}
          </header>
          <main>
            ${at !== undefined && html`<p class="back"><a href="/">All messages</a></p>`} ${findings(snapshot)} ${body}
          </main>
        </div>
      </body>
    </html>`.text
}

function sideList({ journeys }: Snapshot, at: PreviewPage['at']): Markup {
  return html`<nav aria-label="Messages">
    ${journeys.map(
      ({ journey: { id, steps } }) =>
        html`<h2><a href="/#${id}">${id}</a></h2>
          <ol>
            ${messagesOf(steps)
              .filter(({ branch }) => branch === 'action')
              .map(
                ({ step, action }) =>
                  html`<li>
                    <a
                      href="/journeys/${id}/${step.id}"
                      ${at?.journey === id && at.step === step.id && html` aria-current="page"`}
                      ><span>${step.id}</span><span>${channelName(action.channel)}</span></a
                    >
                  </li>`,
              )}
          </ol>`,
    )}
  </nav>`
}

/** Errors with the lines that they are about, as `segue check` prints them; warnings folded up. */
function findings({ diagnostics, sources, journeys }: Snapshot): Fragment {
  const { error } = countBySeverity(diagnostics)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const others = diagnostics.filter(({ severity }) => severity !== 'error')
  const text = (shown: typeof diagnostics): string =>
    renderText(shown, (file) => sources.get(file), { color: false }).trimEnd()
  return [
    error > 0 &&
      html`<section class="findings broken" aria-labelledby="broken" role="alert">
        <h2 id="broken">
          ${journeys.some(({ stale }) => stale) && 'What you see is older: '}${
            error === 1 ? 'a file has an error' : `there are ${error} errors`
          }
        </h2>
        <pre tabindex="0">${text(errors)}</pre>
      </section>`,
    others.length > 0 &&
      html`<section class="findings" aria-label="Warnings">
        <details>
          <summary>${others.length} ${others.length === 1 ? 'warning or hint' : 'warnings and hints'}</summary>
          <pre tabindex="0">${text(others)}</pre>
        </details>
      </section>`,
  ]
}

export function channelName(channel: 'email' | 'sms'): string {
  return channel === 'email' ? 'Email' : 'Text'
}

/** A table that scrolls by itself where it is too wide, by keyboard as well. */
export function table(
  caption: string,
  head: readonly { readonly name: string; readonly number?: boolean }[],
  rows: readonly { readonly cells: readonly Fragment[]; readonly worst?: boolean }[],
): Markup {
  return html`<div class="rows" role="group" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${head.map(({ name, number }) => html`<th scope="col" ${number === true && html` class="number"`}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ cells, worst }) =>
            html`<tr ${worst === true && html` class="worst"`}>
              ${cells.map((cell, index) => html`<td ${head[index]?.number === true && html` class="number"`}>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
