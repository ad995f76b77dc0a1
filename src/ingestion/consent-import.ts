import { lockAddress } from '../consent/address-lock.ts'
import type { AddressKeys } from '../consent/address.ts'
import { EVERY_PURPOSE, expiryOf, recordConsent } from '../consent/ledger.ts'
import { suppressionsOf } from '../consent/suppression.ts'
import type { Database, Statements } from '../core/database.ts'
import type { Purpose } from '../core/workspace.ts'
import { type ConsentList, type ConsentRow, type RawRow, readConsentRow } from './consent-row.ts'
import { lockContact } from './contacts.ts'
import { contactsAt } from './feedback-effects.ts'

export interface NumberedRow {
  readonly line: number
  /** Undefined: the line could not be read at all. */
  readonly raw: RawRow | undefined
}

export interface ImportDeps {
  readonly database: Database
  readonly keys: AddressKeys
  readonly purpose: Purpose
  readonly list: ConsentList
  /** Epoch milliseconds. */
  readonly now: number
  /** UUIDs for contacts that are made. */
  readonly newId: () => string
}

export type RowOutcome =
  | { readonly line: number; readonly kind: 'recorded' }
  /** The same consent was recorded before: the list is imported again. */
  | { readonly line: number; readonly kind: 'known' }
  | { readonly line: number; readonly kind: 'kept_aside'; readonly reason: string }

/**
 * Imports some rows of a list in one transaction. A row without proof, with a bad address, or of somebody who has said no, whenever that
 * was, is kept aside with its reason: a list never brings anybody back. Importing the same rows again changes nothing.
 */
export async function importConsents(deps: ImportDeps, rows: readonly NumberedRow[]): Promise<readonly RowOutcome[]> {
  return deps.database.transaction(async (statements) => {
    const outcomes: RowOutcome[] = []
    for (const row of rows) {
      const outcome = await importRow(statements, deps, row)
      if (outcome.kind === 'kept_aside') await keepAside(statements, deps, row, outcome.reason)
      outcomes.push(outcome)
    }
    return outcomes
  })
}

async function importRow(statements: Statements, deps: ImportDeps, { line, raw }: NumberedRow): Promise<RowOutcome> {
  const aside = (reason: string): RowOutcome => ({ line, kind: 'kept_aside', reason })
  if (raw === undefined) return aside('not readable as a row')
  const read = readConsentRow(raw, deps.list, deps.now)
  if (read.kind === 'kept_aside') return aside(read.reason)
  const { row } = read
  const { purpose, channel } = deps.list
  const expiresAt = expiryOf(deps.purpose, row.at)
  if (expiresAt !== undefined && expiresAt <= deps.now) return aside('the consent has lapsed')

  // Before anything is made: somebody who is blocked does not become a contact by a list.
  const blocks = await suppressionsOf(statements, deps.keys, channel, row.address)
  if (blocks.length > 0) return aside(`the address is blocked: ${blocks.join(', ')}`)
  const contactId = await contactFor(statements, deps, row)
  if (contactId === undefined) return aside('the user has another address')
  const [said] = await statements.query<{ no: boolean; known: boolean }>(
    `select exists (select 1 from consent where contact_id = $1 and channel = $2 and state = 'revoked'
                                            and purpose in ($3, '${EVERY_PURPOSE}')) as no,
            exists (select 1 from consent_event where contact_id = $1 and channel = $2 and purpose = $3
                                                  and state = 'granted' and source = 'import' and at = $4) as known`,
    [contactId, channel, purpose, row.at],
  )
  if (said?.no === true) return aside('the person has said no')
  if (said?.known === true) return { line, kind: 'known' }
  const { at, proof } = row
  const grant = { contactId, channel, purpose, state: 'granted', source: 'import', proof, at, expiresAt } as const
  await recordConsent(statements, { ...grant, recordedAt: deps.now })
  return { line, kind: 'recorded' }
}

/** The person of a row, locked; made if nobody has the id or the address. Undefined: the user's address is another one. */
async function contactFor(statements: Statements, deps: ImportDeps, row: ConsentRow): Promise<string | undefined> {
  const { channel } = deps.list
  const column = channel === 'email' ? 'email' : 'phone'
  if (row.userId !== undefined) {
    const made = { id: deps.newId(), at: deps.now }
    const contact = await lockContact(statements, { userId: row.userId }, made)
    if (contact[column] === row.address) return contact.id
    if (contact[column] !== null) return undefined
    await statements.query(`update contact set ${column} = $2, updated_at = $3 where id = $1`, [
      contact.id,
      row.address,
      deps.now,
    ])
    return contact.id
  }
  const [known] = await contactsAt(statements, channel, row.address)
  if (known !== undefined) return known
  await lockAddress(statements, deps.keys, channel, row.address)
  const [made] = await contactsAt(statements, channel, row.address)
  if (made !== undefined) return made
  const id = deps.newId()
  await statements.query(`insert into contact (id, ${column}, created_at, updated_at) values ($1, $2, $3, $3)`, [
    id,
    row.address,
    deps.now,
  ])
  return id
}

/** As `keepRejection`, but a list that is imported again does not fill the table with the same rows. */
async function keepAside(
  statements: Statements,
  { list, now }: ImportDeps,
  { line, raw }: NumberedRow,
  reason: string,
): Promise<void> {
  const payload = JSON.stringify(raw ?? null).replaceAll('\\u0000', '')
  await statements.query(
    `insert into rejection (source, reason, detail, payload, received_at)
     select 'import', 'bad_consent', $1, $2, $3
      where not exists (select 1 from rejection where source = 'import' and md5(payload) = md5($2) and detail = $1)`,
    [`${list.name}, line ${line}: ${reason}`, payload, now],
  )
}
