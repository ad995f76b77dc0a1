import { segmentsOf, chargedSegments, type Segments } from '../delivery/rendering/sms-encoding.ts'
import { OPT_OUT_WORDING, saysOptOut } from '../delivery/rendering/opt-out-wording.ts'
import type { Person } from './fixtures.ts'
import type { ShownJourney } from './live-workspace.ts'
import type { PreviewedBody, PreviewedMessage } from './previewed-message.ts'
import { renderPreview, type RenderedMessage, type RenderTerms } from './rendered-message.ts'

/** What a text costs for one kind of reader. */
export interface SmsCost extends Segments {
  readonly label: string
  readonly body: string
  /** A picture message counts as one, however long its words are. */
  readonly charged: number
}

/** Where the opt-out wording comes from: a marketing text has to have it (CTIA Messaging Principles 5.1.3). */
export function optOutNote(rendered: Extract<RenderedMessage, { readonly kind: 'rendered' }>): string {
  const { content, message } = rendered
  if (content.kind !== 'sms' || message.channel !== 'sms') return ''
  if (saysOptOut(content.body)) return 'written in the template'
  return saysOptOut(message.body) ? `“${OPT_OUT_WORDING}” is added by Segue` : 'none'
}

/** The cost for the person shown, for the people with the longest values, and without the opt-out wording where the policy allows that. */
export function smsCosts(
  shown: ShownJourney,
  message: PreviewedMessage,
  body: PreviewedBody,
  people: readonly Person[],
  terms: RenderTerms,
): readonly SmsCost[] {
  const cost = (label: string, person: Person, own: RenderTerms): readonly SmsCost[] => {
    const rendered = renderPreview(shown, message, body, undefined, person, own)
    if (rendered.kind === 'unrenderable' || rendered.message.channel !== 'sms') return []
    const { message: text } = rendered
    return [{ ...segmentsOf(text.body), label, body: text.body, charged: chargedSegments(text) }]
  }
  const all = people.flatMap((person) => cost(person.label, person, terms))
  const policy = shown.workspace.policies[shown.journey.policy]
  const [first] = people
  return policy?.optOutEveryMs === undefined || first === undefined
    ? all
    : [...all, ...cost('when an earlier text said how to opt out', first, { ...terms, withoutOptOut: true })]
}

/** The most expensive one. */
export function worstOf(costs: readonly SmsCost[]): SmsCost | undefined {
  return costs.toSorted((a, b) => b.charged - a.charged || b.units - a.units)[0]
}
