import { lastStatus } from './hand-off.ts'
import { factsOf } from './inbox-facts.ts'
import { icons } from './inbox-icons.ts'
import { clockTime, day, toneOf } from './inbox-view.ts'
import type { Bubble, Shown } from './inbox-view.ts'
import { escapeHtml, html, trusted } from './markup.ts'
import type { Markup } from './markup.ts'
import { textLinks } from './links.ts'

/** The text with its links live. Each leads through the inbox, which follows the link as written. */
const linked = ({ id, body }: Bubble): Markup => {
  let rest = body
  let out = ''
  for (const [index, link] of textLinks(body).entries()) {
    const at = rest.indexOf(link)
    const href = `/inbox/open?id=${encodeURIComponent(id)}&n=${index}`
    out += `${escapeHtml(rest.slice(0, at))}<a href="${escapeHtml(href)}" target="_blank" rel="noopener">${escapeHtml(link)}</a>`
    rest = rest.slice(at + link.length)
  }
  return trusted(out + escapeHtml(rest))
}

const noteOf = ({ handOff, at }: Bubble): Markup => {
  if (handOff === null) return html`${clockTime(at)}`
  const { status, errorCode } = lastStatus(handOff)
  const code = errorCode === undefined ? '' : ` ${errorCode}`
  return html`${clockTime(at)} · <span class="tone-${toneOf(status)}">${status}${code}</span>`
}

const bubble =
  (bubbles: readonly Bubble[], selected: string | null) =>
  (current: Bubble, index: number): Markup => {
    const newDay = index === 0 || day(bubbles[index - 1]?.at ?? 0) !== day(current.at)
    const lost = current.handOff !== null && toneOf(lastStatus(current.handOff).status) === 'bad'
    const classes = [
      'bubble',
      current.mine ? 'mine' : 'theirs',
      lost ? 'lost' : '',
      current.id === selected ? 'chosen' : '',
    ]
    return html`${newDay && html`<li class="day">${day(current.at)}</li>`}
      <li class="${classes.filter((name) => name !== '').join(' ')}">
        <p>${linked(current)}</p>
        ${(current.handOff?.sms?.media ?? []).map(
          // Named, never loaded: looking into the inbox must not call anybody.
          (address) => html`<p class="picture">Picture: ${address}</p>`,
        )}
        <small>${noteOf(current)}</small>
      </li>`
  }

/** Somebody's phone, with the whole thread of one sender and a box to write back. */
export const phoneView = (
  shown: Extract<Shown, { kind: 'phone' }>,
  bubbles: readonly Bubble[],
  selected: string | null,
): Markup => html`
  <div class="phone-stage">
    <section class="phone" aria-label="Phone of ${shown.person}">
      <header class="phone-head">
        <span class="avatar" aria-hidden="true"
          >${/^[A-Za-z]/.test(shown.sender) ? shown.sender.slice(0, 1).toUpperCase() : icons.shop}</span
        >
        <h2>${shown.sender}</h2>
        <p>to ${shown.person}</p>
      </header>
      <ol class="thread" id="thread" tabindex="0" aria-label="Messages">
        ${bubbles.map(bubble(bubbles, selected))}
      </ol>
      <form class="composer" method="post" action="/inbox/reply">
        <input type="hidden" name="from" value="${shown.person}" />
        <input type="hidden" name="to" value="${shown.sender}" />
        <label class="hidden" for="reply">Reply as ${shown.person}</label>
        <input id="reply" name="body" placeholder="Reply as this person" autocomplete="off" required maxlength="1600" />
        <button aria-label="Send reply">${icons.send}</button>
      </form>
      <div class="quick" role="group" aria-label="Quick replies">
        ${['STOP', 'START', 'HELP'].map(
          (word) =>
            html`<form method="post" action="/inbox/reply">
              <input type="hidden" name="from" value="${shown.person}" />
              <input type="hidden" name="to" value="${shown.sender}" />
              <button name="body" value="${word}">${word}</button>
            </form>`,
        )}
      </div>
    </section>
    ${shown.handOff !== null && factsOf(shown.handOff)}
  </div>
`
