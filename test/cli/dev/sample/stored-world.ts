import type { Database } from '../../../../src/core/database.ts'
import type { LoggedHandOff } from '../../../../src/cli/dev/sample/hand-off.ts'
import { sendId } from '../../../../src/core/send-id.ts'
import { migrate } from '../../../../src/store/migrate.ts'
import { openPglite } from '../../../../src/store/pglite.ts'
import { abandonment, HOUR, journey, NOON, order, person, sampleOf, VERSION } from './evidence.ts'

/** Five carts as a finished sample leaves them: through, held out, without consent, ordered before the text, undeliverable. */
export const sample = sampleOf(
  [
    person(1),
    person(2),
    person(3, { consents: [] }),
    person(4),
    person(5, { faults: [{ channel: 'sms', to: '+12125550105', undeliverable: 30006 }] }),
  ],
  [...[1, 2, 3, 4, 5].map((number) => abandonment(number)), order(4, NOON + 2 * HOUR)],
)

const ENROLLMENTS = [1, 2, 3, 4, 5].map((number) => `00000000-0000-4000-8000-00000000000${number}`)
const enrollment = (number: number) => ENROLLMENTS[number - 1] ?? ''

export interface StoredWorld {
  readonly database: Database
  readonly handOffs: readonly LoggedHandOff[]
}

/** Writes that world into an embedded store, as ingestion, gate and delivery would have. */
export async function storeWorld(): Promise<StoredWorld> {
  const database = await openPglite(undefined)
  await migrate(database)
  const run = async (text: string, parameters: readonly unknown[]) => await database.query(text, parameters)
  const handOffs: LoggedHandOff[] = []

  await run('insert into journey_version values ($1, $2, $3, $4, $5, $6)', [
    VERSION,
    journey.id,
    JSON.stringify(journey),
    'c',
    'a',
    0,
  ])
  await run('insert into deployment values ($1, $2, $3)', [journey.id, VERSION, 0])
  for (const number of [1, 2, 3, 4, 5]) {
    const { userId, traits } = person(number)
    const id = `10000000-0000-4000-8000-00000000000${number}`
    const event = abandonment(number)
    await run(
      'insert into contact (id, external_id, email, phone, created_at, updated_at) values ($1, $2, $3, $4, 0, 0)',
      [id, userId, traits['email'], traits['phone']],
    )
    await run(
      `insert into event (message_id, contact_id, kind, name, properties, at, received_at) values ($1, $2, 'track', $3, $4, $5, $5)`,
      [event.messageId, id, event.event, JSON.stringify(event.properties), event.at],
    )
    const goal = number === 4
    await run(
      `insert into enrollment (id, journey, version, contact_id, key, trigger, state, outcome, held_out, entered_at, ended_at,
         converted_at, trigger_message_id) values ($1, $2, $3, $4, $5, $6, 'ended', $7, $8, $9, $10, $11, $12)`,
      [
        enrollment(number),
        journey.id,
        VERSION,
        id,
        `cart-${number}`,
        JSON.stringify(event.properties),
        goal ? 'goal' : 'completed',
        number === 2,
        NOON,
        NOON + 9 * HOUR,
        goal ? NOON + 2 * HOUR : null,
        event.messageId,
      ],
    )
    await run(
      `insert into outbox (enrollment_id, kind, payload, created_at, done_at) values ($1, 'start', '{}', $2, $2)`,
      [enrollment(number), NOON],
    )
  }
  const paid = order(4, NOON + 2 * HOUR)
  await run(
    `insert into event (message_id, kind, name, properties, at, received_at) values ($1, 'track', $2, '{}', $3, $3)`,
    [paid.messageId, paid.event, paid.at],
  )

  const send = async (
    number: number,
    step: string,
    state: string,
    how: { readonly branch?: 'fallback'; readonly reason?: string; readonly after?: number } = {},
  ) => {
    const channel = step === 'sms-code' && how.branch === undefined ? 'sms' : 'email'
    const at = NOON + (how.after ?? (step === 'sms-code' ? 3 : 1)) * HOUR
    const id = sendId(enrollment(number), step, how.branch ?? 'action')
    await run(
      `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state, reason,
         reserved_at, handed_off_at, updated_at)
       select $1, id, $3, $4, journey, version, contact_id, $5, 'cart-reminders', 'marketing', $6, $7, $8, $9, $8
         from enrollment where id = $2`,
      [
        id,
        enrollment(number),
        step,
        how.branch ?? 'action',
        channel,
        state,
        how.reason ?? null,
        at,
        state === 'refused' ? null : at,
      ],
    )
    if (!['delivered', 'undelivered', 'accepted'].includes(state)) return
    const to = person(number).traits[channel === 'email' ? 'email' : 'phone'] ?? ''
    handOffs.push({ id: `log-${handOffs.length}`, sendKey: id, channel, to, at })
  }
  await send(1, 'first-email', 'delivered')
  await send(1, 'sms-code', 'accepted')
  await send(2, 'first-email', 'held_out')
  await send(2, 'sms-code', 'held_out')
  await send(3, 'first-email', 'refused', { reason: 'no_consent' })
  await send(3, 'sms-code', 'rejected', { reason: 'opt_out:21610' })
  await send(4, 'first-email', 'delivered')
  await send(5, 'first-email', 'delivered')
  await send(5, 'sms-code', 'undelivered', { reason: '30006' })
  await send(5, 'sms-code', 'delivered', { branch: 'fallback', after: 4 })
  for (const [verdict, reason] of [
    ['hold', 'quiet_hours'],
    ['hold', 'min_gap'],
    ['hold', 'not_due'],
    ['send', 'allowed'],
  ]) {
    await run(
      `insert into decision (enrollment_id, step, branch, verdict, reason, facts, version, at)
       values ($1, $2, 'action', $3, $4, '{}', $5, 0)`,
      [enrollment(1), reason === 'not_due' ? 'first-email' : 'sms-code', verdict, reason, VERSION],
    )
  }
  return { database, handOffs }
}
