import type { Channel } from '../../core/compiled-journey.ts'
import type { Statements } from '../../core/database.ts'
import type { Disclosure } from './disclosure.ts'
import type { Language } from './language.ts'
import type { AskForOptIn } from './opt-in-asked.ts'

/** A filled sign-up form: every address is one, and has its box ticked. */
export interface SignUp {
  readonly purpose: string
  readonly addresses: readonly { readonly channel: Channel; readonly address: string; readonly shown: Disclosure }[]
  readonly language: Language
  /** Page, IP and user agent: evidence, see compliance.md. */
  readonly from: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly at: number
}

export interface SignUpDeps {
  readonly askForOptIn: AskForOptIn
  /** Ids for contacts that are made: UUIDs. */
  readonly newId: () => string
}

/**
 * Asks for consent for every address of a sign-up, in the caller's transaction. Anybody can type anybody's address, so nothing is
 * granted here: each address gets a confirmation of its own, and the answer to it is the consent.
 *
 * An address that nobody has makes a contact; one that is known stays with its contact, and nothing else is learned about that contact:
 * whoever types a known mailbox and their own number must not become the owner of both.
 */
export async function signUp(statements: Statements, deps: SignUpDeps, form: SignUp): Promise<void> {
  const boxes = Object.fromEntries(form.addresses.map(({ channel }) => [channel, 'ticked']))
  const contacts = await contactsFor(statements, deps, form)
  for (const { channel, shown } of form.addresses) {
    await deps.askForOptIn(statements, {
      contactId: contacts[channel] ?? '',
      channel,
      purpose: form.purpose,
      source: 'form',
      proof: {
        form: 'sign-up',
        wording: shown.text,
        wordingVersion: shown.version,
        wordingHash: shown.hash,
        language: form.language,
        boxes,
        ...form.from,
      },
      ownWish: false,
      at: form.at,
    })
  }
}

async function contactsFor(
  statements: Statements,
  deps: SignUpDeps,
  form: SignUp,
): Promise<Partial<Record<Channel, string>>> {
  const address = (channel: Channel): string | null =>
    form.addresses.find((one) => one.channel === channel)?.address ?? null
  const wanted = { email: address('email'), sms: address('sms') }
  const known = await lockKnown(statements, wanted)
  if (isComplete(wanted, known)) return known
  // Whoever makes a contact for an address holds the address's name, so that two sign-ups at once do not make two.
  const names = [`sign-up email ${wanted.email ?? ''}`, `sign-up sms ${wanted.sms ?? ''}`].filter(
    (name) => !name.endsWith(' '),
  )
  await statements.query(
    'select pg_advisory_xact_lock(key) from (select hashtextextended(name, 0) as key from unnest($1::text[]) as n (name) order by 1) as keys',
    [names],
  )
  const now = await lockKnown(statements, wanted)
  if (isComplete(wanted, now)) return now
  const id = deps.newId()
  const fresh = { email: now.email === undefined ? wanted.email : null, sms: now.sms === undefined ? wanted.sms : null }
  await statements.query(
    `insert into contact (id, email, phone, traits, created_at, updated_at) values ($1, $2, $3, '{}', $4, $4)`,
    [id, fresh.email, fresh.sms, form.at],
  )
  return {
    ...now,
    ...(fresh.email === null ? {} : { email: id }),
    ...(fresh.sms === null ? {} : { sms: id }),
  }
}

type Wanted = Readonly<Record<Channel, string | null>>

function isComplete(wanted: Wanted, known: Partial<Record<Channel, string>>): boolean {
  return (wanted.email === null || known.email !== undefined) && (wanted.sms === null || known.sms !== undefined)
}

/** Of several people with one address, the one whom the shop knows, then the oldest. Locked by id, as everywhere. */
async function lockKnown(statements: Statements, wanted: Wanted): Promise<Partial<Record<Channel, string>>> {
  const rows = await statements.query<{
    id: string
    external_id: string | null
    email: string | null
    phone: string | null
    created_at: number
  }>(
    `select id, external_id, email, phone, created_at from contact
      where email = $1 or phone = $2 order by id for no key update`,
    [wanted.email, wanted.sms],
  )
  const ranked = rows.toSorted(
    (a, b) => Number(a.external_id === null) - Number(b.external_id === null) || a.created_at - b.created_at,
  )
  const email = wanted.email === null ? undefined : ranked.find((row) => row.email === wanted.email)
  const sms = wanted.sms === null ? undefined : ranked.find((row) => row.phone === wanted.sms)
  return { ...(email === undefined ? {} : { email: email.id }), ...(sms === undefined ? {} : { sms: sms.id }) }
}
