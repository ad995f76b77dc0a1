import { contentHash } from '../../src/core/canonical-json.ts'
import type { Database } from '../../src/core/database.ts'
import type { CompiledWorkspace, Policy } from '../../src/core/workspace.ts'
import { suppressionsOf } from '../../src/consent/suppression.ts'
import { createJourneyStore } from '../../src/delivery/compiled-store.ts'
import { receiveWebhook } from '../../src/ingestion/feedback.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import { KEYS, NOON, type Run } from '../delivery/fixture.ts'
import { REAL_NOW, TOKEN, twilioWebhook } from './signed-webhooks.ts'

const twilio = createTwilio({ accountSid: 'AC1', authTokens: [TOKEN] })
/** The number of the sender of every policy in the fixture. */
const OURS = '+12025550100'
let texts = 0

/** A person texts one of our numbers; the carrier passes it on, signed. */
export function texted(
  database: Database,
  from: string,
  body: string,
  more: { readonly fields?: Readonly<Record<string, string>>; readonly at?: number; readonly to?: string } = {},
) {
  texts += 1
  const webhook = twilioWebhook('https://segue.example.com/webhooks/twilio/inbound', {
    MessageSid: `SM${texts}`,
    From: from,
    To: more.to ?? OURS,
    Body: body,
    ...more.fields,
  })
  const deps = { database, keys: KEYS, journey: createJourneyStore(database), realNow: () => REAL_NOW }
  return receiveWebhook(deps, twilio, 'inbound', webhook, more.at ?? NOON)
}

export const blocksOf = (database: Database, run: Run, channel: 'sms' | 'email' = 'sms') =>
  suppressionsOf(database, KEYS, channel, channel === 'sms' ? run.phone : run.email)

export async function lastInbound(database: Database) {
  const [row] = await database.query<{
    id: number
    contact_id: string | null
    meaning: string
    body: string
    rule: string
    scope: string | null
    state: string | null
  }>('select id, contact_id, meaning, body, rule, scope, state from inbound_message order by id desc limit 1')
  return row
}

export async function consentsOf(database: Database, contact: string, channel = 'sms') {
  const rows = await database.query<{ purpose: string; state: string }>(
    'select purpose, state from consent where contact_id = $1 and channel = $2 order by purpose',
    [contact, channel],
  )
  return Object.fromEntries(rows.map(({ purpose, state }) => [purpose, state]))
}

export async function answersTo(database: Database, contact: string) {
  return database.query<{ kind: string; sender: string; body: string; address: string; valid_until: number }>(
    'select kind, sender, body, address, valid_until from service_message where contact_id = $1 order by updated_at, id',
    [contact],
  )
}

/** Changes what is live: the one policy of the fixture, and the rest. */
export async function change(
  database: Database,
  policy: Partial<Policy>,
  more: Partial<CompiledWorkspace> = {},
): Promise<void> {
  const [live] = await database.query<{ compiled: CompiledWorkspace }>('select compiled from workspace where id = 1')
  if (live === undefined) throw new Error('nothing is deployed')
  const retail = live.compiled.policies['us-retail']
  if (retail === undefined) throw new Error('the fixture has no policy us-retail')
  const compiled: CompiledWorkspace = {
    ...live.compiled,
    ...more,
    policies: { 'us-retail': { ...retail, ...policy } },
  }
  await database.query('update workspace set compiled = $1, hash = $2 where id = 1', [
    JSON.stringify(compiled),
    contentHash(compiled),
  ])
}
