import { describe, expect, test } from 'vitest'
import type { RawWebhook } from '../../../src/delivery/message-provider.ts'
import { createTwilio } from '../../../src/providers/twilio/twilio.ts'

const twilio = createTwilio({ accountSid: 'AC123', authTokens: ['12345'] })
const form = (
  fields: Record<string, string>,
  url = 'https://segue.example.com/webhooks/twilio/status/key-1',
): RawWebhook => ({
  url,
  body: Buffer.from(new URLSearchParams(fields).toString()),
  headers: {},
})
const status = (MessageStatus: string, more: Record<string, string> = {}) =>
  twilio.parseFeedback(form({ MessageSid: 'SM1', MessageStatus, To: '+12025550123', ...more }))

describe('a status callback of Twilio', () => {
  test('names the send by the key in its URL, so that a lost answer is still matched', () => {
    expect(status('delivered')).toEqual([
      {
        kind: 'feedback',
        event: 'delivered',
        providerId: 'SM1',
        sendKey: 'key-1',
        address: '+12025550123',
        dedupeKeys: ['SM1:delivered'],
      },
    ])
  })

  test.each([
    ['queued', 'accepted'],
    ['sent', 'sent'],
    ['read', 'delivered'],
    ['failed', 'undelivered'],
    ['canceled', 'undelivered'],
  ])('%s means %s', (given, event) => {
    expect(status(given)).toMatchObject([{ event }])
  })

  test('a number that does not exist is permanent, a switched-off phone is not', () => {
    expect(status('undelivered', { ErrorCode: '30005' })).toMatchObject([
      { event: 'undelivered', code: '30005', permanent: true },
    ])
    expect(status('undelivered', { ErrorCode: '30003' })[0]).not.toHaveProperty('permanent')
  })

  test('30008 says that Twilio does not know: neither delivered nor undelivered', () => {
    expect(status('undelivered', { ErrorCode: '30008' })).toMatchObject([{ event: 'unconfirmed', code: '30008' }])
  })

  test('21610 is both undelivered and a "no"', () => {
    expect(status('failed', { ErrorCode: '21610' })).toMatchObject([
      { event: 'undelivered', dedupeKeys: ['SM1:failed'] },
      { event: 'unsubscribed', dedupeKeys: ['SM1:failed:unsubscribed'] },
    ])
  })

  test('a status never heard of, or a callback without one, is kept as unreadable', () => {
    expect(status('teleported')).toMatchObject([{ kind: 'unreadable', reason: 'unknown_status' }])
    expect(twilio.parseFeedback(form({ MessageSid: 'SM1' }))).toMatchObject([{ kind: 'unreadable' }])
    expect(twilio.parseFeedback({ url: 'nowhere', body: Buffer.alloc(0), headers: {} })).toMatchObject([
      { kind: 'unreadable' },
    ])
  })
})

describe('an inbound text of Twilio', () => {
  const text = { MessageSid: 'SM2', From: '+12025550123', To: '+12025550100', Body: 'Is it red?' }

  test('carries who wrote what to whom', () => {
    expect(twilio.parseInbound(form(text))).toEqual([
      { kind: 'inbound', providerId: 'SM2', from: '+12025550123', to: '+12025550100', body: 'Is it red?' },
    ])
  })

  test.each([
    ['STOP', 'stop'],
    [' stop\n', 'stop'],
    ['OptOut', 'stop'],
    ['UNSTOP', 'start'],
    ['Info', 'help'],
  ])('%j is a keyword that Twilio answers itself', (Body, handledByCarrier) => {
    expect(twilio.parseInbound(form({ ...text, Body }))).toMatchObject([{ handledByCarrier }])
  })

  test.each(['STOP please', 'Stop.', 'YES', 'help me'])('%j is none, or may be an answer to us', (Body) => {
    expect(twilio.parseInbound(form({ ...text, Body }))[0]).not.toHaveProperty('handledByCarrier')
  })

  test('tells when Twilio has already answered the keyword', () => {
    expect(twilio.parseInbound(form({ ...text, OptOutType: 'STOP' }))).toMatchObject([{ handledByCarrier: 'stop' }])
  })

  test('a picture without a text is still a message; one without a sender is unreadable', () => {
    const { Body: _, ...picture } = text
    expect(twilio.parseInbound(form(picture))).toMatchObject([{ kind: 'inbound', body: '' }])
    const { From: __, ...anonymous } = text
    expect(twilio.parseInbound(form(anonymous))).toMatchObject([{ kind: 'unreadable' }])
  })
})
