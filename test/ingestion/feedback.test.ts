import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { suppressionsOf } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { createJourneyStore } from '../../src/delivery/compiled-store.ts'
import type { DeliverInput } from '../../src/core/delivery.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { HandOff } from '../../src/delivery/message-provider.ts'
import { receiveWebhook } from '../../src/ingestion/feedback.ts'
import { createSendgrid } from '../../src/providers/sendgrid/sendgrid.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import {
  deliverDeps,
  deploy,
  dueNow,
  enter,
  HOUR,
  KEYS,
  keyOf,
  NOON,
  type Run,
  runOf,
  sendOf,
} from '../delivery/fixture.ts'
import { scripted } from '../delivery/scripted-provider.ts'
import { pgliteStore } from '../delivery/stores.ts'
import { PUBLIC_KEY, REAL_NOW, sendgridWebhook, TOKEN, twilioWebhook } from './signed-webhooks.ts'

const twilio = createTwilio({ accountSid: 'AC1', authTokens: [TOKEN] })
const sendgrid = createSendgrid({ apiKey: 'SG.test', webhookPublicKeys: [PUBLIC_KEY] })
let database: Database
let run: Run
beforeAll(async () => {
  database = await pgliteStore().open()
  await deploy(database)
})
beforeEach(async () => {
  run = await enter(database)
})
afterAll(() => database.close())

let ids = 0
const accepted = (): HandOff => ({ kind: 'accepted', providerId: `id-${(ids += 1)}` })
async function sent(
  step: string,
  more: Partial<DeliverInput> = {},
  answer: HandOff = accepted(),
): Promise<DeliverInput> {
  const input = dueNow(run, step, more)
  await deliver(
    deliverDeps(database, { twilio: scripted('twilio', () => answer), sendgrid: scripted('sendgrid', () => answer) }),
    input,
  )
  return input
}
const deps = () => ({ database, keys: KEYS, journey: createJourneyStore(database), realNow: () => REAL_NOW })
const receipt = (recorded: number, duplicates = 0, unreadable = 0) => ({
  kind: 'accepted',
  recorded,
  duplicates,
  unreadable,
})

function callback(input: DeliverInput, status: string, code?: string, at = NOON + HOUR) {
  const webhook = twilioWebhook(`https://segue.example.com/webhooks/twilio/status/${keyOf(input)}`, {
    MessageSid: `SM-${keyOf(input)}`,
    MessageStatus: status,
    To: run.phone,
    ...(code === undefined ? {} : { ErrorCode: code }),
  })
  return receiveWebhook(deps(), twilio, 'feedback', webhook, at)
}
function events(list: readonly object[], at = NOON + HOUR) {
  return receiveWebhook(deps(), sendgrid, 'feedback', sendgridWebhook(list), at)
}
const event = (input: DeliverInput, name: string, more: object = {}) => ({
  event: name,
  email: run.email,
  timestamp: (NOON + 60_000) / 1_000,
  sg_event_id: `e-${(ids += 1)}`,
  sg_message_id: 'm1.filter',
  segue_send: keyOf(input),
  ...more,
})
const stateOf = async (input: DeliverInput) => (await sendOf(database, input))?.state
const signals = () =>
  database.query(`select payload from outbox where enrollment_id = $1 order by id`, [run.enrollment])
const revoked = (channel: string) =>
  database.query(`select purpose from consent where contact_id = $1 and channel = $2 and state = 'revoked'`, [
    run.contact,
    channel,
  ])

describe('a webhook', () => {
  test('that is forged is refused and leaves nothing behind', async () => {
    const input = await sent('alone')
    const forged = twilioWebhook(
      `https://segue.example.com/webhooks/twilio/status/${keyOf(input)}`,
      { MessageSid: 'SM1', MessageStatus: 'delivered' },
      'another token',
    )
    expect(await receiveWebhook(deps(), twilio, 'feedback', forged, NOON)).toEqual({ kind: 'forged' })
    expect(await stateOf(input)).toBe('accepted')
  })

  test('that is replayed counts once', async () => {
    const input = await sent('alone')
    expect(await callback(input, 'delivered')).toEqual(receipt(1))
    expect(await callback(input, 'delivered')).toEqual(receipt(0, 1))
    expect(await database.query('select event from feedback where send_id = $1', [keyOf(input)])).toEqual([
      { event: 'delivered' },
    ])
  })

  test('that is replayed by several processes at once counts once', async () => {
    const input = await sent('alone')
    const receipts = await Promise.all(Array.from({ length: 5 }, () => callback(input, 'delivered')))
    expect(receipts.filter((one) => one.kind === 'accepted' && one.recorded === 1)).toHaveLength(1)
  })

  test('that SendGrid signed two days ago is refused, whatever the virtual clock says', async () => {
    const input = await sent('mail')
    const old = sendgridWebhook([event(input, 'delivered')], REAL_NOW - 48 * HOUR)
    expect(await receiveWebhook(deps(), sendgrid, 'feedback', old, NOON)).toEqual({ kind: 'forged' })
  })

  test('with parts that are unreadable or match no send takes the rest and keeps those with their reason', async () => {
    const input = await sent('mail')
    const stranger = event(input, 'delivered', {
      segue_send: '00000000-0000-8000-a000-000000000000',
      sg_message_id: 'stranger',
    })
    expect(await events([event(input, 'levitated'), stranger, event(input, 'delivered')])).toEqual(receipt(1, 0, 2))
    expect(await stateOf(input)).toBe('delivered')
    const kept = await database.query<{ reason: string; payload: string }>(
      'select reason, payload from rejection order by id desc limit 2',
    )
    expect(kept.map(({ reason }) => reason).toSorted()).toEqual(['unmatched', 'unreadable'])
    expect(kept.find(({ reason }) => reason === 'unmatched')?.payload).not.toContain(run.email)
  })

  test('that comes again under a new event id is still the same', async () => {
    const input = await sent('mail')
    const delivered = event(input, 'delivered')
    expect(await events([delivered])).toEqual(receipt(1))
    expect(await events([{ ...delivered, sg_event_id: 'another' }])).toEqual(receipt(0, 1))
  })

  test('without a send key is matched by the id that the carrier gave', async () => {
    const input = await sent('mail', {}, { kind: 'accepted', providerId: 'mX' })
    const { segue_send: _, ...anonymous } = event(input, 'delivered', { sg_message_id: 'mX.filter' })
    expect(await events([anonymous])).toEqual(receipt(1))
    expect(await stateOf(input)).toBe('delivered')
  })
})

describe('the state of a send', () => {
  test('rises whatever the order of the callbacks, and never goes back', async () => {
    const input = await sent('alone')
    for (const status of ['delivered', 'sent', 'queued']) await callback(input, status)
    expect(await stateOf(input)).toBe('delivered')
  })

  test('is corrected by a bounce that follows a delivery', async () => {
    const input = await sent('mail')
    await events([event(input, 'delivered')])
    await events([event(input, 'bounce', { type: 'bounce' })])
    expect(await stateOf(input)).toBe('bounced')
  })

  test('is settled by a callback when the call had no answer', async () => {
    const input = await sent('alone', {}, { kind: 'unknown', cause: 'timeout' })
    await callback(input, 'delivered')
    expect(await sendOf(database, input)).toMatchObject({
      state: 'delivered',
      reason: null,
      provider_id: `SM-${keyOf(input)}`,
    })
  })

  test('is unknown for good when the carrier itself does not know, even if "sent" comes after that', async () => {
    const input = await sent('code')
    await callback(input, 'undelivered', '30008')
    await callback(input, 'sent')
    expect(await sendOf(database, input)).toMatchObject({ state: 'unknown', reason: 'unconfirmed' })
    expect(await signals()).toEqual([])
  })

  test('of a refusal is beyond the reach of any carrier', async () => {
    const nobody = await enter(database, { withoutPhone: true })
    const input = dueNow(nobody, 'alone')
    await deliver(deliverDeps(database, {}), input)
    await callback(input, 'delivered')
    expect(await stateOf(input)).toBe('refused')
  })
})

describe('what feedback says about the person', () => {
  test('a hard bounce suppresses the address and leaves consent alone', async () => {
    const input = await sent('mail')
    await events([event(input, 'bounce', { type: 'bounce' })])
    expect(await suppressionsOf(database, KEYS, 'email', run.email)).toEqual(['bounce'])
    expect(await revoked('email')).toEqual([])
  })

  test('a block, a deferral and a drop for spam content suppress nobody', async () => {
    const input = await sent('mail')
    const harmless = [
      event(input, 'bounce', { type: 'blocked' }),
      event(input, 'deferred'),
      event(input, 'dropped', { reason: 'Spam Content' }),
    ]
    expect(await events(harmless)).toEqual(receipt(3))
    expect(await suppressionsOf(database, KEYS, 'email', run.email)).toEqual([])
  })

  test('a complaint suppresses the address and revokes consent for everything', async () => {
    const input = await sent('mail')
    await events([event(input, 'spamreport')])
    expect(await suppressionsOf(database, KEYS, 'email', run.email)).toEqual(['complaint'])
    expect(await revoked('email')).toEqual([{ purpose: '*' }])
    expect(await revoked('sms')).toEqual([])
  })

  test('an unsubscription suppresses and revokes for everybody who has the address', async () => {
    const input = await sent('mail')
    const other = await enter(database, { same: run })
    await events([event(input, 'unsubscribe')])
    expect(await suppressionsOf(database, KEYS, 'email', run.email)).toEqual(['unsubscribe'])
    const rows = await database.query(
      `select 1 from consent where contact_id = any($1::uuid[]) and channel = 'email' and purpose = '*' and state = 'revoked'`,
      [[run.contact, other.contact]],
    )
    expect(rows).toHaveLength(2)
  })

  test('a complaint acts on the address even when no send matches', async () => {
    const orphan = event(dueNow(run, 'mail'), 'spamreport', { segue_send: undefined, sg_message_id: undefined })
    expect(await events([orphan])).toEqual(receipt(0, 0, 1))
    expect(await suppressionsOf(database, KEYS, 'email', run.email)).toEqual(['complaint'])
  })

  test('a number that does not exist is suppressed, a phone that is switched off is not', async () => {
    await callback(await sent('alone'), 'undelivered', '30003')
    expect(await suppressionsOf(database, KEYS, 'sms', run.phone)).toEqual([])
    await callback(await sent('code'), 'undelivered', '30005')
    expect(await suppressionsOf(database, KEYS, 'sms', run.phone)).toEqual(['invalid'])
  })

  test('an opt-out that only the carrier saw is a STOP', async () => {
    await callback(await sent('alone'), 'failed', '21610')
    expect(await suppressionsOf(database, KEYS, 'sms', run.phone)).toEqual(['stop'])
    expect(await revoked('sms')).toEqual([{ purpose: '*' }])
  })

  test('a "no" is never dated later than it was received', async () => {
    const input = await sent('mail')
    await events([event(input, 'spamreport', { timestamp: (NOON + 1_000 * HOUR) / 1_000 })])
    const [row] = await database.query<{ at: number }>(
      `select at from consent where contact_id = $1 and purpose = '*'`,
      [run.contact],
    )
    expect(row?.at).toBe(NOON + HOUR)
  })
})

describe('what the run is told', () => {
  const undelivered = { payload: { kind: 'undelivered', at: NOON + HOUR, step: 'code' } }

  test('bad news of a step with a fallback, once, and the run outlives its end for it', async () => {
    const input = await sent('code', { rest: 'nothing' })
    expect(await runOf(database, run)).toMatchObject({ state: 'active', ends_at: NOON + 4 * HOUR })
    await callback(input, 'undelivered', '30003')
    await callback(input, 'failed', '30003')
    expect(await signals()).toEqual([undelivered])
    const ends = (await runOf(database, run))?.ends_at ?? 0
    expect(ends).toBeGreaterThan(NOON + 24 * HOUR)
  })

  test('nothing of a step without a fallback, of a late receipt, of a run that has ended, of an unknown send', async () => {
    await callback(await sent('alone'), 'undelivered', '30003')
    await callback(await sent('code'), 'undelivered', '30003', NOON + 5 * HOUR)
    run = await enter(database)
    const over = await sent('code')
    await database.query(`update enrollment set state = 'ended', outcome = 'goal' where id = $1`, [run.enrollment])
    await callback(over, 'undelivered', '30003')
    expect(await signals()).toEqual([])
    run = await enter(database)
    await callback(await sent('code', {}, { kind: 'unknown', cause: 'timeout' }), 'undelivered', '30003')
    expect(await signals()).toEqual([])
  })

  test('the delivery that another step counts from, once', async () => {
    const input = await sent('code')
    await callback(input, 'sent')
    await callback(input, 'delivered')
    await callback(input, 'read')
    expect(await signals()).toEqual([
      { payload: { kind: 'anchored', at: NOON + HOUR, anchor: 'code.delivered', instant: NOON + HOUR } },
    ])
  })
})

describe('failures that pass', () => {
  /** Somebody new with this mailbox is sent a mail, and the mailbox says what became of it. */
  async function mail(mailbox: string, name: string, more: object = {}): Promise<void> {
    run = { ...(await enter(database)), email: mailbox }
    await database.query('update contact set email = $2 where id = $1', [run.contact, mailbox])
    await events([event(await sent('mail'), name, more)])
  }
  const blocks = (mailbox: string) => suppressionsOf(database, KEYS, 'email', mailbox)

  test('three in a row let the address rest, each counted once', async () => {
    const mailbox = 'often-full@example.com'
    await mail(mailbox, 'bounce', { type: 'blocked' })
    await mail(mailbox, 'bounce', { type: 'blocked' })
    expect(await blocks(mailbox)).toEqual([])
    await mail(mailbox, 'bounce', { type: 'blocked' })
    expect(await blocks(mailbox)).toEqual(['soft_bounce'])
  })

  test('a message that arrives in between starts the count again', async () => {
    const mailbox = 'sometimes-full@example.com'
    await mail(mailbox, 'bounce', { type: 'blocked' })
    await mail(mailbox, 'bounce', { type: 'blocked' })
    await mail(mailbox, 'delivered')
    await mail(mailbox, 'bounce', { type: 'blocked' })
    expect(await blocks(mailbox)).toEqual([])
  })
})
