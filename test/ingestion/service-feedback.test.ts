import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { suppressionsOf } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { createJourneyStore } from '../../src/delivery/compiled-store.ts'
import { deliverServiceMessage } from '../../src/delivery/service-message/hand-over.ts'
import { receiveWebhook } from '../../src/ingestion/feedback.ts'
import { createSendgrid } from '../../src/providers/sendgrid/sendgrid.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import { deploy, enter, HOUR, KEYS, NOON, type Run } from '../delivery/fixture.ts'
import { scripted } from '../delivery/scripted-provider.ts'
import { serviceDeps, stored, write } from '../delivery/service-message/fixture.ts'
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

const deps = () => ({ database, keys: KEYS, journey: createJourneyStore(database), realNow: () => REAL_NOW })
const rejections = () => database.query('select reason from rejection')

function callback(id: string, status: string, code?: string) {
  const webhook = twilioWebhook(`https://segue.example.com/webhooks/twilio/status/${id}`, {
    MessageSid: `SM-${id}`,
    MessageStatus: status,
    To: run.phone,
    ...(code === undefined ? {} : { ErrorCode: code }),
  })
  return receiveWebhook(deps(), twilio, 'feedback', webhook, NOON + HOUR)
}

test('a callback raises the state of the service message, in whatever order and however often it comes', async () => {
  const id = await write(database, run)
  await deliverServiceMessage(serviceDeps(database, { twilio: scripted('twilio') }), id)
  expect(await callback(id, 'delivered')).toMatchObject({ recorded: 1, unreadable: 0 })
  expect(await callback(id, 'delivered')).toMatchObject({ recorded: 0, duplicates: 1 })
  expect(await callback(id, 'sent')).toMatchObject({ recorded: 1 })
  expect(await stored(database, id)).toMatchObject({ state: 'delivered', reason: null })
  expect(await rejections()).toEqual([])
})

test('what the carrier reports of a call that broke off settles it', async () => {
  const id = await write(database, run)
  const lost = scripted('twilio', () => ({ kind: 'unknown', cause: 'timeout' }))
  await deliverServiceMessage(serviceDeps(database, { twilio: lost }), id)
  await callback(id, 'undelivered', '30003')
  expect(await stored(database, id)).toMatchObject({ state: 'undelivered', reason: '30003', provider_id: `SM-${id}` })
})

test('a hard bounce of a confirmation mail is found by the send key and blocks the address', async () => {
  const mail = { kind: 'opt_in_request', channel: 'email', sender: 'shop-email', subject: 'Please confirm' } as const
  const id = await write(database, run, { ...mail, address: run.email })
  await deliverServiceMessage(serviceDeps(database, { sendgrid: scripted('sendgrid') }), id)
  const webhook = sendgridWebhook([
    {
      event: 'bounce',
      type: 'bounce',
      email: run.email,
      timestamp: Math.floor(NOON / 1_000),
      sg_event_id: `bounce-${id}`,
      sg_message_id: 'm.1',
      segue_send: id,
    },
  ])
  expect(await receiveWebhook(deps(), sendgrid, 'feedback', webhook, NOON + HOUR)).toMatchObject({ recorded: 1 })
  expect(await stored(database, id)).toMatchObject({ state: 'bounced' })
  expect(await suppressionsOf(database, KEYS, 'email', run.email)).toEqual(['bounce'])
})
