import type { CodePool, CompiledWorkspace, Policy, Sender } from '../../core/workspace.ts'
import type { Names } from '../bind/names.ts'
import { optional } from '../document/journey.ts'
import type { CodesDocument, PolicyDocument, SegueDocument, SenderDocument } from '../document/workspace.ts'
import { deepFreeze } from '../freeze.ts'

/** What is live for every journey, from files without errors. */
export function lowerWorkspace(segue: SegueDocument, names: Names): CompiledWorkspace {
  return deepFreeze({
    zone: segue.timezone.value,
    purposes: Object.fromEntries(segue.purposes),
    policies: record(names.policies.entries, ({ document }) => lowerPolicy(document)),
    senders: Object.fromEntries(segue.senders.map((sender) => [sender.name, lowerSender(sender)])),
    pools: record(names.codes.entries, ({ document }) => lowerPool(document)),
    events: record(names.events.entries, ({ document }) => document.schema),
    contact: segue.contact,
  })
}

function record<T, U>(entries: ReadonlyMap<string, T>, lower: (value: T) => U): Record<string, U> {
  return Object.fromEntries([...entries].map(([name, value]) => [name, lower(value)]))
}

function lowerPolicy(policy: PolicyDocument): Policy {
  return {
    name: policy.name.value,
    senders: Object.fromEntries(policy.senders.map(({ channel, sender }) => [channel, sender.value])),
    sendWindow: Object.fromEntries(policy.sendWindow.map(({ channel, window }) => [channel, window.value])),
    caps: policy.caps,
    whenCapped: policy.whenCapped,
    minGapMs: policy.minGap.value,
    giveUpAfterMs: policy.giveUpAfter.value,
    postalAddress: policy.postalAddress.value,
    brand: policy.brand.value,
    utm: Object.fromEntries(policy.utm),
  }
}

function lowerSender(sender: SenderDocument): Sender {
  const provider = sender.provider.value
  if (sender.number !== undefined) return { channel: 'sms', provider, number: sender.number.value }
  if (sender.email === undefined) throw new Error(`sender ${sender.name} has no address although it has no errors`)
  return {
    channel: 'email',
    provider,
    email: sender.email.value,
    ...optional('name', sender.displayName?.value),
    ...optional('replyTo', sender.replyTo?.value),
  }
}

function lowerPool(pool: CodesDocument): CodePool {
  if (pool.file !== undefined) return { kind: 'file', file: pool.file.value }
  if (pool.generated === undefined)
    throw new Error(`code pool ${pool.name.value} has no source although it has no errors`)
  return { kind: 'generated', prefix: pool.generated.prefix, length: pool.generated.length }
}
