import type { HoldReason, RefusalReason } from '../gate/verdict.ts'
import type { DecisionEvidence, MessageEvidence } from './evidence.ts'
import { instantIn, listed, spanOf, textOf } from './words.ts'

/** What a sentence is about. */
export interface Told {
  readonly message: MessageEvidence
  readonly decision: DecisionEvidence
}

/** Why the message was held, in a sentence. A reason without one does not compile. */
export function holdSentence(reason: HoldReason, told: Told): string {
  const { facts } = told.decision
  switch (reason) {
    case 'not_due':
      return `The run asked before the message was due at ${when(told, facts['due_at'])}.`
    case 'paused':
      return typeof facts['missing'] === 'string'
        ? `The live workspace no longer has the ${facts['missing']}.`
        : `A kill switch was on: ${listed(words(facts['switches']))}.`
    case 'paused_by_person':
      return `The person had asked for no marketing before ${when(told, facts['paused_until'])}.`
    case 'needs_person':
      return `The person wrote something at ${when(told, facts['doubt_since'])} that may be a refusal, and nobody had decided yet.`
    case 'conversation':
      return `The person had written at ${when(told, facts['replied_at'])}, and a conversation is not interrupted by marketing texts.`
    case 'quiet_hours':
      return `It was outside the allowed hours in some place where the person may be. They open at ${when(told, facts['opens_at'])}.`
    case 'min_gap':
      return `The last marketing message to this person or address was at ${when(told, facts['last_contact_at'])}, less than ${span(facts['min_gap_ms'])} before.`
    case 'cap':
      return `A cap was full: ${fullCaps(facts)}.`
    case 'outranked':
      return `The journey ${textOf(facts['outranked_by'])} goes before this one, and has a message for this person at ${when(told, facts['outranked_due_at'])}.`
    case 'throttled':
      return facts['turn_at'] === undefined
        ? `The carrier certainly took nothing (${textOf(facts['carrier'])}).`
        : `Its number was busy: its turn in the queue came at ${when(told, facts['turn_at'])}.`
    default:
      return reason satisfies never
  }
}

/** Why the message was refused, in a sentence. A reason without one does not compile. */
export function refusalSentence(reason: RefusalReason, told: Told): string {
  const { message, decision } = told
  const { facts } = decision
  const { purpose, channel } = message
  switch (reason) {
    case 'goal_reached':
      return 'The goal of the journey had been reached.'
    case 'exited':
      return message.run.endReason === null
        ? 'The run had been ended.'
        : `The run had been ended: ${message.run.endReason.replaceAll('_', ' ')}.`
    case 'condition':
      return `A condition of the step did not hold: ${conditions(facts)}.`
    case 'condition_unknown':
      return `A condition of the step asks for ${textOf(facts['unknown'])}, which is not known: ${conditions(facts)}.`
    case 'no_consent':
      return decision.consents.length === 0
        ? `Nobody has recorded a consent to ${purpose} by ${channel}.`
        : `The person's consent to ${purpose} by ${channel} did not hold.`
    case 'suppressed':
      return `The address was blocked: ${listed(words(facts['suppressions']))}.`
    case 'no_address':
      return words(facts['suppressions']).length === 0
        ? `The person had no ${channel === 'sms' ? 'phone number' : 'email address'} that can be used.`
        : `The address can never work: ${listed(words(facts['suppressions']))}.`
    case 'marketing_in_transactional':
      return `The message carries the offer ${textOf(facts['offer'])}, and its purpose ${purpose} is transactional: it may carry none.`
    case 'sunset':
      return `The person had given no sign of life for ${span(facts['sunset_after_ms'])}.`
    case 'gave_up':
      return `It could not leave before ${when(told, facts['give_up_at'])}, after which it is too late to be of use.`
    case 'cap':
      return `A cap was full: ${fullCaps(facts)}.`
    case 'offer_expired':
      return `The code of its offer was valid until ${when(told, facts['offer_valid_until'])} only.`
    case 'codes_exhausted':
      return 'The pool of its offer had no code left.'
    case 'content':
      return `The message could not be written: ${textOf(facts['content'])}.`
    default:
      return reason satisfies never
  }
}

function when({ message }: Told, at: unknown): string {
  return typeof at === 'number' ? instantIn(message.zone, at) : 'a time that is not known'
}

function span(ms: unknown): string {
  return typeof ms === 'number' ? spanOf(ms) : 'the time that was asked for'
}

export function words(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(textOf) : []
}

export interface CapFact {
  readonly count: number
  readonly windowMs: number
  readonly used: number
  readonly channel?: string
  readonly purpose?: string
}

export function isCap(value: unknown): value is CapFact {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['count', 'windowMs', 'used'].every(
      (name) => typeof Object.getOwnPropertyDescriptor(value, name)?.value === 'number',
    )
  )
}

export function capInWords({ count, windowMs, used, channel, purpose }: CapFact): string {
  const of = [channel, purpose].filter((word) => word !== undefined)
  return `${used} of ${count} in ${spanOf(windowMs)}${of.length === 0 ? '' : ` (${of.join(', ')})`}`
}

function fullCaps(facts: Readonly<Record<string, unknown>>): string {
  const caps = Array.isArray(facts['caps']) ? facts['caps'].filter(isCap) : []
  const full = caps.filter(({ used, count }) => used >= count).map(capInWords)
  const personal = facts['personal_cap']
  if (isCap(personal) && personal.used >= personal.count) full.push(`${capInWords(personal)}, as the person had asked`)
  return listed(full)
}

function conditions(facts: Readonly<Record<string, unknown>>): string {
  const said = (['if', 'unless'] as const).flatMap((word) =>
    typeof facts[word] === 'string' ? [`${word}: ${facts[word]}`] : [],
  )
  return listed(said)
}
