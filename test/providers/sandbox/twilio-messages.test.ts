import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountSid, startStage, twilioClient } from './stage.ts'
import type { Stage } from './stage.ts'

const from = '+12025550100'
const to = '+12025550123'

let stage: Stage
beforeEach(async () => {
  stage = await startStage()
})
afterEach(async () => await stage.close())

const failure = async (attempt: Promise<unknown>): Promise<unknown> => {
  try {
    return await attempt
  } catch (error) {
    return error
  }
}

describe('sending through the Twilio SDK', () => {
  it('answers with a queued message in Twilio shape', async () => {
    const message = await stage.twilio.messages.create({ to, from, body: 'Your basket is saved.' })
    expect(message.sid).toMatch(/^SM[0-9a-f]{32}$/)
    expect(message).toMatchObject({
      status: 'queued',
      to,
      from,
      numSegments: '1',
      numMedia: '0',
      errorCode: null,
      accountSid,
    })
    expect(message.dateCreated.toISOString()).toBe('2027-03-01T12:00:00.000Z')
    expect(message.dateSent).toBeNull()
  })

  it('accepts for a Messaging Service without a sender and without segments, then sends from its number', async () => {
    const service = `MG${'1'.repeat(32)}`
    const statusCallback = `${stage.receiver.url}/status`
    const message = await stage.twilio.messages.create({
      to,
      messagingServiceSid: service,
      body: 'Hello',
      statusCallback,
    })
    expect(message).toMatchObject({ status: 'accepted', from: null, numSegments: '0', messagingServiceSid: service })
    await stage.receiver.until((all) => all.some(({ form }) => form['MessageStatus'] === 'delivered'))
    const later = await stage.twilio.messages(message.sid).fetch()
    expect(later).toMatchObject({ status: 'delivered', numSegments: '1' })
    expect(later.from).toMatch(/^\+120255501\d\d$/)
  })

  it('counts segments by the encoding of the text', async () => {
    const gsm = await stage.twilio.messages.create({ to, from, body: 'a'.repeat(161) })
    const unicode = await stage.twilio.messages.create({ to, from, body: '→'.repeat(71) })
    expect([gsm.numSegments, unicode.numSegments]).toEqual(['2', '2'])
  })

  it.each([
    ['no body', { to, from }, 21602],
    ['an invalid number', { to: '555', from, body: 'x' }, 21211],
    ['neither sender nor service', { to, body: 'x' }, 21603],
    ['a body of 1601 characters', { to, from, body: 'x'.repeat(1_601) }, 21617],
    ['the same number on both ends', { to, from: to, body: 'x' }, 21266],
    ['a callback that is not a URL', { to, from, body: 'x', statusCallback: 'nowhere' }, 21609],
    ['the magic invalid number', { to: '+15005550001', from, body: 'x' }, 21211],
    ['the magic unroutable number', { to: '+15005550002', from, body: 'x' }, 21612],
    ['the magic number of a region that is off', { to: '+15005550003', from, body: 'x' }, 21408],
    ['the magic unsubscribed number', { to: '+15005550004', from, body: 'x' }, 21610],
    ['the magic landline', { to: '+15005550009', from, body: 'x' }, 21614],
  ])('refuses %s with its code', async (_what, message, code) => {
    expect(await failure(stage.twilio.messages.create(message))).toMatchObject({ status: 400, code })
    expect(stage.sandbox.log()).toEqual([])
  })

  it('refuses a request without To', async () => {
    const response = await fetch(`${stage.sandbox.url}/2010-04-01/Accounts/${accountSid}/Messages.json`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:token-of-the-tests`).toString('base64')}` },
      body: new URLSearchParams({ From: from, Body: 'x' }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 21604, more_info: 'https://www.twilio.com/docs/errors/21604' })
  })

  it('refuses a wrong token', async () => {
    const stranger = twilioClient(stage.sandbox.url, { token: 'not-the-token' })
    expect(await failure(stranger.messages.create({ to, from, body: 'x' }))).toMatchObject({ status: 401, code: 20003 })
  })
})

describe('reading and erasing through the Twilio SDK', () => {
  it('lists messages by recipient and sender, page by page, newest first', async () => {
    const sids: string[] = []
    for (const body of ['one', 'two', 'three']) sids.push((await stage.twilio.messages.create({ to, from, body })).sid)
    await stage.twilio.messages.create({ to: '+12025550124', from, body: 'somebody else' })
    const listed = await stage.twilio.messages.list({ to, from, pageSize: 2 })
    expect(listed.map(({ sid }) => sid).toSorted()).toEqual(sids.toSorted())
  })

  it('leaves a message that is not sent yet out of a list by sent date', async () => {
    await stage.twilio.messages.create({ to, from, body: 'sent', statusCallback: `${stage.receiver.url}/status` })
    await stage.receiver.until((all) => all.length === 2)
    const service = `MG${'1'.repeat(32)}`
    const sendAt = new Date('2027-03-02T12:00:00Z')
    await stage.twilio.messages.create({
      to,
      messagingServiceSid: service,
      body: 'tomorrow',
      sendAt,
      scheduleType: 'fixed',
    })
    const day = await stage.twilio.messages.list({ to, dateSent: new Date('2027-03-01T00:00:00Z') })
    expect(day.map(({ body }) => body)).toEqual(['sent'])
    expect(await stage.twilio.messages.list({ to, dateSentAfter: new Date('2027-03-02T00:00:00Z') })).toEqual([])
    expect(await stage.twilio.messages.list({ to, dateSentBefore: new Date('2027-03-02T00:00:00Z') })).toHaveLength(1)
  })

  it('redacts a finished message, and then forgets it on request', async () => {
    const { sid } = await stage.twilio.messages.create({
      to,
      from,
      body: 'private',
      statusCallback: `${stage.receiver.url}/s`,
    })
    await stage.receiver.until((all) => all.length === 2)
    expect((await stage.twilio.messages(sid).update({ body: '' })).body).toBe('')
    expect(await stage.twilio.messages(sid).remove()).toBe(true)
    expect(await failure(stage.twilio.messages(sid).fetch())).toMatchObject({ status: 404, code: 20404 })
    expect(stage.sandbox.log()).toHaveLength(1)
  })

  it('cancels a scheduled message', async () => {
    const { sid } = await stage.twilio.messages.create({
      to,
      messagingServiceSid: `MG${'1'.repeat(32)}`,
      body: 'tomorrow',
      sendAt: new Date('2027-03-02T12:00:00Z'),
      scheduleType: 'fixed',
    })
    expect((await stage.twilio.messages(sid).update({ status: 'canceled' })).status).toBe('canceled')
  })
})
