import { createHash } from 'node:crypto'
import type { Content } from '../core/content.ts'
import type { OutboundMessage } from '../delivery/message-provider.ts'
import type { RenderedLink } from '../delivery/outbound.ts'
import { fill } from '../delivery/rendering/fill.ts'
import { Unrenderable } from '../delivery/rendering/links.ts'
import { render } from '../delivery/rendering/render.ts'
import { messageVariables, zoneOf } from '../delivery/rendering/variables.ts'
import { statusCallbackUrl } from '../delivery/webhook-url.ts'
import type { Reservation } from '../gate/verdict.ts'
import type { Person } from './fixtures.ts'
import type { ShownJourney } from './live-workspace.ts'
import type { PreviewedBody, PreviewedMessage } from './previewed-message.ts'

/** What a message is rendered with besides the journey. */
export interface RenderTerms {
  /** Epoch milliseconds: codes are valid from here on. */
  readonly now: number
  /** Where links would lead in production: their length counts in a text. No slash at the end. */
  readonly publicUrl: string
  /** Absent: the fixture's own, or a made-up one. */
  readonly address?: string
  /** `short` as in production, so that lengths are right; `direct` for test sends, whose links nobody has stored. */
  readonly links: 'short' | 'direct'
  /** A text that need not say how to opt out, because one said it lately. */
  readonly withoutOptOut?: boolean
  /** Of the send. Default: one that no send has. */
  readonly sendKey?: string
}

export type RenderedMessage =
  | {
      readonly kind: 'rendered'
      readonly message: OutboundMessage
      readonly content: Content
      readonly preheader?: string
      /** What a reader can follow: where it leads, parameters added, and the address that stands for it. */
      readonly links: readonly RenderedLink[]
    }
  /** What the send would be refused for, as `content`. */
  | { readonly kind: 'unrenderable'; readonly reason: string }

/**
 * One message for one made-up person, by the very rendering of production: nothing is imitated here but the gate's reservation and the
 * store's links.
 */
export function renderPreview(
  shown: ShownJourney,
  message: PreviewedMessage,
  body: PreviewedBody,
  subjectArm: string | undefined,
  { fixture }: Person,
  terms: RenderTerms,
): RenderedMessage {
  const content = shown.contents.get(body.content)
  if (content === undefined) throw new Error(`the content of ${body.template} is missing from its compilation`)
  const reservation = reserve(shown, message, body, subjectArm, fixture, terms)
  if (typeof reservation === 'string') return { kind: 'unrenderable', reason: reservation }
  const { publicUrl, now, sendKey = 'preview' } = terms
  const { zone } = shown.workspace
  const links: RenderedLink[] = []
  const urls = { unsubscribe: `${publicUrl}/u/preview`, preferences: `${publicUrl}/p/preview` }
  const rendered = render(content, reservation, {
    links: (url, index) => {
      const token = linkToken(index)
      links.push({ token, url })
      return terms.links === 'direct' ? url : `${publicUrl}/l/${token}`
    },
    unsubscribeUrl: urls.unsubscribe,
    preferencesUrl: urls.preferences,
    statusCallback: statusCallbackUrl(publicUrl, reservation.sender.provider, sendKey),
    zone,
    now,
  })
  if (rendered.kind === 'unrenderable') return rendered
  const preheader = content.kind === 'email' ? content.preheader : undefined
  try {
    const variables = messageVariables(reservation, zoneOf(reservation.traits, zone), urls)
    return {
      kind: 'rendered',
      message: rendered.message,
      content,
      ...(preheader === undefined ? {} : { preheader: fill(preheader, 'text', zone, variables) }),
      links,
    }
  } catch (error) {
    if (error instanceof Unrenderable) return { kind: 'unrenderable', reason: error.message }
    throw error
  }
}

/** What the gate would have reserved, or why it could not have. */
function reserve(
  { journey, workspace }: ShownJourney,
  { step, branch, action }: PreviewedMessage,
  { template, content, arm }: PreviewedBody,
  subjectArm: string | undefined,
  { contact, trigger, code }: Person['fixture'],
  { now, address, withoutOptOut, sendKey = 'preview' }: RenderTerms,
): Reservation | string {
  const { channel } = action
  const policy = workspace.policies[journey.policy]
  const purpose = workspace.purposes[journey.purpose]
  const senderName = policy?.senders[channel]
  const sender = senderName === undefined ? undefined : workspace.senders[senderName]
  if (policy === undefined || purpose === undefined || sender === undefined)
    return `the policy has no sender for ${channel}`
  const offer = action.offer === undefined ? undefined : journey.offers[action.offer]
  const own = contact[channel === 'email' ? 'email' : 'phone']
  const made = channel === 'email' ? 'maya@example.com' : '+12025550143'
  const chosen = subjectArm ?? arm
  return {
    sendId: sendKey,
    enrollment: 'preview',
    journey: journey.id,
    version: 'preview',
    step: step.id,
    branch,
    channel,
    action: { ...action, template, content },
    class: purpose.class,
    purpose: journey.purpose,
    contactId: 'preview',
    address: address ?? (typeof own === 'string' && own !== '' ? own : made),
    traits: contact,
    trigger,
    ...(chosen === undefined ? {} : { arm: chosen }),
    policy,
    sender,
    ...(offer === undefined
      ? {}
      : {
          offer: {
            ...offer,
            code: code ?? madeUpCode(workspace.pools[offer.codes]),
            validUntil: now + offer.validForMs,
          },
        }),
    ...(withoutOptOut === true ? { optOutDue: false } : {}),
  }
}

/** As long as a real code of the pool. */
function madeUpCode(pool: ShownJourney['workspace']['pools'][string] | undefined): string {
  if (pool?.kind !== 'generated') return 'SAMPLE-7QK2M9XD'
  return `${pool.prefix}${'7QK2M9XDH4RT6WZB3FNCY8VJ'.slice(0, pool.length)}`
}

/** Ten characters, as production's tokens have: what a text costs depends on it. */
function linkToken(index: number): string {
  return createHash('sha256').update(`preview.${index}`).digest('base64url').slice(0, 10)
}
