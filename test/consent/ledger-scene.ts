import { recordConsent, type ConsentStatement } from '../../src/consent/ledger.ts'
import type { LedgerEntry } from '../../src/consent/chain.ts'
import { ENTRY } from '../../src/consent/verify-ledger.ts'
import type { Database } from '../../src/core/database.ts'
import { NOON } from '../gate/scene.ts'

/** One statement with everything that a form knows. */
function statement(contactId: string, change: Partial<ConsentStatement> = {}): ConsentStatement {
  return {
    contactId,
    channel: 'sms',
    purpose: 'cart-reminders',
    state: 'granted',
    source: 'form',
    proof: {
      wording: 'I agree to texts from Example Shop about my basket. Up to 4 a month. "No" ends it.',
      wordingVersion: '2026-07',
      language: 'en',
      page: 'https://shop.example.com/join',
      ip: '192.0.2.7',
      userAgent: 'A browser/1.0',
      jurisdiction: 'US-NY',
    },
    at: NOON,
    recordedAt: NOON,
    ...change,
  }
}

export function say(database: Database, contactId: string, change: Partial<ConsentStatement> = {}): Promise<void> {
  return database.transaction((statements) => recordConsent(statements, statement(contactId, change)))
}

export function entriesOf(database: Database, contactId: string): Promise<readonly LedgerEntry[]> {
  return database.query(`select ${ENTRY} from consent_event e where e.contact_id = $1 order by e.id`, [contactId])
}

/** Runs a statement as somebody who owns the tables and has switched their guards off, as an attacker or a bad restore would. */
export async function behindItsBack(
  database: Database,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<void> {
  await database.transaction(async (statements) => {
    await statements.query('alter table consent_event disable trigger user')
    await statements.query('alter table consent_audit disable trigger user')
    await statements.query(sql, parameters)
    await statements.query('alter table consent_event enable trigger user')
    await statements.query('alter table consent_audit enable trigger user')
  })
}
