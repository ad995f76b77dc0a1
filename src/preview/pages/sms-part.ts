import type { Person } from '../fixtures.ts'
import { html, type Fragment, type Markup } from '../markup.ts'
import { renderPreview } from '../rendered-message.ts'
import { optOutNote, smsCosts, worstOf } from '../sms-facts.ts'
import { linkTable, type EmailPart } from './email-part.ts'
import { table } from './layout.ts'

/** A text as the phone shows it, and what it costs: for this person, and at worst. */
export function smsPart(part: EmailPart & { readonly people: readonly Person[] }): Markup {
  const { shown, message, body, person, people, terms } = part
  const rendered = renderPreview(shown, message, body, undefined, person, terms)
  if (rendered.kind === 'unrenderable' || rendered.message.channel !== 'sms') {
    const reason = rendered.kind === 'unrenderable' ? rendered.reason : 'it is no text'
    return html`<p><span class="chip warn">the send is refused: ${reason}</span></p>`
  }
  const { message: text, links } = rendered
  const { mediaUrls = [] } = text
  const { media = [] } = message.action
  const costs = smsCosts(shown, message, body, people, terms)
  const worst = worstOf(costs)
  const short = (link: { readonly token: string }): string => `${terms.publicUrl}/l/${link.token}`
  return html`<div class="texting">
    <div class="handset" role="group" aria-label="On the phone">
      <p class="who">${text.from}</p>
      ${mediaUrls.map((url) => html`<p class="bubble">Picture ${url}</p>`)}
      <p class="bubble">${text.body}</p>
    </div>
    <div>
      ${table(
        'What it costs',
        [
          { name: 'Shown to' },
          { name: 'Segments', number: true },
          { name: 'Encoding' },
          { name: 'Characters', number: true },
        ],
        costs.map((cost) => ({
          worst: cost === worst && cost.charged > 1,
          cells: [cost.label, cost.charged, cost.encoding, cost.units],
        })),
      )}
      <div class="part">
        <h3>Opt-out wording</h3>
        <p>${optOutNote(rendered)}</p>
      </div>
      ${
        media.length > mediaUrls.length &&
        html`<p>${media.length} pictures are left out: the carriers of this number's country take none.</p>`
      }
      <div class="part">${linkTable(links)}</div>
      ${links.length > 0 && shortNote(links.map(short))}
    </div>
  </div>`
}

function shortNote(short: readonly string[]): Fragment {
  const [first = ''] = short
  return html`<p class="soft part">
    In the text each link is a short one of ${first.length} characters, such as ${first}. Its length follows
    SEGUE_PUBLIC_URL.
  </p>`
}
