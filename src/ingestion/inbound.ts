import { type AddressKeys, hashAddress, normalizeAddress } from '../consent/address.ts'
import { liftOwnNo } from '../consent/lift-own-no.ts'
import { beforeKeyword } from '../consent/opt-in/answer.ts'
import { type Classification, classify } from '../consent/revocation/classify.ts'
import { countryOf, lawfulScope, policiesAt, policyScope, widest } from '../consent/revocation/scope.ts'
import { LIFTABLE_REASONS, liftSuppression } from '../consent/suppression.ts'
import type { Database, Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import type { InboundMessage } from '../delivery/message-provider.ts'
import { type Answered, answerHelp, confirmOptOut } from './answers.ts'
import { contactsAt } from './feedback-effects.ts'
import { answerOptIn } from './opt-in.ts'
import { isFreeText, route } from './replies.ts'
import { restoreConsent } from './restore-consent.ts'
import { takeBack } from './take-back.ts'
import { takeBackElsewhere } from './take-back-elsewhere.ts'

/** What was made of a message from a person; stored and documented, so never renamed. */
export const INBOUND_MEANINGS = ['stop', 'start', 'help', 'ambiguous', 'opt_in', 'reply', 'auto_reply'] as const
export type InboundMeaning = (typeof INBOUND_MEANINGS)[number]

export interface InboundDeps {
  readonly database: Database
  readonly keys: AddressKeys
}

/**
 * Stores a text from a person and does what it asks, in one transaction: a STOP is in force for every gate that comes after it, for
 * everybody who has the number, and for the number itself should it turn up with somebody else. What runs and is no longer allowed
 * ends in the same transaction.
 *
 * A refusal always wins: it is looked for before an answer to a question of ours, and a word that the carrier took for an opt-out is
 * one, whatever we would have read.
 */
export async function recordInbound(
  deps: InboundDeps,
  provider: string,
  message: InboundMessage,
  receivedAt: number,
): Promise<'recorded' | 'duplicate'> {
  const address = normalizeAddress('sms', message.from) ?? message.from
  return deps.database.transaction(async (statements) => {
    const workspace = await liveWorkspace(statements)
    const read = readText(message, address, workspace)
    const contacts = await contactsAt(statements, 'sms', address)
    const contactId = await writer(statements, contacts)
    const { hash, version } = hashAddress(deps.keys, 'sms', address)
    const [stored] = await statements.query<{ id: number }>(
      `insert into inbound_message (provider, provider_id, contact_id, channel, meaning, rule, hints, address_hash, key_version,
                                    free_text, state, body, received_at)
       values ($1, $2, $3, 'sms', $4, $5, $6, $7, $8, $9, $10, $11, $12)
       on conflict (provider, provider_id) do nothing
       returning id`,
      [
        provider,
        message.providerId,
        contactId,
        read.meaning,
        read.rule,
        read.hints,
        hash,
        version,
        read.meaning === 'reply' && isFreeText(message.body),
        read.meaning === 'ambiguous' ? 'open' : null,
        withoutNul(message.body),
        receivedAt,
      ],
    )
    if (stored === undefined) return 'duplicate'
    await act(statements, {
      deps,
      provider,
      message,
      address,
      read,
      contacts,
      contactId,
      workspace,
      receivedAt,
      inbound: stored.id,
    })
    return 'recorded'
  })
}

interface Reading extends Omit<Classification, 'meaning'> {
  readonly meaning: InboundMeaning
}

/** What the carrier has acted on holds, unless we read a refusal in it. */
function readText(message: InboundMessage, address: string, workspace: CompiledWorkspace | undefined): Reading {
  const country = countryOf(address)
  const about = country === undefined ? {} : { country }
  const whole = classify(message.body, about)
  // "STOP CART": a word of refusal and the keyword of a purpose, as people know it from short codes.
  const before = whole.meaning === 'revoke' ? undefined : beforeKeyword(message.body, workspace?.purposes ?? {})
  const part = before === undefined ? undefined : classify(before, about)
  const read = part?.meaning === 'revoke' ? part : whole
  const meaning: InboundMeaning = read.meaning === 'revoke' ? 'stop' : read.meaning
  const handled = message.handledByCarrier
  if (handled === undefined || handled === meaning) return { ...read, meaning }
  // "START" to a carrier, "stop" to us: the refusal.
  return meaning === 'stop' ? { ...read, meaning } : { ...read, meaning: handled, rule: `carrier.${handled}` }
}

interface Request {
  readonly deps: InboundDeps
  readonly provider: string
  readonly message: InboundMessage
  readonly address: string
  readonly read: Reading
  readonly contacts: readonly string[]
  readonly contactId: string | null
  readonly workspace: CompiledWorkspace | undefined
  readonly receivedAt: number
  readonly inbound: number
}

async function act(statements: Statements, request: Request): Promise<void> {
  const { deps, message, address, read, receivedAt, inbound } = request
  switch (read.meaning) {
    case 'stop':
      return stop(statements, request)
    case 'help':
      if (message.handledByCarrier !== 'help') await withAnswer(request, (answered) => answerHelp(statements, answered))
      return
    case 'start': {
      // YES is an opt-in word of a carrier's: said to a question of ours, it is the answer to that and brings nothing else back.
      const text = { address, text: message.body, providerId: message.providerId, at: receivedAt }
      if ((await answerOptIn(statements, deps, text)) === 'no') await start(statements, request)
      return
    }
    case 'ambiguous':
    case 'reply': {
      const text = { address, text: message.body, providerId: message.providerId, at: receivedAt }
      if ((await answerOptIn(statements, deps, text)) !== 'no') {
        await statements.query(
          `update inbound_message set meaning = 'opt_in', free_text = false, state = null,
             contact_id = coalesce(contact_id, (select id from contact where phone = $2 order by id limit 1))
           where id = $1`,
          [inbound, address],
        )
        return
      }
      const policies = policiesAt(request.workspace, 'sms', message.to)
      await route(statements, {
        inbound,
        policies,
        workspace: request.workspace,
        contactId: request.contactId,
        channel: 'sms',
        meaning: read.meaning,
        text: message.body,
        at: receivedAt,
      })
      return
    }
    case 'opt_in':
    case 'auto_reply':
      return
    default:
      return read.meaning satisfies never
  }
}

async function stop(statements: Statements, request: Request): Promise<void> {
  const { deps, provider, message, address, read, workspace, receivedAt, inbound } = request
  const policies = policiesAt(workspace, 'sms', message.to)
  const scope = widest(
    policyScope(policies),
    lawfulScope(countryOf(address), receivedAt),
    ...(read.scope === undefined ? [] : [read.scope]),
  )
  const refusal = {
    keys: deps.keys,
    workspace,
    channel: 'sms',
    address,
    scope,
    carrierBlocks: message.handledByCarrier === 'stop',
    by: provider,
    source: 'keyword',
    proof: {
      provider,
      messageId: message.providerId,
      rule: read.rule,
      ...(read.hints.length > 0 && { hints: read.hints }),
    },
    at: receivedAt,
    receivedAt,
  } as const
  const taken = await takeBack(statements, refusal)
  if (read.hints.includes('email')) await takeBackElsewhere(statements, refusal, 'email', request.contacts)
  await statements.query('update inbound_message set scope = $2 where id = $1', [inbound, taken.scope])
  if (message.handledByCarrier === undefined) {
    await withAnswer(request, (answered) => confirmOptOut(statements, answered, taken))
  }
}

/** Lifts the block that the person asked for, and gives back what the STOP ended where there is proof of consent before it. */
async function start(statements: Statements, request: Request): Promise<void> {
  const { deps, provider, message, address, workspace, contacts, receivedAt } = request
  for (const contactId of contacts) {
    const proof = { provider, messageId: message.providerId, keyword: 'START' }
    await restoreConsent(statements, { contactId, channel: 'sms', workspace, proof, at: receivedAt })
  }
  const lift = { keys: deps.keys, channel: 'sms', address, at: receivedAt } as const
  // A START ends a STOP. What was unsubscribed from elsewhere does not come back with it.
  if (workspace !== undefined) {
    await liftOwnNo(statements, { ...lift, workspace, reasons: ['unsubscribe'], recordedAt: receivedAt })
  }
  for (const reason of LIFTABLE_REASONS) await liftSuppression(statements, { ...lift, reason })
}

async function withAnswer(request: Request, answer: (answered: Answered) => Promise<void>): Promise<void> {
  const { workspace, message, contactId, address, inbound, receivedAt, read } = request
  if (workspace === undefined) return
  await answer({
    workspace,
    policies: policiesAt(workspace, 'sms', message.to),
    to: message.to,
    contactId,
    address,
    inbound,
    language: read.language,
    at: receivedAt,
  })
}

/** Of several people with one number, the one who was texted last is taken to answer. What they ask holds for all of them. */
async function writer(statements: Statements, contacts: readonly string[]): Promise<string | null> {
  const [only, other] = contacts
  if (only === undefined || other === undefined) return only ?? null
  const [texted] = await statements.query<{ contact_id: string }>(
    `select contact_id from send
      where contact_id = any($1::uuid[]) and channel = 'sms' and handed_off_at is not null
      order by handed_off_at desc limit 1`,
    [contacts],
  )
  return texted?.contact_id ?? only
}

/** The workspace as it is live in this transaction. */
export async function liveWorkspace(statements: Statements): Promise<CompiledWorkspace | undefined> {
  const [live] = await statements.query<{ compiled: CompiledWorkspace }>('select compiled from workspace where id = 1')
  return live?.compiled
}

/** PostgreSQL texts cannot hold U+0000. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '')
}
