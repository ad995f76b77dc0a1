import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { RawWebhook } from '../../../src/delivery/message-provider.ts'
import { createTwilio } from '../../../src/providers/twilio/twilio.ts'

// Vectors of the official client: twilio-node, spec/validation.spec.js (MIT).
const U = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const P = 'CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212'
const JSON_URL = `${U}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`
const JSON_BODY = '{"property": "value", "boolean": true}'
const FORM = 'application/x-www-form-urlencoded; charset=utf-8'

const webhook = (url: string, body: string, signature: string | undefined, type = FORM): RawWebhook => ({
  url,
  body: Buffer.from(body),
  headers: { 'content-type': type, 'x-twilio-signature': signature },
})
const twilio = createTwilio({ accountSid: 'AC123', authTokens: ['12345'] })
const verify = (...given: Parameters<typeof webhook>): boolean => twilio.verifyWebhook(webhook(...given), 0)
const sign = (token: string, text: string): string => createHmac('sha1', token).update(text).digest('base64')

describe('a Twilio signature', () => {
  test.each([
    ['the URL with its query', U, P, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['a URL signed with its port', U.replace('.com/', '.com:443/'), P, 'kvajT1Ptam85bY51eRf/AJRuM3w='],
    ['a URL signed with the port that it was called without', U, P, 'kvajT1Ptam85bY51eRf/AJRuM3w='],
    ['a port that was not signed', U.replace('.com/', '.com:8443/'), P, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['special characters in the query', `${U}&Body=It's+amazing`, P, 'dsq4Ehbj6cs+KdTkpF5sSSplOWw='],
    ['a user name', 'https://user@mycompany.com/myapp.php?foo=1&bar=2', P, '2YRLlVAflCqxaNicjMpJcSTgzSs='],
    [
      'repeated parameters',
      U,
      'Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234',
      'IK+Dwps556ElfBT0I3Rgjkr1wJU=',
    ],
    ['a fragment, which is never signed', `${U}#rc=2&rp=all`, P, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  ])('covers %s', (_what, url, body, signature) => {
    expect(verify(url, body, signature)).toBe(true)
  })

  test('covers a JSON body through the hash in the signed URL, and no other body', () => {
    const signature = 'a9nBmqA0ju/hNViExpshrM61xv4='
    expect(verify(JSON_URL, JSON_BODY, signature, 'application/json')).toBe(true)
    expect(verify(JSON_URL, `${JSON_BODY} `, signature, 'application/json')).toBe(false)
  })

  test('vouches for no JSON body without that hash', () => {
    expect(verify(U, '{}', sign('12345', U), 'application/json')).toBe(false)
  })

  test.each([
    ['a changed parameter', U, P.replace('1234567890', '1234567891'), 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['a parameter that was added', U, `${P}&Extra=`, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['a changed query', U.replace('bar=2', 'bar=3'), P, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['a changed scheme', U.replace('https', 'http'), P, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['another signature', U, P, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='],
    ['an empty signature', U, P, ''],
    ['no signature', U, P, undefined],
    ['something that is no URL', 'nowhere', P, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  ])('refuses %s', (_what, url, body, signature) => {
    expect(verify(url, body, signature)).toBe(false)
  })

  test('an empty parameter and one never heard of are covered too', () => {
    const url = 'https://segue.example.com/webhooks/twilio/status/1?a=b'
    const signature = sign('12345', `${url}EmptyNewThing2`)
    expect(verify(url, 'New=Thing2&Empty=', sign('12345', `${url}EmptyNewThing2`))).toBe(true)
    expect(verify(url, 'New=Thing2', signature)).toBe(false)
  })

  test('is accepted from either token during a rotation, and from no third', () => {
    const rotating = createTwilio({ accountSid: 'AC123', authTokens: ['fresh', '12345'] })
    const url = 'https://segue.example.com/webhooks/twilio/feedback'
    for (const [token, accepted] of [
      ['fresh', true],
      ['12345', true],
      ['third', false],
      ['', false],
    ] as const) {
      const given = webhook(url, 'A=b', token === '' ? '' : sign(token, `${url}Ab`))
      expect(rotating.verifyWebhook(given, 0)).toBe(accepted)
    }
  })

  test('a body of raw bytes is hashed as it came', () => {
    const body = Buffer.from([0xff, 0xfe, 0x00])
    const url = `https://segue.example.com/?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    const given = {
      url,
      body,
      headers: { 'content-type': 'application/json', 'x-twilio-signature': sign('12345', url) },
    }
    expect(twilio.verifyWebhook(given, 0)).toBe(true)
  })
})
