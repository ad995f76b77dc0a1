import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Person } from '../fixtures.ts'
import type { ShownJourney, Snapshot } from '../live-workspace.ts'
import { html, type Fragment, type Markup } from '../markup.ts'
import { bodiesOf, type PreviewedBody, type PreviewedMessage } from '../previewed-message.ts'
import type { RenderTerms } from '../rendered-message.ts'
import { conditionsOf, whenOf } from '../when.ts'
import { emailPart } from './email-part.ts'
import { channelName } from './layout.ts'
import { smsPart } from './sms-part.ts'
import { sendForm, type SendForm } from './send-form.ts'

export interface MessagePage {
  readonly snapshot: Snapshot
  readonly shown: ShownJourney
  /** The step's message, and its fallback. */
  readonly messages: readonly [PreviewedMessage, ...PreviewedMessage[]]
  readonly people: readonly [Person, ...Person[]]
  readonly person: Person
  readonly terms: RenderTerms
  readonly send: SendForm
  /** What became of a test send. */
  readonly notice?: { readonly text: string; readonly tone: 'good' | 'warn' }
}

/** One step: everything that it may send, to one made-up person. */
export function messagePage(page: MessagePage): Markup {
  const { shown, messages, notice, snapshot } = page
  const { journey, workspace, stale } = shown
  const [{ step, action }] = messages
  const purposeClass = workspace.purposes[journey.purpose]?.class ?? ''
  return html`<p class="crumbs"><a href="/#${journey.id}">${journey.id}</a></p>
    <h1>${step.id}</h1>
    <ul class="meta">
      ${stale && html`<li class="chip warn">as it was before the error</li>`}
      <li>${channelName(action.channel)}</li>
      <li>${whenOf(step)}</li>
      <li>${journey.purpose} (${purposeClass})</li>
      ${action.offer !== undefined && html`<li>offer ${action.offer}</li>`}
      ${conditionsOf(step).map((condition) => html`<li><code>${condition}</code></li>`)}
    </ul>
    ${notice !== undefined && html`<div class="notice${notice.tone === 'warn' && ' warn'}" role="status"><p>${notice.text}</p></div>`}
    ${personForm(page)} ${messages.map((message) => messageCard(page, message))}
    ${ownFindings(snapshot.diagnostics, journey.id, messages)}`
}

function personForm({ people, person }: MessagePage): Markup {
  return html`<form method="get" class="bar">
    <label for="person">Shown to</label>
    <select id="person" name="person" data-at-once>
      ${people.map(
        ({ name, label }) => html`<option value="${name}" ${name === person.name && html` selected`}>${label}</option>`,
      )}
    </select>
    <button type="submit" class="quiet">Show</button>
    ${person.description !== undefined && html`<p class="soft">${person.description}</p>`}
  </form>`
}

function messageCard(page: MessagePage, message: PreviewedMessage): Markup {
  const { shown, person, terms, people, send } = page
  const { branch, action } = message
  const bodies = bodiesOf(action)
  const title =
    branch === 'fallback'
      ? `Fallback: ${action.channel === 'email' ? 'an email' : 'a text'} when the message is undeliverable`
      : `${channelName(action.channel)} ${action.template}`
  const part = (body: PreviewedBody): Fragment =>
    action.channel === 'email'
      ? emailPart({ shown, message, body, person, terms })
      : smsPart({ shown, message, body, person, people, terms })
  return html`<section class="card" id="${branch}" aria-labelledby="${branch}-title">
    <h2 id="${branch}-title">${title}</h2>
    ${bodies.map(
      (body) =>
        html`<div class="part">
          ${body.arm !== undefined && html`<h3>Arm <span class="chip">${body.arm}</span> ${body.template}</h3>`}
          ${part(body)} ${sendForm(send, message, body, person)}
        </div>`,
    )}
  </section>`
}

/** What the rules say about the templates and the step, errors aside: they are above. */
function ownFindings(
  diagnostics: readonly Diagnostic[],
  journey: string,
  messages: readonly PreviewedMessage[],
): Fragment {
  const templates = new Set(
    messages.flatMap(({ action }) =>
      bodiesOf(action).flatMap(({ template }) => ['mjml', 'md', 'sms.txt'].map((end) => `messages/${template}.${end}`)),
    ),
  )
  const [{ step } = { step: { id: '' } }] = messages
  const own = diagnostics.filter(
    ({ file, path, severity }) =>
      severity !== 'error' &&
      (templates.has(file) || (file === `${journey}.yaml` && `${path}/`.startsWith(`/steps/${step.id}/`))),
  )
  return (
    own.length > 0 &&
    html`<section class="findings" aria-labelledby="own">
      <h2 id="own">What the rules say about this step</h2>
      ${own.map(({ code, message, help }) => html`<p>${code}: ${message}${help !== undefined && `; ${help}`}</p>`)}
    </section>`
  )
}
