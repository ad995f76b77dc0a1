import { countryOf } from '../consent/revocation/scope.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace, Policy } from '../core/workspace.ts'
import { OPT_OUT_CONFIRMATION_MS } from '../delivery/service-message/decide.ts'
import { writeServiceMessage } from '../delivery/service-message/service-message.ts'
import type { TakenBack } from './take-back.ts'

/** A text that is answered. */
export interface Answered {
  readonly workspace: CompiledWorkspace
  /** Reached by the number that the text was sent to. */
  readonly policies: readonly Policy[]
  /** The number of ours that was written to. */
  readonly to: string
  readonly contactId: string | null
  /** The writer, normalised. */
  readonly address: string
  /** Id of the stored text: one text has at most one answer. */
  readonly inbound: number
  readonly language: 'en' | 'es'
  /** Epoch milliseconds of the text. */
  readonly at: number
}

/** An answer to HELP is of use for as long as somebody waits with the phone in hand. */
const HELP_VALID_MS = 15 * 60_000

/**
 * The one text that answers a refusal, within five minutes: 47 CFR 64.1200(a)(12). It confirms and says nothing else: no offer, no
 * question, no way back.
 */
export async function confirmOptOut(statements: Statements, answered: Answered, taken: TakenBack): Promise<void> {
  const voice = voiceAt(answered)
  if (voice === undefined || !taken.news || (await asksTooOften(statements, answered))) return
  const { brand } = voice.policy
  const [purpose] = taken.purposes
  const programme = purpose === undefined ? undefined : answered.workspace.purposes[purpose]?.title
  const text =
    answered.language === 'es'
      ? taken.scope === 'purpose'
        ? `${brand}: Ya no recibira mas mensajes de texto${programme === undefined ? ' de este tipo' : ` sobre ${programme}`}.`
        : `${brand}: Su baja fue registrada. No recibira mas mensajes de texto ${taken.scope === 'everything' ? 'nuestros' : 'de publicidad'}.`
      : taken.scope === 'purpose'
        ? `${brand}: You are opted out and will get no more texts ${programme === undefined ? 'of this kind' : `about ${programme}`}.`
        : `${brand}: You are opted out and will get no more ${taken.scope === 'everything' ? '' : 'marketing '}texts from us.`
  await writeServiceMessage(statements, {
    kind: 'opt_out_confirmation',
    dedupeKey: `opt-out:${answered.inbound}`,
    contactId: answered.contactId,
    channel: 'sms',
    address: answered.address,
    sender: voice.sender,
    text,
    validUntil: answered.at + OPT_OUT_CONFIRMATION_MS,
    at: answered.at,
  })
}

/** HELP is always answered, also after a STOP: who we are, where to ask, how to stop (CTIA Messaging Principles 5.1.4). */
export async function answerHelp(statements: Statements, answered: Answered): Promise<void> {
  const voice = voiceAt(answered)
  if (voice === undefined || (await asksTooOften(statements, answered))) return
  const { brand, links } = voice.policy
  const support = links?.support
  const text =
    answered.language === 'es'
      ? `${brand}: mensajes de texto de ${brand}.${support === undefined ? '' : ` Ayuda: ${support}.`} La frecuencia varia. Pueden aplicarse tarifas de mensajes y datos. Responda STOP para cancelar.`
      : `${brand}: text messages from ${brand}.${support === undefined ? '' : ` Help: ${support}.`} Message frequency varies. Msg & data rates may apply. Reply STOP to opt out.`
  await writeServiceMessage(statements, {
    kind: 'help',
    dedupeKey: `help:${answered.inbound}`,
    contactId: answered.contactId,
    channel: 'sms',
    address: answered.address,
    sender: voice.sender,
    text,
    asked: true,
    validUntil: answered.at + HELP_VALID_MS,
    at: answered.at,
  })
}

/**
 * Answers of a kind to one address in 24 hours. A person has read the first; a machine that answers every text of ours would
 * otherwise be answered for ever.
 */
const ANSWERS_A_DAY = 5

async function asksTooOften(statements: Statements, { inbound, at }: Answered): Promise<boolean> {
  const [asked] = await statements.query<{ times: number }>(
    `select count(*)::int as times from inbound_message this
       join inbound_message i on i.address_hash = this.address_hash and i.channel = this.channel and i.meaning = this.meaning
      where this.id = $1 and i.received_at > $2`,
    [inbound, at - 86_400_000],
  )
  return (asked?.times ?? 0) > ANSWERS_A_DAY
}

/** Who answers: the sender that was written to. Nobody, if the number is none of ours: another number's answer would be a surprise. */
function voiceAt({ workspace, policies, to, address }: Answered) {
  const country = countryOf(address)
  for (const policy of policies) {
    const name = policy.senders.sms
    const sender = name === undefined ? undefined : workspace.senders[name]
    if (name === undefined || sender?.channel !== 'sms') continue
    const abroad = country === undefined ? undefined : sender.numbers?.[country]
    // A Messaging Service picks the number, so any may have been written to.
    if (sender.number === to || abroad === to || sender.number.startsWith('MG')) return { policy, sender: name }
  }
  return undefined
}
