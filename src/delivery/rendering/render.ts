import type { Content } from '../../core/content.ts'
import type { Reservation } from '../../gate/verdict.ts'
import type { OutboundMessage } from '../message-provider.ts'
import { feedbackId } from './feedback-id.ts'
import { fill } from './fill.ts'
import type { LinkRewriter } from './links.ts'
import { linkRewriter, rewriteHtml, rewriteText, Unrenderable } from './links.ts'
import { withOptOut } from './opt-out-wording.ts'
import { takesPictures } from './pictures.ts'
import { senderNumber } from './sender-number.ts'
import { smartEncoded } from './sms-encoding.ts'
import { asHeader, subjectOf } from './subject.ts'
import { messageVariables, zoneOf } from './variables.ts'

/** What a message needs besides its content and its reservation. */
export interface RenderContext {
  /** The tracked address for a target. Called once for each distinct one; `index` counts them in order of appearance. */
  readonly links: (url: string, index: number) => string
  /** The contact's one-click address (RFC 8058): opaque, unforgeable, valid for ever. */
  readonly unsubscribeUrl: string
  /** The contact's preference centre, reached from this message. */
  readonly preferencesUrl: string
  /** Where the carrier reports the status of a text. */
  readonly statusCallback: string
  /** IANA zone of the workspace, for contacts without one. */
  readonly zone: string
  /** Virtual now, epoch milliseconds. */
  readonly now: number
}

export type Rendered =
  | { readonly kind: 'rendered'; readonly message: OutboundMessage }
  /** `reason` names no personal data. The send is refused as `content`. */
  | { readonly kind: 'unrenderable'; readonly reason: string }

/** Twilio's longest validity period, seconds: parameter `ValidityPeriod` of its Message resource. */
const LONGEST_VALIDITY_SECONDS = 36_000

/**
 * Fills a compiled template for one person. Pure: equal arguments give equal bytes, so that a body's hash identifies it.
 *
 * A variable that is missing, and has no `default` in the template, makes the message unrenderable; so does a link that leads nowhere, and
 * a marketing email without its address and unsubscribe link. Nobody is ever sent a message with a hole in it.
 */
export function render(content: Content, reservation: Reservation, context: RenderContext): Rendered {
  try {
    const zone = zoneOf(reservation.traits, context.zone)
    const { unsubscribeUrl: unsubscribe, preferencesUrl: preferences } = context
    const variables = messageVariables(reservation, zone, { unsubscribe, preferences })
    const rewriter = linkRewriter(utmOf(reservation), [unsubscribe, preferences], context.links)
    const message =
      content.kind === 'email'
        ? email(content, reservation, context, (text, output) => fill(text, output, zone, variables), rewriter)
        : sms(rewriteText(fill(content.body, 'text', zone, variables), rewriter), reservation, context)
    return { kind: 'rendered', message }
  } catch (error) {
    if (error instanceof Unrenderable) return { kind: 'unrenderable', reason: error.message }
    throw error
  }
}

function email(
  content: Content & { readonly kind: 'email' },
  reservation: Reservation,
  context: RenderContext,
  filled: (text: string, output: 'html' | 'text') => string,
  rewriter: LinkRewriter,
): OutboundMessage {
  const { sender, address } = reservation
  if (sender.channel !== 'email') throw new Unrenderable('the sender is for another channel')
  const marketing = reservation.class === 'marketing'
  const complete = content.reads.includes('unsubscribe_url') && content.reads.includes('postal_address')
  if (marketing && !complete) throw new Unrenderable('a marketing email needs its unsubscribe link and postal address')
  return {
    channel: 'email',
    to: address,
    from: { email: sender.email, ...(sender.name === undefined ? {} : { name: sender.name }) },
    ...(sender.replyTo === undefined ? {} : { replyTo: sender.replyTo }),
    subject: asHeader(filled(subjectOf(content, reservation), 'text')),
    html: rewriteHtml(filled(content.html, 'html'), rewriter),
    text: rewriteText(tidied(filled(content.text, 'text')), rewriter),
    headers: marketing
      ? {
          ...unsubscribeHeaders(context.unsubscribeUrl),
          'Feedback-ID': feedbackId({ ...reservation, from: sender.email }),
        }
      : {},
  }
}

/** RFC 8058 section 3.1: both headers, one HTTPS address; the mailbox provider posts to it without asking. */
function unsubscribeHeaders(url: string): Readonly<Record<string, string>> {
  if (!URL.canParse(url) || /[\s<>,]/.test(url)) throw new Unrenderable('the unsubscribe address is not one')
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
}

function sms(filled: string, reservation: Reservation, { statusCallback, now }: RenderContext): OutboundMessage {
  const { sender, address, windowClosesAt, action, optOutDue = true } = reservation
  if (sender.channel !== 'sms') throw new Unrenderable('the sender is for another channel')
  const text = tidied(filled)
  if (text === '') throw new Unrenderable('the text is empty')
  const { media = [] } = action
  const left = windowClosesAt === undefined ? undefined : Math.floor((windowClosesAt - now) / 1000)
  return {
    channel: 'sms',
    to: address,
    from: senderNumber(sender, address),
    body: smartEncoded(optOutDue ? withOptOut(text) : text),
    ...(media.length > 0 && takesPictures(address) ? { mediaUrls: media } : {}),
    statusCallback,
    ...(left === undefined ? {} : { validitySeconds: Math.min(Math.max(left, 1), LONGEST_VALIDITY_SECONDS) }),
  }
}

/** The policy's parameters; they may name where the link stands. */
function utmOf({ policy, channel, journey, step, action }: Reservation): Readonly<Record<string, string>> {
  const place = { channel, journey, step, template: action.template }
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(policy.utm)) {
    values[name] = value.includes('{') ? fill(value, 'text', 'UTC', place) : value
  }
  return values
}

/** Loops and conditions leave blank lines and spaces behind that HTML would swallow. */
function tidied(text: string): string {
  return text
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}
