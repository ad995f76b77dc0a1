import twilio from 'twilio'
import { describe, expect, it } from 'vitest'
import { twilioSignature, withBodyHash, withoutFragment } from '../../../src/providers/sandbox/twilio-signature.ts'
import type { FormPairs } from '../../../src/providers/sandbox/twilio-signature.ts'

const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const call: FormPairs = [
  ['To', '+18005551212'],
  ['CallSid', 'CA1234567890ABCDE'],
  ['Digits', '1234'],
  ['From', '+14158675309'],
  ['Caller', '+14158675309'],
]
const repeated: FormPairs = [
  ['Sid', 'CA123'],
  ['SidAccount', 'AC123'],
  ['Digits', '5678'],
  ['Digits', '1234'],
  ['Digits', '1234'],
]
const body = '{"property": "value", "boolean": true}'

describe('the signature of a Twilio webhook', () => {
  it.each([
    ['a form', url, call, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
    ['a URL with a port', url.replace('.com/', '.com:443/'), call, 'kvajT1Ptam85bY51eRf/AJRuM3w='],
    ['an unescaped apostrophe in the query', `${url}&Body=It's+amazing`, call, 'dsq4Ehbj6cs+KdTkpF5sSSplOWw='],
    ['a user in the URL', url.replace('mycompany', 'user@mycompany'), call, '2YRLlVAflCqxaNicjMpJcSTgzSs='],
    ['repeated parameters', url, repeated, 'IK+Dwps556ElfBT0I3Rgjkr1wJU='],
    ['a JSON body', withBodyHash(url, body), [], 'a9nBmqA0ju/hNViExpshrM61xv4='],
  ] as const)('agrees with the published vector for %s', (_what, signed, params, expected) => {
    expect(twilioSignature('12345', signed, params)).toBe(expected)
  })

  it('puts the hash of a JSON body into the URL as published', () => {
    expect(withBodyHash(url, body)).toBe(
      `${url}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`,
    )
  })

  it('is rejected by the SDK for a JSON body that does not hash to the signed URL', () => {
    const signed = withBodyHash(url, body)
    const signature = twilioSignature('12345', signed, [])
    expect(twilio.validateRequestWithBody('12345', signature, signed, body)).toBe(true)
    expect(twilio.validateRequestWithBody('12345', signature, signed, `${body} `)).toBe(false)
  })

  it('covers the URL without its fragment', () => {
    expect(withoutFragment(`${url}#rc=3&rp=all`)).toBe(url)
  })
})
