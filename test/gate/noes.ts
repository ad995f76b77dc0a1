import { recordConsent } from '../../src/consent/ledger.ts'
import { suppress } from '../../src/consent/suppression.ts'
import type { Statements } from '../../src/core/database.ts'
import { KEYS, NOON } from './scene.ts'

/** The ways in which a person's wish, or its fulfilment, forbids a message; each as the product writes it. */
export const noes: readonly {
  readonly no: string
  readonly say: (statements: Statements, contactId: string, email: string) => Promise<void>
  readonly expected: string
}[] = [
  {
    no: 'a suppression of the address',
    say: (statements, _contactId, address) =>
      suppress(statements, { keys: KEYS, channel: 'email', address, reason: 'stop', source: 'twilio', at: NOON }),
    expected: 'refuse suppressed',
  },
  {
    no: 'a revocation of everything',
    say: (statements, contactId) =>
      recordConsent(statements, {
        contactId,
        channel: 'email',
        purpose: '*',
        state: 'revoked',
        source: 'link',
        proof: {},
        at: NOON,
        recordedAt: NOON,
      }),
    expected: 'refuse no_consent',
  },
  {
    no: 'a goal',
    say: async (statements, contactId) => {
      await statements.query(
        `update enrollment set state = 'ended', outcome = 'goal' where contact_id = $1 and state = 'active'`,
        [contactId],
      )
    },
    expected: 'ended goal',
  },
]
