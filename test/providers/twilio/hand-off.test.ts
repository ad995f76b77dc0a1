import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { textHash } from '../../../src/delivery/body-hash.ts'
import type { OutboundMessage } from '../../../src/delivery/message-provider.ts'
import type { Sandbox } from '../../../src/providers/sandbox/sandbox.ts'
import { createTwilio } from '../../../src/providers/twilio/twilio.ts'
import { within } from '../../contract/message-provider.ts'
import { ACCOUNT_SID, AUTH_TOKEN, inject, startSandbox } from '../sandbox-server.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
beforeEach(() => inject(sandbox, []))
afterAll(() => sandbox.close())

const twilio = () => createTwilio({ accountSid: ACCOUNT_SID, authTokens: [AUTH_TOKEN], apiBaseUrl: sandbox.url })
const text = (to: string, from = '+12025550100', body = 'Your table is ready'): OutboundMessage => ({
  channel: 'sms',
  to,
  from,
  body,
  statusCallback: 'https://segue.example.com/webhooks/twilio/status/key-1',
})

describe('a hand-off to Twilio', () => {
  test.each([
    ['+15005550001', 'bad_recipient', '21211'],
    ['+15005550009', 'bad_recipient', '21614'],
    ['+15005550004', 'opt_out', '21610'],
    ['+15005550002', 'config', '21612'],
    ['+15005550003', 'config', '21408'],
  ])('to the test number %s is rejected as %s', async (to, rejection, code) => {
    expect(await twilio().send(text(to), 'key-1', within(5_000))).toEqual({ kind: 'rejected', class: rejection, code })
  })

  test('from a sender whose queue is full may be decided again', async () => {
    expect(await twilio().send(text('+12025550123', '+15005550008'), 'key-1', within(5_000))).toMatchObject({
      class: 'throttled',
      code: '21611',
    })
  })

  test('longer than a text may be is a content mistake', async () => {
    const long = text('+12025550123', '+12025550100', 'x'.repeat(1_601))
    expect(await twilio().send(long, 'key-1', within(5_000))).toMatchObject({ class: 'content', code: '21617' })
  })

  test('with wrong credentials is ours to mend', async () => {
    const stranger = createTwilio({ accountSid: ACCOUNT_SID, authTokens: ['wrong'], apiBaseUrl: sandbox.url })
    expect(await stranger.send(text('+12025550123'), 'key-1', within(5_000))).toMatchObject({
      class: 'config',
      code: '20003',
    })
  })

  test('through a Messaging Service leaves the number to Twilio, and is found again without it', async () => {
    const message = text('+12025550124', 'MG00000000000000000000000000000001', 'A text of a service')
    const outcome = await twilio().send(message, 'key-2', within(5_000))
    expect(outcome.kind).toBe('accepted')
    const handOff = sandbox.log().find(({ to }) => to === '+12025550124')
    expect(handOff?.sms?.messagingServiceSid).toBe('MG00000000000000000000000000000001')
    const found = await twilio().reconcile(
      {
        sendKey: 'key-2',
        to: message.to,
        from: 'MG00000000000000000000000000000001',
        notBefore: 0,
        bodyHash: textHash('A text of a service'),
        taken: [],
      },
      within(5_000),
    )
    expect(found).toMatchObject({ kind: 'found', providerId: handOff?.id })
  })

  test('that equals an earlier text is not mistaken for it when it is reconciled', async () => {
    const message = text('+12025550125', '+12025550100', 'The same every week')
    const first = await twilio().send(message, 'key-3', within(5_000))
    if (first.kind !== 'accepted') expect.fail('expected the first to be accepted')
    const question = {
      sendKey: 'key-4',
      to: message.to,
      from: '+12025550100',
      bodyHash: textHash('The same every week'),
    }
    expect(await twilio().reconcile({ ...question, notBefore: 0, taken: [first.providerId] }, within(5_000))).toEqual({
      kind: 'absent',
    })
    const nextWeek = Date.now() + 7 * 86_400_000
    expect(await twilio().reconcile({ ...question, notBefore: nextWeek, taken: [] }, within(5_000))).toEqual({
      kind: 'absent',
    })
  })

  test('needs a token to be created at all', () => {
    expect(() => createTwilio({ accountSid: ACCOUNT_SID, authTokens: [] })).toThrow('an auth token is needed')
  })
})
