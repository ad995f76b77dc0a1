import { createHash } from 'node:crypto'
import { CHANNELS, type Channel } from '../../core/compiled-journey.ts'
import type { CompiledWorkspace, Policy, Purpose } from '../../core/workspace.ts'
import { allowsPurpose } from '../ledger.ts'
import { voiceOf } from '../opt-in/voice.ts'
import { type Disclosure, disclosureOf, titleOf } from './disclosure.ts'
import type { Language } from './language.ts'
import { maskAddress } from './mask.ts'
import type { Person } from './person.ts'

/** What the page shows, and all that it shows: no address in full, no name, nothing about orders. */
export interface PreferenceView {
  readonly policy: Policy
  readonly language: Language
  readonly addresses: readonly { readonly channel: Channel; readonly masked: string }[]
  readonly topics: readonly Topic[]
  /** Purposes that are not switched here, in words. */
  readonly always: readonly { readonly title: string; readonly description: string }[]
  /** Epoch milliseconds; undefined without a pause. */
  readonly pausedUntil: number | undefined
  readonly fewer: Fewer
}

export interface Topic {
  readonly purpose: string
  readonly title: string
  readonly description: string
  readonly switches: readonly Switch[]
}

export interface Switch {
  readonly channel: Channel
  readonly on: boolean
  readonly turnOn: TurnOn
  /** The words next to the switch: agreed to by whoever turns it on. */
  readonly disclosure: Disclosure
}

/** What happens when somebody turns a switch on with this link. */
export type TurnOn =
  | { readonly kind: 'at_once' }
  /** The link does not prove the address, or the purpose asks for a double opt-in: a confirmation goes there first. */
  | { readonly kind: 'after_confirmation' }
  | { readonly kind: 'not_here'; readonly why: Obstacle }

/**
 * `stopped`: they texted STOP, and the carrier blocks the number until they text START. `blocked`: it bounced, or somebody reported
 * us as spam. `expired`: the link is too old to agree with. `unproven`: a confirmation would be needed and cannot be sent.
 */
export type Obstacle = 'stopped' | 'blocked' | 'expired' | 'unproven'

/** Personal caps, in the words of the form. Over all channels and journeys. */
export const FEWER = {
  none: undefined,
  week: { count: 1, windowMs: 7 * 86_400_000 },
  month: { count: 1, windowMs: 30 * 86_400_000 },
} as const
export type Fewer = keyof typeof FEWER

export function viewOf(person: Person, workspace: CompiledWorkspace, language: Language, now: number): PreferenceView {
  const policy = policyOf(person, workspace)
  const purposes = Object.entries(workspace.purposes)
  const channels = CHANNELS.filter((channel) => person.addresses[channel] !== undefined)
  const paused = person.preference?.pausedUntil ?? 0
  return {
    policy,
    language,
    addresses: channels.map((channel) => ({ channel, masked: maskAddress(channel, person.addresses[channel] ?? '') })),
    topics: purposes
      .filter(([, purpose]) => purpose.class === 'marketing')
      .map(([name, purpose]) => ({
        purpose: name,
        title: titleOf(name, purpose),
        description: purpose.description,
        switches: channels.map((channel) => ({
          channel,
          on: isOn(person, name, channel, now),
          turnOn: turnOnOf(person, purpose, channel, voiceOf(workspace, channel, name) !== undefined, now),
          disclosure: disclosureOf({ name, purpose, policy }, channel, language),
        })),
      })),
    always: purposes
      .filter(([, purpose]) => purpose.class === 'transactional')
      .map(([name, purpose]) => ({ title: titleOf(name, purpose), description: purpose.description })),
    pausedUntil: paused > now ? paused : undefined,
    fewer: fewerOf(person),
  }
}

/** Changes whenever any of the words do that somebody agrees to on this page. */
export function pageVersion(view: PreferenceView): string {
  const hashes = view.topics.flatMap(({ purpose, switches }) =>
    switches.map(({ channel, disclosure }) => `${purpose} ${channel} ${disclosure.hash}`),
  )
  return createHash('sha256').update(hashes.join('\n')).digest('hex').slice(0, 16)
}

/** The policy of the message that the link was in; without one, the first of the workspace. */
function policyOf(person: Person, workspace: CompiledWorkspace): Policy {
  const [first] = Object.values(workspace.policies)
  const policy = workspace.policies[person.policy ?? ''] ?? first
  if (policy === undefined) throw new Error('the live workspace has no policy')
  return policy
}

/** Whether marketing for a purpose reaches the person now. A block of the address is an "off" for every purpose. */
export function isOn(person: Person, purpose: string, channel: Channel, now: number): boolean {
  const facts = person.consents.filter((fact) => fact.channel === channel)
  return allowsPurpose(purpose, facts, now) && person.blocks.every((block) => block.channel !== channel)
}

function turnOnOf(person: Person, purpose: Purpose, channel: Channel, canAsk: boolean, now: number): TurnOn {
  const reasons = person.blocks.filter((block) => block.channel === channel).map(({ reason }) => reason)
  if (reasons.includes('stop')) return { kind: 'not_here', why: 'stopped' }
  // Whatever a carrier or an operator said is not the person's to take back here.
  if (reasons.some((reason) => reason !== 'unsubscribe')) return { kind: 'not_here', why: 'blocked' }
  if (now >= person.consentUntil) return { kind: 'not_here', why: 'expired' }
  const proven = person.provenChannel === channel && purpose.optIn?.[channel] !== 'double'
  if (proven) return { kind: 'at_once' }
  // A question needs a sender; and somebody who stopped us is asked nothing because of a link that proves nothing.
  const mayAsk = canAsk && (person.provenChannel !== undefined || reasons.length === 0)
  return mayAsk ? { kind: 'after_confirmation' } : { kind: 'not_here', why: 'unproven' }
}

function fewerOf({ preference }: Person): Fewer {
  const windowMs = preference?.capWindowMs ?? undefined
  if (windowMs === undefined) return 'none'
  return windowMs > FEWER.week.windowMs ? 'month' : 'week'
}
