import type { AddressKeys } from '../consent/address.ts'
import {
  allowsPurpose,
  type ConsentFact,
  type ConsentSource,
  EVERY_PURPOSE,
  expiryOf,
  recordConsent,
} from '../consent/ledger.ts'
import { liftOwnNo } from '../consent/lift-own-no.ts'
import { confirmationText, type Programme } from '../consent/opt-in/sms-text.ts'
import { voiceOf } from '../consent/opt-in/voice.ts'
import { titleOf } from '../consent/preferences/disclosure.ts'
import { languageOf } from '../consent/preferences/language.ts'
import { LIFTABLE_REASONS } from '../consent/suppression.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { writeServiceMessage } from '../delivery/service-message/service-message.ts'

/** As long as a question may take: nobody is welcomed out of the blue, and perhaps at night. */
const WELCOMED_WITHIN_MS = 3_600_000

export interface Grant {
  readonly contactId: string
  readonly channel: Channel
  readonly purpose: string
  readonly source: ConsentSource
  readonly proof: Readonly<Record<string, unknown>>
  readonly at: number
  readonly recordedAt: number
  /** It came from the address itself. */
  readonly asked?: boolean
  readonly address: string | undefined
}

/**
 * Records a grant and, when it makes texts allowed that were not allowed before, writes the confirmation that the carriers require:
 * one for each opt-in, however it was made. The caller has locked the contact.
 */
export async function grant(
  statements: Statements,
  keys: AddressKeys,
  workspace: CompiledWorkspace,
  given: Grant,
): Promise<void> {
  const { contactId, channel, purpose, source, proof, at, recordedAt, address } = given
  if (given.asked === true && address !== undefined) {
    // The person's own older "no" to this address is taken back by the person; a newer one stays, as do bounces and complaints.
    await liftOwnNo(statements, { keys, workspace, channel, address, reasons: LIFTABLE_REASONS, at, recordedAt })
  }
  const heldBefore = await holds(statements, given)
  const expiresAt = expiryOf(workspace.purposes[purpose], at)
  const said = { contactId, channel, purpose, state: 'granted', source, proof, at, recordedAt, expiresAt } as const
  await recordConsent(statements, said)
  if (channel !== 'sms' || address === undefined || heldBefore || recordedAt - at >= WELCOMED_WITHIN_MS) return
  const voice = voiceOf(workspace, channel, purpose)
  if (voice === undefined || !(await holds(statements, given))) return
  await writeServiceMessage(statements, {
    kind: 'opt_in_confirmation',
    dedupeKey: `opt-in:${contactId}:${channel}:${purpose}:${at}`,
    contactId,
    channel,
    address,
    sender: voice.sender,
    purpose,
    asked: given.asked ?? false,
    text: confirmationText(programmeOf(workspace, channel, purpose, proof)),
    at,
    validUntil: at + WELCOMED_WITHIN_MS,
  })
}

/** What the messages around an opt-in name. */
export function programmeOf(
  workspace: CompiledWorkspace,
  channel: Channel,
  name: string,
  proof: Readonly<Record<string, unknown>>,
): Programme & { readonly postalAddress: string } {
  const purpose = workspace.purposes[name]
  const policy = voiceOf(workspace, channel, name)?.policy
  if (purpose === undefined || policy === undefined) throw new Error(`the workspace has no voice for ${name}`)
  return {
    brand: policy.brand,
    postalAddress: policy.postalAddress,
    title: titleOf(name, purpose),
    // Asked in one language, answered in it.
    language: languageOf(proof['language']) ?? 'en',
    ...(purpose.frequency !== undefined && { frequency: purpose.frequency }),
  }
}

async function holds(statements: Statements, { contactId, channel, purpose, recordedAt }: Grant): Promise<boolean> {
  const facts = await statements.query<ConsentFact>(
    `select purpose, state, at, expires_at as "expiresAt" from consent
      where contact_id = $1 and channel = $2 and purpose in ($3, '${EVERY_PURPOSE}')`,
    [contactId, channel, purpose],
  )
  return allowsPurpose(purpose, facts, recordedAt)
}
