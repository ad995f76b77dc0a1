import { lockAddress } from '../consent/address-lock.ts'
import { type AddressKeys, hashAddress, hashesOf } from '../consent/address.ts'
import { type ConsentSource, recordConsent } from '../consent/ledger.ts'
import { requestMail } from '../consent/opt-in/mail.ts'
import { requestText } from '../consent/opt-in/sms-text.ts'
import { signOptInToken } from '../consent/opt-in/token.ts'
import { voiceOf } from '../consent/opt-in/voice.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { sendId } from '../core/send-id.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { writeServiceMessage } from '../delivery/service-message/service-message.ts'
import { programmeOf } from './opt-in-grant.ts'

export interface OptInDeps {
  readonly keys: AddressKeys
  /** How confirmation links are made; absent where only texts are answered. */
  readonly links?: { readonly publicUrl: string; readonly secrets: readonly string[] }
}

/** What became of a question. In every case the wish is in the ledger. */
export const ASKED = [
  'sent',
  /** One went out within the last 24 hours. */
  'sent_before',
  /** The address was asked too often within the last 24 hours, for whatever. */
  'too_many',
  /** The contact has no address on the channel. */
  'no_address',
  /** No policy of the workspace has a sender on the channel. */
  'no_sender',
  /** The wish is so old that the person does not expect an answer any more. */
  'too_old',
] as const
export interface Asked {
  readonly kind: 'requested'
  readonly message: (typeof ASKED)[number]
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How long a person may take to answer. */
const ANSWER_WITHIN_MS: Readonly<Record<Channel, number>> = { sms: 48 * HOUR_MS, email: 7 * DAY_MS }

/**
 * How long after their own act people expect an answer. It then comes at whatever hour; a text that came later might come at night,
 * out of the blue. Beyond it nothing is written, and what was written is refused rather than sent.
 */
const EXPECTED_FOR_MS: Readonly<Record<Channel, number>> = { sms: HOUR_MS, email: DAY_MS }

/** Questions to one address in 24 hours, for whatever purpose and under whatever contact: nobody is flooded through a form. */
const QUESTIONS_A_DAY = 3

export interface Question {
  readonly contactId: string
  readonly channel: Channel
  readonly purpose: string
  readonly source: ConsentSource
  readonly proof: Readonly<Record<string, unknown>>
  readonly at: number
  readonly recordedAt: number
  readonly asked?: boolean
  readonly address: string | undefined
}

export function requestDedupeKey(requestId: string): string {
  return `opt-in-request:${requestId}`
}

/** Records the wish and asks the person to confirm it, if they may be asked. The caller has locked the contact. */
export async function askToConfirm(
  statements: Statements,
  deps: OptInDeps,
  workspace: CompiledWorkspace,
  question: Question,
): Promise<Asked> {
  const { contactId, channel, purpose, source, proof, at, recordedAt, address } = question
  await recordConsent(statements, { contactId, channel, purpose, state: 'requested', source, proof, at, recordedAt })
  const asked = (message: Asked['message']): Asked => ({ kind: 'requested', message })
  if (address === undefined) return asked('no_address')
  if (recordedAt - at >= EXPECTED_FOR_MS[channel]) return asked('too_old')
  const voice = voiceOf(workspace, channel, purpose)
  if (voice === undefined) return asked('no_sender')

  // Of the questions that many forms bring at once, each sees those before it.
  await lockAddress(statements, deps.keys, channel, address)
  const recent = await statements.query<{ own: boolean }>(
    `select (contact_id = $1 and purpose = $3) as own from opt_in_request
      where channel = $2 and requested_at > $5
        and ((contact_id = $1 and purpose = $3) or address_hash = any($4::text[]))`,
    [contactId, channel, purpose, hashesOf(deps.keys, channel, address), recordedAt - DAY_MS],
  )
  if (recent.some(({ own }) => own)) return asked('sent_before')
  if (recent.length >= QUESTIONS_A_DAY) return asked('too_many')

  const id = sendId('opt-in', `${contactId}.${channel}.${purpose}.${recordedAt}`, 'action')
  const expiresAt = recordedAt + ANSWER_WITHIN_MS[channel]
  const { hash, version } = hashAddress(deps.keys, channel, address)
  await statements.query(
    `insert into opt_in_request (id, contact_id, channel, purpose, address_hash, key_version, proof, asked, requested_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      contactId,
      channel,
      purpose,
      hash,
      version,
      JSON.stringify({ ...proof, source }),
      question.asked ?? false,
      recordedAt,
      expiresAt,
    ],
  )
  await writeServiceMessage(statements, {
    kind: 'opt_in_request',
    dedupeKey: requestDedupeKey(id),
    contactId,
    channel,
    address,
    sender: voice.sender,
    purpose,
    asked: question.asked ?? false,
    at,
    validUntil: at + EXPECTED_FOR_MS[channel],
    ...wordsOf(deps, workspace, { id, channel, purpose, proof, addressHash: hash, expiresAt }),
  })
  return asked('sent')
}

interface Written {
  readonly id: string
  readonly channel: Channel
  readonly purpose: string
  readonly proof: Readonly<Record<string, unknown>>
  readonly addressHash: string
  readonly expiresAt: number
}

function wordsOf(
  { links }: OptInDeps,
  workspace: CompiledWorkspace,
  { id, channel, purpose, proof, addressHash, expiresAt }: Written,
): { readonly text: string; readonly subject?: string; readonly html?: string } {
  const programme = programmeOf(workspace, channel, purpose, proof)
  if (channel === 'sms') return { text: requestText(programme) }
  const secret = links?.secrets[0]
  if (links === undefined || secret === undefined) throw new Error('a confirmation by email needs links')
  const token = signOptInToken({ requestId: id, channel, purpose, addressHash, expiresAt }, secret)
  const url = `${links.publicUrl.replace(/\/+$/, '')}/confirm/${token}`
  return requestMail(programme, { url, validDays: ANSWER_WITHIN_MS.email / DAY_MS })
}
