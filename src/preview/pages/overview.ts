import { CHANNELS } from '../../core/compiled-journey.ts'
import type { Step } from '../../core/compiled-journey.ts'
import { worstOf, smsCosts } from '../sms-facts.ts'
import { peopleFor, type Person } from '../fixtures.ts'
import type { ShownJourney, Snapshot } from '../live-workspace.ts'
import { html, type Fragment, type Markup } from '../markup.ts'
import { bodiesOf, messagesOfStep, type PreviewedMessage } from '../previewed-message.ts'
import { renderPreview, type RenderTerms } from '../rendered-message.ts'
import { channelName } from './layout.ts'
import { whenOf } from '../when.ts'

/** Every message of every journey, in the order of its steps. */
export function overview(snapshot: Snapshot, terms: RenderTerms): Markup {
  const { journeys } = snapshot
  return html`<div class="overview">
    <h1>Every message</h1>
    <p class="soft">${counted(journeys)}</p>
    ${journeys.map((shown) => journeySection(shown, snapshot, terms))}
    ${journeys.length === 0 && html`<p>There is no journey without errors yet.</p>`}
  </div>`
}

function journeySection(shown: ShownJourney, snapshot: Snapshot, terms: RenderTerms): Markup {
  const { journey, stale } = shown
  const people = peopleFor(shown, snapshot, terms.now)
  return html`<section aria-labelledby="${journey.id}">
    <div class="journey">
      <h2 id="${journey.id}">${journey.id}</h2>
      ${stale && html`<span class="chip warn">as it was before the error</span>`}
      ${journey.description !== undefined && html`<p>${journey.description}</p>`}
    </div>
    <ol class="cards">
      ${journey.steps.flatMap((step) => stepCards(shown, step, people, terms))}
    </ol>
  </section>`
}

function stepCards(
  shown: ShownJourney,
  step: Step,
  people: readonly [Person, ...Person[]],
  terms: RenderTerms,
): readonly Markup[] {
  const messages = messagesOfStep(step)
  if (messages.length === 0) {
    return [
      html`<li class="still">
        <h3>${step.id}</h3>
        <p class="when">${whenOf(step)}</p>
        <p class="says soft">${step.action.kind}: nothing to see</p>
      </li>`,
    ]
  }
  const href = `/journeys/${shown.journey.id}/${step.id}`
  return messages.map((message) => {
    const fallback = message.branch === 'fallback'
    return html`<li>
      <h3><a href="${href}${fallback && '#fallback'}">${step.id}${fallback && ', fallback'}</a></h3>
      <p class="when">
        ${channelName(message.action.channel)}${fallback ? ' when the message is undeliverable' : `, ${whenOf(step)}`}
      </p>
      ${saying(shown, message, people, terms)}
    </li>`
  })
}

/** The subjects of an email, or the words of a text and what it costs at most. */
function saying(
  shown: ShownJourney,
  message: PreviewedMessage,
  people: readonly [Person, ...Person[]],
  terms: RenderTerms,
): Fragment {
  const [person] = people
  return bodiesOf(message.action).map((body) => {
    const worst = message.action.channel === 'sms' ? worstOf(smsCosts(shown, message, body, people, terms)) : undefined
    const lines = body.subjects.map((arm) => {
      const rendered = renderPreview(shown, message, body, arm, person, terms)
      if (rendered.kind === 'unrenderable')
        return html`<p class="says"><span class="chip warn">${rendered.reason}</span></p>`
      const { message: sent } = rendered
      const name = arm ?? body.arm
      return html`<p class="says">
        ${sent.channel === 'email' ? sent.subject : sent.body}
        ${name !== undefined && html`<span class="chip">${name}</span>`}
      </p>`
    })
    return html`${lines}${
      worst !== undefined &&
      html`<span class="chip"
        >${worst.encoding}, ${worst.charged} ${worst.charged === 1 ? 'segment' : 'segments'} at worst</span
      >`
    }`
  })
}

function counted(journeys: readonly ShownJourney[]): string {
  const messages = journeys.flatMap(({ journey }) => journey.steps.flatMap(messagesOfStep))
  const by = CHANNELS.map((channel) => {
    const count = messages.filter(({ action }) => action.channel === channel).length
    return `${count} ${channel === 'email' ? (count === 1 ? 'email' : 'emails') : count === 1 ? 'text' : 'texts'}`
  })
  return `${journeys.length} ${journeys.length === 1 ? 'journey' : 'journeys'}: ${by.join(' and ')}, fallbacks counted.`
}
