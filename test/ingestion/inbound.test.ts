import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { suppress, suppressionsOf } from '../../src/consent/suppression.ts'
import { meaningOf } from '../../src/consent/stop-words.ts'
import type { Database } from '../../src/core/database.ts'
import { createJourneyStore } from '../../src/delivery/compiled-store.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { receiveWebhook } from '../../src/ingestion/feedback.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import { deliverDeps, deploy, dueNow, enter, HOUR, KEYS, NOON, type Run } from '../delivery/fixture.ts'
import { scripted } from '../delivery/scripted-provider.ts'
import { pgliteStore } from '../delivery/stores.ts'
import { REAL_NOW, TOKEN, twilioWebhook } from './signed-webhooks.ts'

const twilio = createTwilio({ accountSid: 'AC1', authTokens: [TOKEN] })
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

let texts = 0
function texted(body: string, more: Readonly<Record<string, string>> = {}, at = NOON, from = run.phone) {
  const webhook = twilioWebhook('https://segue.example.com/webhooks/twilio/inbound', {
    MessageSid: `SM${(texts += 1)}`,
    From: from,
    To: '+12025550100',
    Body: body,
    ...more,
  })
  const deps = { database, keys: KEYS, journey: createJourneyStore(database), realNow: () => REAL_NOW }
  return receiveWebhook(deps, twilio, 'inbound', webhook, at)
}
const blocks = () => suppressionsOf(database, KEYS, 'sms', run.phone)
const last = async () =>
  (await database.query('select contact_id, meaning, body from inbound_message order by id desc limit 1'))[0]

describe('a text from a person', () => {
  test('STOP blocks the number and takes back every consent to texts, and the next step is refused', async () => {
    expect(await texted('STOP')).toMatchObject({ recorded: 1 })
    expect(await blocks()).toEqual(['stop'])
    expect(
      await database.query(`select channel, source from consent_event where contact_id = $1 and state = 'revoked'`, [
        run.contact,
      ]),
    ).toEqual([{ channel: 'sms', source: 'keyword' }])
    const carrier = scripted('twilio')
    const { verdict } = await deliver(deliverDeps(database, { twilio: carrier }), dueNow(run, 'code'))
    expect(verdict.kind).toBe('refused')
    expect(carrier.handedOver).toEqual([])
  })

  test('STOP holds for everybody who shares the number, and is filed under the one who was texted last', async () => {
    const other = await enter(database, { same: run })
    await deliver(deliverDeps(database, { twilio: scripted('twilio') }), dueNow(other, 'code'))
    await texted('Stop.')
    const rows = await database.query(
      `select contact_id from consent where contact_id = any($1::uuid[]) and channel = 'sms' and purpose = '*' and state = 'revoked'`,
      [[run.contact, other.contact]],
    )
    expect(rows).toHaveLength(2)
    expect(await last()).toMatchObject({ contact_id: other.contact, meaning: 'stop' })
  })

  test('STOP of a number that nobody has blocks it all the same', async () => {
    await texted('STOP', {}, NOON, '+14155550999')
    expect(await suppressionsOf(database, KEYS, 'sms', '+14155550999')).toEqual(['stop'])
    expect(await last()).toMatchObject({ contact_id: null })
  })

  test('the same text delivered twice counts once', async () => {
    expect(await texted('STOP', { MessageSid: 'SM-twice' })).toMatchObject({ recorded: 1, duplicates: 0 })
    await texted('START', {}, NOON + HOUR)
    expect(await texted('STOP', { MessageSid: 'SM-twice' }, NOON + 2 * HOUR)).toMatchObject({
      recorded: 0,
      duplicates: 1,
    })
    expect(await blocks()).toEqual([])
  })

  test.each(['START', 'unstop'])('%s lifts the STOP and neither a complaint nor an invalid number', async (word) => {
    await texted('STOP')
    for (const reason of ['complaint', 'invalid', 'manual'] as const) {
      await suppress(database, { keys: KEYS, channel: 'sms', address: run.phone, reason, source: 'test', at: NOON })
    }
    await texted(word, {}, NOON + HOUR)
    expect(await blocks()).toEqual(['complaint', 'invalid', 'manual'])
  })

  test('START is no consent: what was revoked stays revoked', async () => {
    await texted('STOP')
    await texted('START', {}, NOON + HOUR)
    const { verdict } = await deliver(deliverDeps(database, { twilio: scripted('twilio') }), dueNow(run, 'code'))
    expect(verdict).toEqual({ kind: 'refused', reason: 'no_consent' })
  })

  test('YES lifts the block only if the carrier took it for an opt-in itself', async () => {
    await texted('STOP')
    await texted('YES', {}, NOON + HOUR)
    expect(await blocks()).toEqual(['stop'])
    await texted('YES', { OptOutType: 'START' }, NOON + 2 * HOUR)
    expect(await blocks()).toEqual([])
  })

  test('what the carrier acted on holds, whatever the words say', async () => {
    await texted('Adios', { OptOutType: 'STOP' })
    expect(await blocks()).toEqual(['stop'])
    expect(await last()).toMatchObject({ meaning: 'stop', body: 'Adios' })
  })

  test('HELP and a reply are stored and change nothing', async () => {
    await texted('Help!')
    expect(await last()).toMatchObject({ meaning: 'help', contact_id: run.contact })
    await texted('C')
    expect(await last()).toMatchObject({ meaning: 'reply', body: 'C' })
    expect(await blocks()).toEqual([])
  })

  test('a text with a NUL in it is stored', async () => {
    expect(await texted('a\0b')).toMatchObject({ recorded: 1 })
    expect(await last()).toMatchObject({ body: 'ab' })
  })
})

describe('what a text means', () => {
  test.each([
    'STOP',
    'stop',
    ' Stop! ',
    'STOPALL',
    'Quit',
    'END',
    'revoke',
    'opt out',
    'OPT-OUT',
    'optout',
    'Cancel',
    'UNSUBSCRIBE',

    'STOP please',
    'pls stop texting me',
    'please cancel',
    'stop sending me messages',
    'Stop.',
    'ＳＴＯＰ',
    'ALTO',
    'arrêt',

    "Don't text me",
    'remove me',
    'wrong number',
    'no more texts',
    'take me off your list',
    'please unsubscribe me',
  ])('"%s" is a stop', (text) => {
    expect(meaningOf(text)).toBe('stop')
  })

  test.each([
    '',
    '👍',
    'no',
    'yes',
    'cancel my order',
    'when does the sale end',
    'stop by the shop at five',
    'do not stop',
    'C',
    'I will not stop by today',
    'please',
    'thanks',
    'quitting time',
    'unstoppable',
  ])('"%s" is a reply', (text) => {
    expect(meaningOf(text)).toBe('reply')
  })

  test.each([
    ['START', 'start'],
    ['Unstop', 'start'],
    ['HELP', 'help'],
    ['info?', 'help'],
  ])('"%s" is a %s', (text, meaning) => {
    expect(meaningOf(text)).toBe(meaning)
  })
})
