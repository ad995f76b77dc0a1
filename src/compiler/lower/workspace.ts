import type { CodePool, CompiledWorkspace, Registration, Sender } from '../../core/workspace.ts'
import type { Names } from '../bind/names.ts'
import { numberKind } from '../bind/number-kind.ts'
import { optional } from '../document/journey.ts'
import type { RegistrationDocument, SenderDocument } from '../document/sender.ts'
import type { CodesDocument, SegueDocument } from '../document/workspace.ts'
import { deepFreeze } from '../freeze.ts'
import { lowerPolicy } from './policy.ts'

/** What is live for every journey, from files without errors. */
export function lowerWorkspace(segue: SegueDocument, names: Names): CompiledWorkspace {
  return deepFreeze({
    zone: segue.timezone.value,
    purposes: record(segue.purposes, ({ purpose }) => purpose),
    policies: record(names.policies.entries, ({ document }) => lowerPolicy(document)),
    senders: Object.fromEntries(segue.senders.map((sender) => [sender.name, lowerSender(sender)])),
    pools: record(names.codes.entries, ({ document }) => lowerPool(document)),
    events: record(names.events.entries, ({ document }) => document.schema),
    contact: segue.contact,
    ...optional('reports', segue.reports && { to: segue.reports.to, sender: segue.reports.sender.value }),
  })
}

function record<T, U>(entries: ReadonlyMap<string, T>, lower: (value: T) => U): Record<string, U> {
  return Object.fromEntries([...entries].map(([name, value]) => [name, lower(value)]))
}

function lowerSender(sender: SenderDocument): Sender {
  const provider = sender.provider.value
  if (sender.number !== undefined) {
    const kind = sender.kind?.value ?? numberKind(sender.number.value)
    return {
      channel: 'sms',
      provider,
      number: sender.number.value,
      ...(sender.numbers.size === 0 ? {} : { numbers: Object.fromEntries(sender.numbers) }),
      // Absent means a long code, and workspaces that were deployed without the word have it so.
      ...(kind === 'long_code' ? {} : { kind }),
      ...optional('segmentsPerSecond', sender.segmentsPerSecond?.value),
      ...optional('segmentsPerDay', sender.segmentsPerDay?.value),
      ...optional('registration', sender.registration && lowerRegistration(sender.registration)),
    }
  }
  if (sender.email === undefined) throw new Error(`sender ${sender.name} has no address although it has no errors`)
  return {
    channel: 'email',
    provider,
    email: sender.email.value,
    ...optional('name', sender.displayName?.value),
    ...optional('replyTo', sender.replyTo?.value),
  }
}

function lowerRegistration({ programme, id, purposes, verified }: RegistrationDocument): Registration {
  return { programme: programme.value, id, purposes: purposes.map(({ value }) => value), verified }
}

function lowerPool(pool: CodesDocument): CodePool {
  if (pool.file !== undefined) return { kind: 'file', file: pool.file.value }
  if (pool.generated === undefined)
    throw new Error(`code pool ${pool.name.value} has no source although it has no errors`)
  return { kind: 'generated', prefix: pool.generated.prefix, length: pool.generated.length }
}
