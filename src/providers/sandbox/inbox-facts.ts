import type { HandOff } from './hand-off.ts'
import { fullTime, toneOf } from './inbox-view.ts'
import { html } from './markup.ts'
import type { Markup } from './markup.ts'

const fact = (name: string, value: string | null): Markup | null =>
  value === null || value === ''
    ? null
    : html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`

/** What the provider knows about a message and its reader does not see. */
export const factsOf = (handOff: HandOff): Markup => html`
  <aside class="facts" id="facts" aria-label="Delivery">
    <h3>Delivery</h3>
    <ol class="steps">
      ${handOff.statuses.map(
        ({ status, at, errorCode }) =>
          html`<li class="tone-${toneOf(status)}">
            <b>${status}${errorCode === undefined ? '' : ` (${errorCode})`}</b><time>${fullTime(at)}</time>
          </li>`,
      )}
    </ol>
    <dl>
      ${[
        fact('Send key', handOff.sendKey),
        fact('Message id', handOff.id),
        fact('Segments', handOff.sms === null ? null : String(handOff.sms.segments)),
        fact('Messaging Service', handOff.sms?.messagingServiceSid ?? null),
        fact('Status callback', handOff.sms?.statusCallback ?? null),
        fact('Categories', handOff.email?.categories.join(', ') ?? null),
        fact('Template', handOff.email?.templateId ?? null),
        ...Object.entries(handOff.email?.customArgs ?? {}).map(([name, value]) => fact(name, value)),
      ]}
    </dl>
  </aside>
`
