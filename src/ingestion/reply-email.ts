import { createHash } from 'node:crypto'
import { type AddressKeys, hashAddress, normalizeAddress } from '../consent/address.ts'
import { type Classification, classify } from '../consent/revocation/classify.ts'
import { policiesAt, policyScope, widest } from '../consent/revocation/scope.ts'
import type { Database, Statements } from '../core/database.ts'
import { contactsAt } from './feedback-effects.ts'
import { liveWorkspace, withoutNul } from './inbound.ts'
import { isFreeText, route } from './replies.ts'
import { takeBack } from './take-back.ts'
import { takeBackElsewhere } from './take-back-elsewhere.ts'

/** An email from a person, as an inbound parser passes it on. */
export interface InboundEmail {
  readonly provider: string
  /** The header block, as it came. */
  readonly headers: string
  /** As in the header: "Ada <ada@example.com>". */
  readonly from: string
  readonly to: string
  readonly subject: string
  /** The text part; empty where there was none. */
  readonly text: string
}

/**
 * Stores an email from a person and does what it asks, in one transaction. A replied "unsubscribe" is a revocation
 * (47 CFR 64.1200(a)(10)); an answering machine's is nothing.
 */
export async function recordInboundEmail(
  deps: { readonly database: Database; readonly keys: AddressKeys },
  email: InboundEmail,
  receivedAt: number,
): Promise<'recorded' | 'duplicate' | 'unreadable'> {
  const address = normalizeAddress('email', addressIn(email.from))
  if (address === undefined) return 'unreadable'
  const written = ownWords(email.text)
  const automatic = isAutomatic(email)
  const read = automatic ? undefined : readEmail(email.subject, written)
  const revokes = read?.meaning === 'revoke'
  const doubtful = read?.meaning === 'ambiguous'
  const meaning = read === undefined ? 'auto_reply' : revokes ? 'stop' : doubtful ? 'ambiguous' : 'reply'
  const body = withoutNul(`${email.subject}\n\n${written}`.trim())
  return deps.database.transaction(async (statements) => {
    const contacts = await contactsAt(statements, 'email', address)
    const contactId = contacts[0] ?? null
    const { hash, version } = hashAddress(deps.keys, 'email', address)
    const [stored] = await statements.query<{ id: number }>(
      `insert into inbound_message (provider, provider_id, contact_id, channel, meaning, rule, hints, address_hash, key_version,
                                    free_text, state, body, received_at)
       values ($1, $2, $3, 'email', $4, $5, $6, $7, $8, $9, $10, $11, $12)
       on conflict (provider, provider_id) do nothing
       returning id`,
      [
        email.provider,
        messageIdOf(email),
        contactId,
        meaning,
        read?.rule ?? 'automatic',
        read?.hints ?? [],
        hash,
        version,
        meaning === 'reply' && isFreeText(written),
        doubtful ? 'open' : null,
        body.slice(0, MOST_KEPT),
        receivedAt,
      ],
    )
    if (stored === undefined) return 'duplicate'
    if (read === undefined) return 'recorded'
    const from = { email, address, contacts, contactId, inbound: stored.id, receivedAt, text: body.slice(0, MOST_KEPT) }
    await act(statements, deps.keys, from, read)
    return 'recorded'
  })
}

const MOST_KEPT = 20_000

interface From {
  readonly email: InboundEmail
  readonly address: string
  readonly contacts: readonly string[]
  readonly contactId: string | null
  readonly inbound: number
  readonly receivedAt: number
  readonly text: string
}

async function act(statements: Statements, keys: AddressKeys, from: From, read: Classification): Promise<void> {
  const workspace = await liveWorkspace(statements)
  const policies = policiesAt(workspace, 'email', addressIn(from.email.to))
  if (read.meaning !== 'revoke') {
    // An operator's own mailbox: its answers to forwarded replies would be forwarded to itself, for ever.
    if (policies.some(({ replies }) => replies?.email?.toLowerCase() === from.address)) return
    await route(statements, {
      inbound: from.inbound,
      policies,
      workspace,
      contactId: from.contactId,
      channel: 'email',
      meaning: read.meaning === 'ambiguous' ? 'ambiguous' : 'reply',
      text: from.text,
      at: from.receivedAt,
    })
    return
  }
  const refusal = {
    keys,
    workspace,
    channel: 'email',
    address: from.address,
    scope: widest(policyScope(policies), ...(read.scope === undefined ? [] : [read.scope])),
    carrierBlocks: false,
    by: from.email.provider,
    source: 'keyword',
    proof: { provider: from.email.provider, inbound: from.inbound, rule: read.rule, hints: read.hints },
    at: from.receivedAt,
    receivedAt: from.receivedAt,
  } as const
  const taken = await takeBack(statements, refusal)
  if (read.hints.includes('texts')) await takeBackElsewhere(statements, refusal, 'sms', from.contacts)
  await statements.query('update inbound_message set scope = $2 where id = $1', [from.inbound, taken.scope])
}

/**
 * Subject and first lines together. The subject counts only where the person wrote it: that of an answer is our own, and an offer may
 * well speak of an end.
 */
function readEmail(subject: string, written: string): Classification {
  const lines = written.split('\n').slice(0, READ_LINES).join('\n')
  const readings = [lines, ...(ANSWER.test(subject) ? [] : [subject])].map((text) => classify(text))
  const first = (meaning: Classification['meaning']) => readings.find((reading) => reading.meaning === meaning)
  return first('revoke') ?? first('ambiguous') ?? { meaning: 'reply', hints: [], language: 'en', rule: 'none' }
}

const READ_LINES = 6
/** Re, Fwd and their sisters: German AW and WG, Scandinavian SV, Spanish RV, French TR, Italian RIF. */
const ANSWER = /^\s*(?:re|fw|fwd|aw|wg|sv|vs|rv|tr|rif|antw|res)\s*(?:\[\d+\])?\s*:/i

/** The lines that the person wrote: without what is quoted, without signature. */
export function ownWords(text: string): string {
  const own: string[] = []
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  for (const [i, line] of lines.entries()) {
    // Mail programs break the long line that introduces the quotation.
    if (QUOTATION.test(line) || QUOTATION.test(`${line} ${lines[i + 1] ?? ''}`)) break
    if (!line.trimStart().startsWith('>')) own.push(line.trim())
  }
  return own.join('\n').trim()
}

const QUOTATION =
  /^\s*(?:(?:on|am|le|el|il|em|op|den)\b.{4,200}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev)\s?:|-{2,}\s*(?:original message|mensaje original|ursprüngliche nachricht|message d'origine|forwarded message)|_{10,}|(?:from|de|von)\s?:\s.*@|-- ?$|(?:sent|enviado|gesendet|envoyé) (?:from|desde|von|depuis) (?:my|mi|meinem|mon)\b)/i

/** An answering machine, a mailing list, a bounce: RFC 3834, and what mail programs used before it. */
function isAutomatic({ headers, subject }: InboundEmail): boolean {
  const unfolded = headers.replaceAll(/\r?\n[ \t]+/g, ' ')
  return (
    /^auto-submitted:\s*(?!no\b)\S/im.test(unfolded) ||
    /^x-auto(?:reply|respond|-reply)\s*:|^x-autoresponse\s*:/im.test(unfolded) ||
    /^precedence:\s*(?:auto_reply|bulk|junk|list)\b/im.test(unfolded) ||
    /^return-path:\s*<>/im.test(unfolded) ||
    /^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|respuesta automática|fuera de (?:la )?oficina|abwesenheit|réponse automatique|undeliver(?:able|ed)|delivery status notification|mail delivery failed)/i.test(
      subject,
    )
  )
}

/** "Ada <ada@example.com>" or a bare address; of several the first. */
function addressIn(header: string): string {
  return (/<([^<>\s]+@[^<>\s]+)>/.exec(header)?.[1] ?? header.split(',')[0] ?? '').trim()
}

/** As an opaque id: Message-ID may hold a name. Without one, the mail itself. */
function messageIdOf({ headers, from, subject, text }: InboundEmail): string {
  const id = /^message-id:\s*(\S+)/im.exec(headers.replaceAll(/\r?\n[ \t]+/g, ' '))?.[1]
  return createHash('sha256')
    .update(id ?? `${from}\n${subject}\n${text}`)
    .digest('hex')
}
