import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CompiledWorkspace, Policy } from '../../core/workspace.ts'
import { REVOKE_ALL } from './revoke-all.ts'
import type { StopScope } from './rule.ts'

const WIDTH: Readonly<Record<StopScope, number>> = { purpose: 0, marketing: 1, everything: 2 }

/** The widest: of several readings of a "no" the one that ends most holds. */
export function widest(first: StopScope, ...others: readonly StopScope[]): StopScope {
  return others.reduce((wide, scope) => (WIDTH[scope] > WIDTH[wide] ? scope : wide), first)
}

/** What a refusal ends by the law of the place that a number belongs to, at an instant. Email has no such law: absent. */
export function lawfulScope(country: string | undefined, at: number): StopScope {
  const rows = REVOKE_ALL.filter(
    ({ countries, effectiveFrom, effectiveTo }) =>
      (country === undefined || countries.includes(country)) &&
      effectiveFrom <= at &&
      (effectiveTo === undefined || at < effectiveTo),
  )
  return widest('purpose', ...rows.map(({ scope }) => scope))
}

/** The country of a number (ISO 3166), or undefined where the number does not say: then every country's rule holds. */
export function countryOf(number: string): string | undefined {
  return parsePhoneNumberFromString(number, 'US')?.country
}

/** The policies whose sender is reached at an address of ours; all that have a sender on the channel if nobody knows the address. */
export function policiesAt(
  workspace: CompiledWorkspace | undefined,
  channel: 'email' | 'sms',
  address: string,
): readonly Policy[] {
  if (workspace === undefined) return []
  const able = Object.values(workspace.policies).filter((policy) => senderOf(workspace, policy, channel) !== undefined)
  const wanted = address.toLowerCase()
  const reached = able.filter((policy) => {
    const sender = senderOf(workspace, policy, channel)
    if (sender?.channel === 'sms') return [sender.number, ...Object.values(sender.numbers ?? {})].includes(address)
    return sender !== undefined && [sender.email, sender.replyTo].some((own) => own?.toLowerCase() === wanted)
  })
  return reached.length === 0 ? able : reached
}

/** What a STOP ends by the sender's own policy. */
export function policyScope(policies: readonly Policy[]): StopScope {
  const [first, ...others] = policies.map(({ stopScope }) => stopScope ?? 'marketing')
  return first === undefined ? 'marketing' : widest(first, ...others)
}

function senderOf(workspace: CompiledWorkspace, policy: Policy, channel: 'email' | 'sms') {
  const name = policy.senders[channel]
  const sender = name === undefined ? undefined : workspace.senders[name]
  return sender?.channel === channel ? sender : undefined
}
