import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { Channel } from '../../src/core/compiled-journey.ts'
import type { Database } from '../../src/core/database.ts'
import { createJourneyStore } from '../../src/delivery/compiled-store.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { receiveWebhook } from '../../src/ingestion/feedback.ts'
import { unsubscribe } from '../../src/ingestion/unsubscribe.ts'
import { createSendgrid } from '../../src/providers/sendgrid/sendgrid.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import {
  deliverDeps,
  deploy,
  dueNow,
  enter,
  HOUR,
  JOURNEY,
  KEYS,
  keyOf,
  NOON,
  type Run,
  runOf,
} from '../delivery/fixture.ts'
import { scripted } from '../delivery/scripted-provider.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { blocksOf, consentsOf, texted } from './inbound-scene.ts'
import { PUBLIC_KEY, REAL_NOW, sendgridWebhook, TOKEN, twilioWebhook } from './signed-webhooks.ts'

const sendgrid = createSendgrid({ apiKey: 'SG.test', webhookPublicKeys: [PUBLIC_KEY] })
const twilio = createTwilio({ accountSid: 'AC1', authTokens: [TOKEN] })

describe.each([pgliteStore(), postgresStore()])('a refusal that is no text, on $name', (store) => {
  let database: Database
  let run: Run
  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
  })
  beforeEach(async () => {
    run = await enter(database)
  })
  afterAll(async () => {
    await database.close()
    await store.stop()
  })

  const only = async (channel: Channel): Promise<Run> => {
    const steps = JOURNEY.steps.filter(({ id }) => id === (channel === 'sms' ? 'alone' : 'mail'))
    const journey = { ...JOURNEY, id: `only-${channel}`, steps }
    const hash = contentHash(journey)
    await database.query(
      `insert into journey_version (hash, journey, compiled, commit_hash, author, created_at) values ($1, $2, $3, 'c', 'a', 0)
       on conflict do nothing`,
      [hash, journey.id, JSON.stringify(journey)],
    )
    const enrollment = randomUUID()
    await database.query(
      `insert into enrollment (id, journey, version, contact_id, trigger, entered_at, trigger_message_id) values ($1, $2, $3, $4, '{}', 0, 'm')`,
      [enrollment, journey.id, hash, run.contact],
    )
    return { ...run, enrollment }
  }
  const deps = () => ({ database, keys: KEYS, journey: createJourneyStore(database), realNow: () => REAL_NOW })
  const exits = (enrollment: string) =>
    database.query(`select payload from outbox where enrollment_id = $1 and kind = 'signal'`, [enrollment])

  test('a report as spam ends all email at once, texts go on, and runs of email alone end', async () => {
    const [mails, texts] = [await only('email'), await only('sms')]
    const input = dueNow(run, 'mail')
    await deliver(deliverDeps(database, { sendgrid: scripted('sendgrid') }), input)
    const event = {
      event: 'spamreport',
      email: run.email,
      timestamp: 1,
      sg_event_id: run.contact,
      send_key: keyOf(input),
    }
    await receiveWebhook(deps(), sendgrid, 'feedback', sendgridWebhook([event]), NOON)
    expect(await blocksOf(database, run, 'email')).toEqual(['complaint'])
    expect((await consentsOf(database, run.contact, 'email'))['*']).toBe('revoked')
    expect((await consentsOf(database, run.contact, 'sms'))['*']).toBeUndefined()
    expect(await runOf(database, mails)).toMatchObject({ state: 'ended', outcome: 'exited' })
    expect(await exits(mails.enrollment)).toEqual([{ payload: { kind: 'exit', at: NOON } }])
    expect(await runOf(database, texts)).toMatchObject({ state: 'active' })
    expect(await runOf(database, run)).toMatchObject({ state: 'active' })
  })

  test('a hard bounce is nobody’s refusal: no run ends', async () => {
    const mails = await only('email')
    const event = {
      event: 'bounce',
      type: 'bounce',
      email: run.email,
      timestamp: 1,
      sg_event_id: run.contact,
      status: '5.1.1',
    }
    await receiveWebhook(deps(), sendgrid, 'feedback', sendgridWebhook([event]), NOON)
    expect(await blocksOf(database, run, 'email')).toEqual(['bounce'])
    expect(await runOf(database, mails)).toMatchObject({ state: 'active' })
  })

  test('the unsubscribe link ends runs of email alone, in the same transaction, and no others', async () => {
    const [mails, texts] = [await only('email'), await only('sms')]
    const input = dueNow(mails, 'mail')
    await deliver(deliverDeps(database, { sendgrid: scripted('sendgrid') }), input)
    const how = { method: 'one_click', at: NOON } as const
    expect(await unsubscribe({ database, addressKeys: KEYS }, keyOf(input), how)).toBe(true)
    expect(await blocksOf(database, run, 'email')).toEqual(['unsubscribe'])
    expect(await runOf(database, mails)).toMatchObject({ state: 'ended', outcome: 'exited' })
    expect(await runOf(database, texts)).toMatchObject({ state: 'active' })
    expect(await runOf(database, run)).toMatchObject({ state: 'active' })
    expect(await exits(mails.enrollment)).toHaveLength(1)
    expect(await unsubscribe({ database, addressKeys: KEYS }, keyOf(input), how)).toBe(true)
    expect(await exits(mails.enrollment)).toHaveLength(1)
  })

  test('the carrier’s late 21610 ends texts, and START gives back what it ended', async () => {
    const texts = await only('sms')
    const input = dueNow(run, 'alone')
    await deliver(deliverDeps(database, { twilio: scripted('twilio') }), input)
    const callback = twilioWebhook(`https://segue.example.com/webhooks/twilio/status/${keyOf(input)}`, {
      MessageSid: `SM-${run.contact}`,
      MessageStatus: 'failed',
      ErrorCode: '21610',
      To: run.phone,
      From: '+12025550100',
    })
    await receiveWebhook(deps(), twilio, 'feedback', callback, NOON)
    expect(await blocksOf(database, run)).toContain('stop')
    expect(await runOf(database, texts)).toMatchObject({ state: 'ended', outcome: 'exited' })
    await texted(database, run.phone, 'START', { at: NOON + HOUR })
    expect(await blocksOf(database, run)).not.toContain('stop')
    const [now] = await database.query<{ state: string; at: number }>(
      `select state, at from consent where contact_id = $1 and channel = 'sms' and purpose = 'cart-reminders'`,
      [run.contact],
    )
    expect(now).toEqual({ state: 'granted', at: NOON + HOUR })
  })
})
