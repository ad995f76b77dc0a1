import { lockAddress } from '../consent/address-lock.ts'
import { type AddressKeys, normalizeAddress } from '../consent/address.ts'
import { readAnswer } from '../consent/opt-in/answer.ts'
import type { ConsentSource } from '../consent/ledger.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { sendId } from '../core/send-id.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { contactsAt } from './feedback-effects.ts'
import { confirmByReply } from './opt-in-confirmation.ts'
import { grant } from './opt-in-grant.ts'
import { type Asked, askToConfirm, type OptInDeps } from './opt-in-request.ts'

/** Somebody wants to be contacted, as a form, a checkout, a server or the person's own phone says. */
export interface Wish {
  readonly contactId: string
  readonly channel: Channel
  /** A purpose of the live workspace. */
  readonly purpose: string
  readonly source: ConsentSource
  readonly proof: Readonly<Record<string, unknown>>
  /** Epoch milliseconds at which the person said so. */
  readonly at: number
  /** Epoch milliseconds at which it came to be known. */
  readonly recordedAt: number
  /** It came from the address itself, so that it takes back the person's own older "no" as well. */
  readonly asked?: boolean
  /** The proof holds a confirmation that was made elsewhere. */
  readonly confirmed?: boolean
  /** Ask for a confirmation whatever the purpose's opt-in: consent that is about to lapse, or is not well proven. */
  readonly anew?: boolean
}

/** `granted`: recorded, and it holds unless something newer says no. */
export type Taken = { readonly kind: 'granted' } | Asked

/**
 * Takes a wish, in the caller's transaction. Consent to a purpose with double opt-in holds only after the person has confirmed it from
 * the address itself; until then the ledger says `requested`, which changes nothing about what holds. A text that confirms the
 * opt-in, or the request, is written in the same transaction. Never revives what the person has said no to since.
 */
export async function takeConsent(
  statements: Statements,
  deps: OptInDeps,
  workspace: CompiledWorkspace,
  wish: Wish,
): Promise<Taken> {
  const [person] = await statements.query<{ email: string | null; phone: string | null }>(
    'select email, phone from contact where id = $1 for no key update',
    [wish.contactId],
  )
  const raw = wish.channel === 'email' ? person?.email : person?.phone
  const address = raw === null || raw === undefined ? undefined : normalizeAddress(wish.channel, raw)
  const double = workspace.purposes[wish.purpose]?.optIn?.[wish.channel] === 'double'
  if (wish.anew === true || (double && wish.confirmed !== true)) {
    return askToConfirm(statements, deps, workspace, { ...wish, address })
  }
  await grant(statements, deps.keys, workspace, { ...wish, address })
  return { kind: 'granted' }
}

export interface AnsweringText {
  /** The number that wrote, E.164. */
  readonly address: string
  readonly text: string
  /** The carrier's id of the text: the proof. */
  readonly providerId: string
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * What a text means for opting in, and does it, in the caller's transaction: Y confirms the request that was sent last to this number;
 * a purpose's keyword is consent in itself, from the person's own phone. The caller has made sure that the text is no STOP, and that
 * it is seen once.
 */
export async function answerOptIn(
  statements: Statements,
  deps: { readonly keys: AddressKeys },
  { address, text, providerId, at }: AnsweringText,
): Promise<'confirmed' | 'requested' | 'no'> {
  const number = normalizeAddress('sms', address)
  const workspace = await liveWorkspace(statements)
  if (number === undefined || workspace === undefined) return 'no'
  const answer = readAnswer(text, workspace.purposes)
  if (answer === undefined) return 'no'
  if (answer.kind === 'yes') return confirmByReply(statements, deps.keys, workspace, { number, providerId, at })
  const contactId = await joiner(statements, deps.keys, number, { providerId, at })
  const taken = await takeConsent(statements, deps, workspace, {
    contactId,
    channel: 'sms',
    purpose: answer.purpose,
    source: 'keyword',
    proof: { keyword: answer.keyword, messageId: providerId },
    at,
    recordedAt: at,
    asked: true,
  })
  return taken.kind === 'granted' ? 'confirmed' : 'requested'
}

/** Whose consent a keyword is: of several people with the number, the one who was texted last; somebody new, if nobody has it. */
async function joiner(
  statements: Statements,
  keys: AddressKeys,
  number: string,
  { providerId, at }: { readonly providerId: string; readonly at: number },
): Promise<string> {
  const known = await contactsAt(statements, 'sms', number)
  const [only, other] = known
  if (only !== undefined && other === undefined) return only
  if (only !== undefined) {
    const [texted] = await statements.query<{ contact_id: string }>(
      `select contact_id from send
        where contact_id = any($1::uuid[]) and channel = 'sms' and handed_off_at is not null
        order by handed_off_at desc limit 1`,
      [known],
    )
    return texted?.contact_id ?? only
  }
  // Two texts of a stranger at once make one contact: whoever comes second finds it.
  await lockAddress(statements, keys, 'sms', number)
  const [made] = await contactsAt(statements, 'sms', number)
  if (made !== undefined) return made
  // Named after the text, so that it is the same however often the transaction is run.
  const id = sendId('contact', providerId, 'action')
  await statements.query('insert into contact (id, phone, created_at, updated_at) values ($1, $2, $3, $3)', [
    id,
    number,
    at,
  ])
  return id
}

async function liveWorkspace(statements: Statements): Promise<CompiledWorkspace | undefined> {
  const [live] = await statements.query<{ compiled: CompiledWorkspace }>('select compiled from workspace where id = 1')
  return live?.compiled
}
