import { recordAct } from '../administration/audit-trail.ts'
import { listSwitches, type KillSwitch } from '../administration/kill-switch.ts'
import type { TestContact } from '../compiler/document/workspace.ts'
import { lockAddress } from '../consent/address-lock.ts'
import { normalizeAddress, type AddressKeys } from '../consent/address.ts'
import { lockContactsWith, suppress, suppressionsOf } from '../consent/suppression.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Database } from '../core/database.ts'
import { callDeadline, type RealTime } from '../delivery/call-deadline.ts'
import { handOver } from '../delivery/hand-over.ts'
import type { HandOff, MessageProvider, OutboundMessage } from '../delivery/message-provider.ts'
import type { Person } from './fixtures.ts'
import type { ShownJourney } from './live-workspace.ts'
import type { PreviewedBody, PreviewedMessage } from './previewed-message.ts'
import { renderPreview } from './rendered-message.ts'

/** What a test send works with. */
export interface TestSendDeps {
  readonly providers: (name: string) => MessageProvider | undefined
  /** What the environment says; test contacts name variables of it. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Nothing is really sent: a contact whose variable is not set gets the fixture's own address. */
  readonly sandbox: boolean
  /** Absent: no store is configured, so no suppression, switch or audit trail is known. */
  readonly store?: { readonly database: Database; readonly keys: AddressKeys }
  readonly publicUrl: string
  /** For the audit trail. */
  readonly actor: string
  readonly time: RealTime
  /** A new one for each call: letters, digits and hyphens. */
  readonly newKey: () => string
}

export interface TestSendRequest {
  readonly shown: ShownJourney
  readonly message: PreviewedMessage
  readonly body: PreviewedBody
  readonly subjectArm: string | undefined
  readonly person: Person
  /** The contact's name in `test_contacts`. */
  readonly to: string
  readonly testContacts: Readonly<Record<string, TestContact>>
}

/** Never with an address in it: it is shown, printed and kept. */
export type TestSendResult =
  | { readonly kind: 'accepted'; readonly provider: string; readonly providerId: string }
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may have been sent. */
  | { readonly kind: 'unknown'; readonly provider: string; readonly cause: string }

/** What marks a test, in front of the subject or the text. */
const TEST_MARK = '[Test] '

const CALL_WITHIN_MS = 20_000

/**
 * Hands one message over to a named test contact. It is no send: it has no row, no enrollment, takes no place under caps and is in no
 * figure. But it is a message to somebody: a kill switch stops it, the address's suppression stops it, and it is on the audit trail before
 * it leaves.
 */
export async function sendTest(deps: TestSendDeps, request: TestSendRequest): Promise<TestSendResult> {
  const { channel } = request.message.action
  const address = addressOf(deps, request)
  if (typeof address !== 'string') return { kind: 'refused', reason: address.problem }
  const now = deps.time.realNow()
  const sendKey = deps.newKey()
  const { shown, message, body, subjectArm, person } = request
  const terms = { now, publicUrl: deps.publicUrl, address, links: 'direct', sendKey } as const
  const rendered = renderPreview(shown, message, body, subjectArm, person, terms)
  if (rendered.kind === 'unrenderable') return { kind: 'refused', reason: `it cannot be written: ${rendered.reason}` }
  const policy = shown.workspace.policies[shown.journey.policy]
  const sender = shown.workspace.senders[policy?.senders[channel] ?? '']
  const provider = sender && deps.providers(sender.provider)
  if (sender === undefined || provider === undefined)
    return { kind: 'refused', reason: `the provider ${sender?.provider ?? ''} is not configured here` }

  const objection = await admit(deps, request, provider.name, channel, address, now)
  if (objection !== undefined) return { kind: 'refused', reason: objection }
  const deadline = callDeadline(deps.time, CALL_WITHIN_MS)
  const handOff = await handOver(provider, marked(rendered.message), sendKey, deadline, () => false)
  if (handOff.kind === 'rejected' && handOff.class === 'opt_out')
    await keepOptOut(deps, provider.name, channel, address)
  return resultOf(handOff, provider.name)
}

function addressOf(
  { env, sandbox }: TestSendDeps,
  { message, to, testContacts, person }: TestSendRequest,
): string | { readonly problem: string } {
  const { channel } = message.action
  const contact = Object.hasOwn(testContacts, to) ? testContacts[to] : undefined
  const field = channel === 'email' ? 'email' : 'phone'
  const own = person.fixture.contact[field]
  if (contact === undefined && !(sandbox && to === SANDBOX_CONTACT)) {
    const names = Object.keys(testContacts)
    const known = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`
    return { problem: `there is no test contact ${JSON.stringify(to)} in test_contacts of segue.yaml; ${known}` }
  }
  const variable = contact?.[field]
  const given = variable === undefined ? undefined : env[variable]?.trim()
  const made = channel === 'email' ? 'maya@example.com' : '+12025550143'
  const raw = given || (sandbox ? (typeof own === 'string' ? own : made) : undefined)
  if (raw === undefined) {
    return {
      problem:
        variable === undefined
          ? `the test contact ${JSON.stringify(to)} has no ${field} in segue.yaml`
          : `${variable} is not set: it holds the ${field} of the test contact ${JSON.stringify(to)}`,
    }
  }
  return normalizeAddress(channel, raw) ?? { problem: `${variable ?? 'the fixture'} holds no ${field}` }
}

/** Whom a sandbox can always send to: whoever the fixture says. */
export const SANDBOX_CONTACT = 'sandbox'

/** Why it must not go, or undefined once it is on the audit trail. Locks as every reservation does: contacts, then the address. */
async function admit(
  { store, actor }: TestSendDeps,
  { shown, message, to }: TestSendRequest,
  provider: string,
  channel: Channel,
  address: string,
  now: number,
): Promise<string | undefined> {
  if (store === undefined) return undefined
  const { database, keys } = store
  return database.transaction(async (statements) => {
    await lockContactsWith(statements, channel, address)
    await lockAddress(statements, keys, channel, address)
    const journey = shown.journey.id
    const off = (await listSwitches(statements)).find((one) => stops(one, { channel, provider, journey }))
    if (off !== undefined)
      return `a kill switch is on: ${off.scope === 'all' ? 'everything' : `${off.scope} ${off.name}`}`
    const blocks = await suppressionsOf(statements, keys, channel, address)
    if (blocks.length > 0) return `the address is suppressed: ${blocks.join(', ')}`
    const detail = { to, channel, provider, branch: message.branch }
    await recordAct(statements, {
      actor,
      act: 'preview.send',
      subject: `${journey}/${message.step.id}`,
      detail,
      at: now,
    })
    return undefined
  })
}

function stops(
  { scope, name }: KillSwitch,
  to: { readonly channel: Channel; readonly provider: string; readonly journey: string },
): boolean {
  switch (scope) {
    case 'all':
      return true
    case 'channel':
      return name === to.channel
    case 'provider':
      return name === to.provider
    case 'journey':
      return name === to.journey
    default:
      return scope satisfies never
  }
}

/** What the carrier knows of a "no" holds here as well, even if a test found it. */
async function keepOptOut(
  { store, time }: TestSendDeps,
  source: string,
  channel: Channel,
  address: string,
): Promise<void> {
  if (store === undefined) return
  const { database, keys } = store
  const reason = channel === 'sms' ? 'stop' : 'unsubscribe'
  const at = time.realNow()
  await database.transaction((statements) => suppress(statements, { keys, channel, address, reason, source, at }))
}

function marked(message: OutboundMessage): OutboundMessage {
  return message.channel === 'email'
    ? { ...message, subject: TEST_MARK + message.subject }
    : { ...message, body: TEST_MARK + message.body }
}

function resultOf(handOff: HandOff, provider: string): TestSendResult {
  switch (handOff.kind) {
    case 'accepted':
      return { kind: 'accepted', provider, providerId: handOff.providerId }
    case 'rejected':
      return { kind: 'refused', reason: `${provider} refused it: ${handOff.class} (${handOff.code})` }
    case 'unknown':
      return { kind: 'unknown', provider, cause: handOff.cause }
    default:
      return handOff satisfies never
  }
}
