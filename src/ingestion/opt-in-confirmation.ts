import { type AddressKeys, hashesOf, normalizeAddress } from '../consent/address.ts'
import { EVERY_PURPOSE } from '../consent/ledger.ts'
import { isSigned, readOptInToken } from '../consent/opt-in/token.ts'
import type { Language } from '../consent/preferences/language.ts'
import { voiceOf } from '../consent/opt-in/voice.ts'
import { LIFTABLE_REASONS } from '../consent/suppression.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Database, Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { contactsAt } from './feedback-effects.ts'
import { grant, programmeOf } from './opt-in-grant.ts'
import { requestDedupeKey } from './opt-in-request.ts'

interface StoredRequest {
  readonly id: string
  readonly contact_id: string
  readonly channel: Channel
  readonly purpose: string
  readonly address_hash: string
  readonly proof: Readonly<Record<string, unknown>>
  readonly requested_at: number
  readonly expires_at: number
  readonly confirmed_at: number | null
}

const COLUMNS = `r.id, r.contact_id, r.channel, r.purpose, r.address_hash, r.proof, r.requested_at, r.expires_at, r.confirmed_at`

/** How it was confirmed: the reply's id at the carrier, or the button behind the link. */
export type Confirmation =
  | { readonly method: 'reply'; readonly messageId: string }
  | { readonly method: 'link'; readonly ip?: string; readonly userAgent?: string }

/**
 * Takes a Y: confirms the request that was handed over last to this number, if one is open. Never one that was written and not sent:
 * somebody who was not asked has not answered.
 */
export async function confirmByReply(
  statements: Statements,
  keys: AddressKeys,
  workspace: CompiledWorkspace,
  reply: { readonly number: string; readonly providerId: string; readonly at: number },
): Promise<'confirmed' | 'no'> {
  const contacts = await contactsAt(statements, 'sms', reply.number)
  const [request] = await statements.query<StoredRequest>(
    `select ${COLUMNS} from opt_in_request r
       join service_message m on m.dedupe_key = '${requestDedupeKey('')}' || r.id::text and m.handed_off_at is not null
      where r.channel = 'sms' and r.address_hash = any($1::text[]) and r.contact_id = any($2::uuid[])
        and r.confirmed_at is null and r.expires_at > $3
      order by m.handed_off_at desc, r.id limit 1`,
    [hashesOf(keys, 'sms', reply.number), contacts, reply.at],
  )
  if (request === undefined) return 'no'
  const confirmation = { method: 'reply', messageId: reply.providerId } as const
  const done = await confirm(statements, keys, workspace, request, {
    confirmation,
    at: reply.at,
    address: reply.number,
  })
  return done ? 'confirmed' : 'no'
}

/** What a confirmation link leads to. */
export type LinkState =
  /** To be confirmed, or confirmed already and still in force. */
  | {
      readonly kind: 'open' | 'confirmed'
      readonly brand: string
      readonly title: string
      readonly channel: Channel
      readonly language: Language
    }
  /** Too late, or the person has said no since: only a new request can bring consent. */
  | { readonly kind: 'expired' | 'withdrawn' }
  /** Not ours, cut off, of somebody erased, or of an address that the contact does not have any more. */
  | { readonly kind: 'unknown' }

export interface LinkDeps {
  readonly database: Database
  readonly keys: AddressKeys
  readonly secrets: readonly string[]
  readonly workspace: () => Promise<CompiledWorkspace | undefined>
}

/** What a link would do; changes nothing, because scanners open every link of a mail. */
export async function describeLink(deps: LinkDeps, token: string, at: number): Promise<LinkState> {
  const workspace = await deps.workspace()
  return deps.database.transaction(async (statements) => (await readLink(statements, deps, workspace, token, at)).state)
}

/** Does what the link stands for. Repeating it changes nothing. */
export async function confirmByLink(
  deps: LinkDeps,
  token: string,
  confirmation: Extract<Confirmation, { method: 'link' }>,
  at: number,
): Promise<LinkState> {
  const workspace = await deps.workspace()
  return deps.database.transaction(async (statements) => {
    const { state, request, address } = await readLink(statements, deps, workspace, token, at)
    if (state.kind !== 'open' || request === undefined || workspace === undefined || address === undefined) return state
    const done = await confirm(statements, deps.keys, workspace, request, { confirmation, at, address })
    return done ? { ...state, kind: 'confirmed' } : { kind: 'withdrawn' }
  })
}

interface ReadLink {
  readonly state: LinkState
  readonly request?: StoredRequest
  readonly address?: string
}

async function readLink(
  statements: Statements,
  deps: LinkDeps,
  workspace: CompiledWorkspace | undefined,
  token: string,
  at: number,
): Promise<ReadLink> {
  const unknown: ReadLink = { state: { kind: 'unknown' } }
  const claim = readOptInToken(token)
  if (claim === undefined) return unknown
  // Locked first and read after that: a statement that had to wait sees of the request what was true before the wait.
  await statements.query(
    `select c.id from opt_in_request r join contact c on c.id = r.contact_id where r.id = $1 for no key update of c`,
    [claim.requestId],
  )
  const [request] = await statements.query<StoredRequest & { email: string | null; phone: string | null }>(
    `select ${COLUMNS}, c.email, c.phone from opt_in_request r join contact c on c.id = r.contact_id where r.id = $1`,
    [claim.requestId],
  )
  if (request === undefined) return unknown
  const { channel, purpose, address_hash: addressHash, expires_at: expiresAt } = request
  if (!isSigned(token, { requestId: request.id, channel, purpose, addressHash, expiresAt }, deps.secrets))
    return unknown
  const raw = channel === 'email' ? request.email : request.phone
  const address = raw === null ? undefined : normalizeAddress(channel, raw)
  // Consent is the person's, but only for the address that was asked: another one has said nothing.
  if (address === undefined || !hashesOf(deps.keys, channel, address).includes(addressHash)) return unknown
  if (workspace?.purposes[purpose] === undefined || voiceOf(workspace, channel, purpose) === undefined) return unknown
  if (await saidNoSince(statements, deps.keys, request, address)) return { state: { kind: 'withdrawn' } }
  if (request.confirmed_at === null && at >= expiresAt) return { state: { kind: 'expired' } }
  const { brand, title, language } = programmeOf(workspace, channel, purpose, request.proof)
  const kind = request.confirmed_at === null ? 'open' : 'confirmed'
  return { state: { kind, brand, title, channel, language }, request, address }
}

interface Answered {
  readonly confirmation: Confirmation
  readonly at: number
  readonly address: string
}

/** False if the person has said no since they were asked, or the request was answered meanwhile. The contact is locked. */
async function confirm(
  statements: Statements,
  keys: AddressKeys,
  workspace: CompiledWorkspace,
  request: StoredRequest,
  { confirmation, at, address }: Answered,
): Promise<boolean> {
  if (await saidNoSince(statements, keys, request, address)) return false
  const taken = await statements.query<{ id: string }>(
    'update opt_in_request set confirmed_at = $2 where id = $1 and confirmed_at is null returning id',
    [request.id, at],
  )
  if (taken.length === 0) return false
  const { contact_id: contactId, channel, purpose, proof } = request
  await grant(statements, keys, workspace, {
    contactId,
    channel,
    purpose,
    source: 'double_opt_in',
    proof: { ...proof, confirmedBy: request.id, confirmation: { ...confirmation, at } },
    at,
    recordedAt: at,
    asked: true,
    address,
  })
  return true
}

async function saidNoSince(
  statements: Statements,
  keys: AddressKeys,
  { contact_id: contactId, channel, purpose, requested_at: since }: StoredRequest,
  address: string,
): Promise<boolean> {
  const found = await statements.query(
    `select 1 as no from consent
      where contact_id = $1 and channel = $2 and state = 'revoked' and purpose in ($3, '${EVERY_PURPOSE}') and at >= $4
     union all
     select 1 from suppression
      where address_hash = any($5::text[]) and channel = $2 and lifted_at is null and reason = any($6::text[]) and at >= $4`,
    [contactId, channel, purpose, since, hashesOf(keys, channel, address), LIFTABLE_REASONS],
  )
  return found.length > 0
}
