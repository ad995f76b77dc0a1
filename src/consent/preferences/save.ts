import { CHANNELS, type Channel } from '../../core/compiled-journey.ts'
import type { Statements } from '../../core/database.ts'
import type { CompiledWorkspace } from '../../core/workspace.ts'
import { lockAddressHashes } from '../address-lock.ts'
import type { AddressKeys } from '../address.ts'
import { recordConsent } from '../ledger.ts'
import { liftOwnNo } from '../lift-own-no.ts'
import { suppress } from '../suppression.ts'
import type { Language } from './language.ts'
import type { AskForOptIn } from './opt-in-asked.ts'
import { type Person, readPerson } from './person.ts'
import type { PreferenceSubject } from './token.ts'
import { FEWER, type Switch, viewOf, pageVersion } from './view.ts'
import { type Act, planWish, type Wish } from './wish.ts'

/** A pause from the preference centre, in milliseconds. */
const PAUSE_MS = 30 * 86_400_000

/** A block that the same transaction is about to write. */
export interface ComingBlock {
  readonly channel: Channel
  readonly address: string
  readonly reason: string
}

export interface Given {
  readonly contactId: string
  readonly channel: Channel
  readonly purpose: string
  readonly proof: Readonly<Record<string, unknown>>
  /** Of the contact on the channel. */
  readonly address: string
  /** Epoch milliseconds. */
  readonly at: number
}

export interface SaveDeps {
  readonly keys: AddressKeys
  readonly workspace: CompiledWorkspace
  readonly askForOptIn: AskForOptIn
  /** Records a "yes" that counts at once, and writes the text that the carriers require after an opt-in; see opt-in-grant.ts. */
  readonly grant: (statements: Statements, given: Given) => Promise<void>
  /** Ends every run that is no longer allowed on any of its channels, see forbidden-runs.ts. */
  readonly endForbiddenRuns: (
    statements: Statements,
    contactIds: readonly string[],
    at: number,
    coming: readonly ComingBlock[],
  ) => Promise<unknown>
}

export interface Saying {
  readonly subject: PreferenceSubject
  readonly wish: Wish
  /** Of the page on which it was said. */
  readonly language: Language
  /** IP and user agent, where they are known: evidence, see compliance.md. */
  readonly from: Readonly<Record<string, string>>
  /** Epoch milliseconds. */
  readonly at: number
}

export interface Saved {
  /** Channels to which a confirmation was sent. */
  readonly asked: readonly Channel[]
  /** Something could not be asked for: too often already, or there is nothing to ask with. */
  readonly notAsked: boolean
  /** See `Plan.outdated`. */
  readonly outdated: boolean
}

/**
 * Takes what a person asked for in the preference centre: consent, blocks, pause, cap and language, in the caller's transaction.
 * Everybody with one of the person's addresses is locked and gets the same "no": it is the mailbox or the phone that wants silence,
 * and two contacts with one address are one person to its owner. A "yes" is the person's alone.
 *
 * Saying it again changes nothing. Undefined if there is nobody behind the link any more.
 */
export async function savePreferences(
  statements: Statements,
  deps: SaveDeps,
  saying: Saying,
): Promise<Saved | undefined> {
  const locked = await lockPerson(statements, deps.keys, saying.subject)
  if (locked === undefined) return undefined
  const { person, sharers } = locked
  const { wish, at } = saying
  const view = viewOf(person, deps.workspace, saying.language, at)
  const plan = planWish(person, view, wish, at)
  const everybody = [...new Set([person.id, ...CHANNELS.flatMap((channel) => sharers[channel])])].toSorted()
  const context = { person, sharers, version: pageVersion(view) }
  const asked = new Set<Channel>()
  let notAsked = false
  // What locks addresses comes last: contacts, then runs, then addresses, as everywhere.
  for (const act of plan.acts.filter(isSaid)) await apply(statements, deps, saying, context, act)
  await deps.endForbiddenRuns(statements, everybody, at, blocksComing(person, plan.acts))
  for (const act of plan.acts.filter((one) => !isSaid(one))) {
    const done = await apply(statements, deps, saying, context, act)
    if (!done) notAsked = true
    else if (act.kind === 'ask') asked.add(act.channel)
  }
  if (wish.kind === 'stop') await suppressFormerAddress(statements, deps.keys, person, at)
  await applySettings(statements, everybody, person.id, wish, at)
  return { asked: CHANNELS.filter((channel) => asked.has(channel)), notAsked, outdated: plan.outdated }
}

function isSaid({ kind }: Act): boolean {
  return kind === 'revoke' || kind === 'grant'
}

function blocksComing({ addresses }: Person, acts: readonly Act[]): readonly ComingBlock[] {
  return acts.flatMap(({ kind, channel }) => {
    const address = addresses[channel]
    return kind === 'suppress' && address !== undefined ? [{ channel, address, reason: 'unsubscribe' }] : []
  })
}

/** The link came to an address that the contact has given up: whoever reads it there wants silence there. Known by its hash alone. */
async function suppressFormerAddress(
  statements: Statements,
  keys: AddressKeys,
  { formerAddress }: Person,
  at: number,
): Promise<void> {
  if (formerAddress === undefined) return
  await lockAddressHashes(statements, [formerAddress.hash])
  await statements.query(
    `insert into suppression as old (address_hash, key_version, channel, reason, source, at)
     values ($1, $2, $3, 'unsubscribe', 'link', $4)
     on conflict (address_hash, channel, reason) do update set at = greatest(old.at, excluded.at), lifted_at = null, lifted_by = null`,
    // Which key made it nobody knows any more: the oldest is named, so that no rotation says that it can be thrown away.
    [formerAddress.hash, Math.min(...Object.keys(keys.keys).map(Number)), formerAddress.channel, at],
  )
}

/** Ids of the contacts with the person's address on a channel, the person among them. */
type Sharers = Readonly<Record<Channel, readonly string[]>>

interface Locked {
  readonly person: Person
  readonly sharers: Sharers
}

const ROUNDS = 5

/**
 * Locks everybody with one of the person's addresses, in the order of their ids. That is enough to read the blocks of the addresses:
 * who writes one locks these contacts too, see suppression.ts. What was read before the locks is read again.
 */
async function lockPerson(
  statements: Statements,
  keys: AddressKeys,
  subject: PreferenceSubject,
): Promise<Locked | undefined> {
  for (let round = 0; round < ROUNDS; round++) {
    const before = await readPerson(statements, keys, subject)
    if (before === undefined) return undefined
    const { email, sms } = before.addresses
    const rows = await statements.query<{ id: string; email: string | null; phone: string | null }>(
      `select id, email, phone from contact where id = $1 or email = $2 or phone = $3 order by id for no key update`,
      [before.id, email ?? null, sms ?? null],
    )
    const person = await readPerson(statements, keys, subject)
    if (person?.id !== before.id || person.addresses.email !== email || person.addresses.sms !== sms) continue
    const idsWith = (address: string | undefined, of: (row: (typeof rows)[number]) => string | null): string[] =>
      rows.filter((row) => row.id === person.id || (address !== undefined && of(row) === address)).map(({ id }) => id)
    return { person, sharers: { email: idsWith(email, (row) => row.email), sms: idsWith(sms, (row) => row.phone) } }
  }
  throw new Error('the contact of a preference link does not come to rest')
}

/** False only for a question that could not be asked. */
async function apply(
  statements: Statements,
  deps: SaveDeps,
  saying: Saying,
  { person, sharers, version }: Locked & { readonly version: string },
  act: Act,
): Promise<boolean> {
  const { channel } = act
  const { at } = saying
  const address = person.addresses[channel] ?? ''
  switch (act.kind) {
    case 'revoke':
      for (const contactId of sharers[channel]) {
        await recordConsent(statements, {
          contactId,
          channel,
          purpose: act.purpose,
          state: 'revoked',
          source: 'preferences',
          proof: evidence(saying, version),
          at,
          recordedAt: at,
        })
      }
      return true
    case 'grant':
      await deps.grant(statements, {
        contactId: person.id,
        channel,
        purpose: act.purpose,
        proof: evidence(saying, version, act.shown),
        address,
        at,
      })
      return true
    case 'ask':
      return deps.askForOptIn(statements, {
        contactId: person.id,
        channel,
        purpose: act.purpose,
        source: 'preferences',
        proof: evidence(saying, version, act.shown),
        ownWish: person.provenChannel !== undefined,
        at,
      })
    case 'suppress':
      await suppress(statements, { keys: deps.keys, channel, address, reason: 'unsubscribe', source: 'link', at })
      return true
    case 'lift':
      await liftOwnNo(statements, { ...deps, channel, address, reasons: ['unsubscribe'], at, recordedAt: at })
      return true
    default:
      return act satisfies never
  }
}

/** What shows later who said what, where, and before which words. */
function evidence(saying: Saying, version: string, shown?: Switch): Readonly<Record<string, unknown>> {
  const { subject, wish, language, from } = saying
  return {
    page: 'preference-centre',
    pageVersion: version,
    button: wish.kind,
    language,
    ...(subject.kind === 'send' ? { send: subject.id } : {}),
    ...(shown === undefined
      ? {}
      : {
          wording: shown.disclosure.text,
          wordingVersion: shown.disclosure.version,
          wordingHash: shown.disclosure.hash,
          box: { shown: 'off', left: 'on' },
        }),
    ...from,
  }
}

/** Pause and cap are about the person's mailbox and phone, so whoever shares one is asked for the same. The language is the person's. */
async function applySettings(
  statements: Statements,
  everybody: readonly string[],
  self: string,
  wish: Wish,
  at: number,
): Promise<void> {
  switch (wish.kind) {
    case 'pause':
      // Pressed twice, it lasts as long as pressed once.
      return upsert(
        statements,
        everybody,
        'paused_until_at',
        [at + PAUSE_MS],
        at,
        `old.paused_until_at is null or old.paused_until_at <= $2`,
      )
    case 'resume':
      return upsert(statements, everybody, 'paused_until_at', [null], at)
    case 'save': {
      if (wish.fewer !== undefined) {
        const cap = FEWER[wish.fewer]
        await upsert(statements, everybody, 'cap_count, cap_window_ms', [cap?.count ?? null, cap?.windowMs ?? null], at)
      }
      if (wish.language !== undefined) await upsert(statements, [self], 'language', [wish.language], at)
      return
    }
    case 'stop':
      return
    default:
      return wish satisfies never
  }
}

async function upsert(
  statements: Statements,
  contactIds: readonly string[],
  columns: 'paused_until_at' | 'cap_count, cap_window_ms' | 'language',
  values: readonly (number | string | null)[],
  at: number,
  condition = 'true',
): Promise<void> {
  const names = columns.split(', ')
  const places = names.map((_, index) => `$${index + 3}`)
  await statements.query(
    `insert into contact_preference as old (contact_id, updated_at, ${columns})
     select id, $2, ${places.join(', ')} from unnest($1::uuid[]) as ids (id)
     on conflict (contact_id) do update
       set updated_at = excluded.updated_at, ${names.map((name) => `${name} = excluded.${name}`).join(', ')}
       where ${condition}`,
    [contactIds, at, ...values],
  )
}
