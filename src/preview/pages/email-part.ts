import type { OutboundMessage } from '../../delivery/message-provider.ts'
import type { RenderedLink } from '../../delivery/outbound.ts'
import type { Person } from '../fixtures.ts'
import type { ShownJourney } from '../live-workspace.ts'
import { picturesOf } from '../mail-frame.ts'
import { html, type Fragment, type Markup } from '../markup.ts'
import type { PreviewedBody, PreviewedMessage } from '../previewed-message.ts'
import { renderPreview, type RenderedMessage, type RenderTerms } from '../rendered-message.ts'
import { table } from './layout.ts'

export interface EmailPart {
  readonly shown: ShownJourney
  readonly message: PreviewedMessage
  readonly body: PreviewedBody
  readonly person: Person
  readonly terms: RenderTerms
}

type RenderedEmail = Extract<RenderedMessage, { readonly kind: 'rendered' }> & {
  readonly message: Extract<OutboundMessage, { readonly channel: 'email' }>
}

/** Gmail cuts an email off behind this: https://support.google.com/mail/answer/6594 speaks of large messages, senders measured 102 KB. */
const CLIPPED_BYTES = 102_000

/** How a body looks: in the list of an inbox under each subject, open in both schemes and on two sizes, and as plain text. */
export function emailPart(part: EmailPart): Markup {
  const { shown, message, body, person, terms } = part
  const rendered = body.subjects.map((arm) => ({
    arm,
    email: asEmail(renderPreview(shown, message, body, arm, person, terms)),
  }))
  const first = rendered.map(({ email }) => email).find((email) => typeof email !== 'string')
  const experiment = typeof message.action.subject === 'object' ? message.action.subject.experiment : undefined
  return html`
    ${experiment !== undefined && html`<p class="soft">Experiment ${experiment}: each contact sees one of these, for good.</p>`}
    <ul class="inbox" aria-label="In the inbox">
      ${rendered.map(({ arm, email }) => inboxRow(email, arm))}
    </ul>
    ${first !== undefined && html`${frames(part)}${facts(first)}`}
  `
}

function inboxRow(email: RenderedEmail | string, arm: string | undefined): Markup {
  const chip = arm !== undefined && html`<span class="chip">${arm}</span>`
  if (typeof email === 'string') {
    return html`<li>
      <p class="from">not sent</p>
      <p class="line"><span class="chip warn">the send is refused: ${email}</span></p>
      ${chip}
    </li>`
  }
  const { from, subject } = email.message
  return html`<li>
    <p class="from">${from.name ?? from.email}</p>
    <div class="line">
      <p class="subject">${subject}</p>
      <p class="preheader">${email.preheader ?? 'No preheader: the inbox shows how the text begins.'}</p>
    </div>
    ${chip}
  </li>`
}

/** Light and dark, on a screen and on a phone. */
function frames({ shown, message, body, person }: EmailPart): Markup {
  const address = (scheme: string): string =>
    `/mail/${shown.journey.id}/${message.step.id}?${new URLSearchParams({
      branch: message.branch,
      scheme,
      person: person.name,
      ...(body.arm === undefined ? {} : { arm: body.arm }),
    }).toString()}`
  const arm = body.arm === undefined ? '' : `, arm ${body.arm}`
  const name = message.branch === 'fallback' ? 'the fallback' : 'the email'
  return html`${(['light', 'dark'] as const).map(
    (scheme) =>
      html`<div class="part">
        <h3>${scheme === 'light' ? 'Light' : 'Dark'}</h3>
        <div class="frames">
          ${(['desktop', 'phone'] as const).map((size) => {
            const words = size === 'desktop' ? 'Desktop, 640 pixels' : 'Phone, 375 pixels'
            return html`<figure>
              <figcaption>${words}</figcaption>
              <div class="frame ${size} ${scheme}" role="group" aria-label="${words}, ${scheme}${arm}" tabindex="0">
                <iframe
                  title="How ${name} looks: ${scheme}, ${size}${arm}"
                  sandbox="allow-same-origin"
                  src="${address(scheme)}"
                ></iframe>
              </div>
            </figure>`
          })}
        </div>
      </div>`,
  )}`
}

function facts({ message, links }: RenderedEmail): Fragment {
  const bytes = Buffer.byteLength(message.html)
  const pictures = picturesOf(message.html)
  const headers = Object.entries(message.headers)
  const rows: readonly (readonly [string, Fragment])[] = [
    ['From', `${message.from.name ?? ''} <${message.from.email}>`.trim()],
    ...(message.replyTo === undefined ? [] : [['Reply-To', message.replyTo] as const]),
    ...headers,
    [
      'Size',
      html`${Math.max(1, Math.round(bytes / 1000))} KB of
      HTML${bytes > CLIPPED_BYTES && html` <span class="chip warn">Gmail would clip it</span>`}`,
    ],
    ...(pictures.length === 0
      ? []
      : [
          [
            'Pictures',
            html`${pictures.map(({ url, alt }) => html`<p>${url} (${alt === '' ? 'no alt text' : alt})</p>`)}
              <p class="soft">Not fetched here: a preview asks nothing of another server.</p>`,
          ] as const,
        ]),
  ]
  return html`<div class="part">${linkTable(links)}</div>
    <div class="part">
      <details>
        <summary>Plain text part</summary>
        <pre class="plain" tabindex="0">${message.text}</pre>
      </details>
    </div>
    <div class="part">
      <details>
        <summary>Headers and size</summary>
        ${table(
          'Headers and size',
          [{ name: 'What' }, { name: 'Value' }],
          rows.map((cells) => ({ cells })),
        )}
      </details>
    </div>`
}

/** Where a reader can go, with the parameters that the policy adds. */
export function linkTable(links: readonly RenderedLink[]): Markup {
  if (links.length === 0) return html`<p class="soft">No links that are tracked.</p>`
  return table(
    'Links, as they lead with the parameters of the policy',
    [{ name: 'Leads to' }, { name: 'Characters', number: true }],
    links.map(({ url }) => ({ cells: [html`<code>${url}</code>`, url.length] })),
  )
}

function asEmail(rendered: RenderedMessage): RenderedEmail | string {
  if (rendered.kind === 'unrenderable') return rendered.reason
  const { message } = rendered
  return message.channel === 'email' ? { ...rendered, message } : 'it is no email'
}
