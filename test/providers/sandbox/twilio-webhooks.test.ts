import twilio from 'twilio'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authToken, startStage } from './stage.ts'
import type { Stage } from './stage.ts'
import type { Received } from './receiver.ts'

const from = '+12025550100'
const to = '+12025550123'

let stage: Stage
beforeEach(async () => {
  stage = await startStage()
})
afterEach(async () => await stage.close())

const send = async (callback = '/status?k=send-1') =>
  await stage.twilio.messages.create({ to, from, body: 'Hello', statusCallback: `${stage.receiver.url}${callback}` })

const statuses = (received: readonly Received[]) => received.map(({ form }) => form['MessageStatus'])

const isGenuine = ({ headers, path, form }: Received): boolean =>
  twilio.validateRequest(authToken, String(headers['x-twilio-signature']), `${stage.receiver.url}${path}`, form)

describe('status callbacks', () => {
  it('tell of sent and delivered, never of queued, and pass the check of the SDK', async () => {
    const { sid } = await send()
    const received = await stage.receiver.until((all) => all.length === 2)
    expect(statuses(received)).toEqual(['sent', 'delivered'])
    expect(received.every(isGenuine)).toBe(true)
    expect(received[1]?.form).toMatchObject({ MessageSid: sid, To: to, From: from, RawDlrDoneDate: '2703011200' })
  })

  it('fail the check of the SDK once anything is changed', async () => {
    await send()
    const [first] = await stage.receiver.until((all) => all.length === 2)
    expect(first && isGenuine({ ...first, form: { ...first.form, MessageStatus: 'delivered' } })).toBe(false)
  })

  it('are sent and signed without the fragment of the URL', async () => {
    await send('/status?k=1#rc=2')
    const received = await stage.receiver.until((all) => all.length === 2)
    expect(received.map(({ path }) => path)).toEqual(['/status?k=1', '/status?k=1'])
    expect(received.every(isGenuine)).toBe(true)
  })

  it('carry the carrier’s error code when the message is undeliverable', async () => {
    await stage.control('POST', '/sandbox/rules', { to, undeliverable: 30006 })
    await send()
    const received = await stage.receiver.until((all) => all.length === 2)
    expect(received[1]?.form).toMatchObject({ MessageStatus: 'undelivered', ErrorCode: '30006' })
  })

  it('say failed, without sent, when the message never reached the carrier', async () => {
    await stage.control('POST', '/sandbox/rules', { to, undeliverable: 30001 })
    await send()
    const received = await stage.receiver.until((all) => all.length === 1)
    expect(statuses(received)).toEqual(['failed'])
  })

  it('are repeated until the application answers with a 2xx', async () => {
    stage.receiver.answerWith(503)
    await send()
    const received = await stage.receiver.until((all) => all.length === 3)
    expect(statuses(received).toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      'delivered',
      'sent',
      'sent',
    ])
  })

  it('come twice when a rule says so', async () => {
    await stage.control('POST', '/sandbox/rules', { channel: 'sms', duplicateWebhooks: 1 })
    await send()
    const received = await stage.receiver.until((all) => all.length === 4)
    expect(statuses(received)).toEqual(['sent', 'sent', 'delivered', 'delivered'])
    expect(received[0]?.body).toBe(received[1]?.body)
  })

  it('come in the wrong order when a rule says so', async () => {
    await stage.control('POST', '/sandbox/rules', { to: '+1202*', reorderWebhooks: true })
    await send()
    expect(statuses(await stage.receiver.until((all) => all.length === 2))).toEqual(['delivered', 'sent'])
  })

  it('have all arrived before the answer when a rule says so', async () => {
    await stage.control('POST', '/sandbox/rules', { next: 1, webhookBeforeAnswer: true })
    const { sid } = await send()
    expect(stage.receiver.received.map(({ form }) => form['MessageSid'])).toEqual([sid, sid])
  })
})

describe('a person who writes back', () => {
  const reply = async (body: string, sender?: string) =>
    await stage.control('POST', '/sandbox/reply', { from: to, to: sender, body })

  const attempt = async (sender = from): Promise<unknown> =>
    await stage.twilio.messages.create({ to, from: sender, body: 'x' }).then(
      ({ status }) => status,
      (error: unknown) => error,
    )

  it('is reported in a signed webhook from the number that texted last', async () => {
    await stage.twilio.messages.create({ to, from, body: 'Hello' })
    expect((await reply('When do you open?')).json).toMatchObject({ to: from, optOutType: null, webhookStatus: 204 })
    const [inbound] = stage.receiver.received
    expect(inbound?.path).toBe('/inbound')
    expect(inbound?.form).toMatchObject({
      From: to,
      To: from,
      Body: 'When do you open?',
      NumSegments: '1',
      SmsStatus: 'received',
    })
    expect(inbound && isGenuine(inbound)).toBe(true)
  })

  it.each(['STOP', 'stop ', 'OptOut', 'Revoke', 'QUIT', 'end', 'cancel', 'unsubscribe', 'stopall'])(
    'blocks that sender with "%s", until START',
    async (word) => {
      expect((await reply(word, from)).json).toMatchObject({ optOutType: 'STOP' })
      expect(stage.receiver.received[0]?.form['OptOutType']).toBe('STOP')
      expect(await attempt()).toMatchObject({ status: 400, code: 21610 })
      await reply('Start', from)
      expect(await attempt()).toBe('queued')
    },
  )

  it('blocks nothing with more than the keyword', async () => {
    expect((await reply('STOP please', from)).json).toMatchObject({ optOutType: null })
    expect(await attempt()).toBe('queued')
  })

  it('blocks only the sender that was written to', async () => {
    await reply('STOP', from)
    expect(await attempt('+12025550101')).toBe('queued')
  })

  it('blocks a whole Messaging Service', async () => {
    const messagingServiceSid = `MG${'7'.repeat(32)}`
    await stage.twilio.messages.create({ to, messagingServiceSid, body: 'Hello' })
    await reply('STOP')
    const again = stage.twilio.messages.create({ to, messagingServiceSid, body: 'Hello again' })
    await expect(again).rejects.toMatchObject({ code: 21610 })
  })

  it('is answered by Twilio itself, outside the log of hand-offs', async () => {
    await reply('HELP', from)
    const answers = await stage.twilio.messages.list({ to })
    expect(answers.map(({ direction }) => direction)).toEqual(['outbound-reply'])
    expect(stage.sandbox.log()).toEqual([])
  })

  it('needs a number to write to when nobody has texted it', async () => {
    expect((await reply('Hello?')).status).toBe(400)
  })
})
