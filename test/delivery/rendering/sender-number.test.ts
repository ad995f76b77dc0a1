import { expect, test } from 'vitest'
import { senderNumber } from '../../../src/delivery/rendering/sender-number.ts'
import { chargedSegments } from '../../../src/delivery/rendering/sms-encoding.ts'

const NUMBERS = { US: '+12025550111', CA: '+16475550112', GB: '+447700900113' }

test.each([
  ['an American number', '+12125550101', NUMBERS.US],
  ['a Canadian one, which shares +1', '+14165550101', NUMBERS.CA],
  ['a British one', '+447700900101', NUMBERS.GB],
  ['Puerto Rico, which shares +1 as well and has no number here', '+17875550101', '+12025550110'],
  ['an area code that nobody has', '+15555550101', NUMBERS.US],
  ['France', '+33639980101', '+12025550110'],
  ['what is no number', 'nobody', '+12025550110'],
])('a text to %s leaves from the number of its country, or from the usual one', (_to, to, expected) => {
  const sender = { channel: 'sms', provider: 'twilio', number: '+12025550110', numbers: NUMBERS } as const
  expect(senderNumber(sender, to)).toBe(expected)
})

test('a sender without other numbers has one for everybody', () => {
  const sender = { channel: 'sms', provider: 'twilio', number: '+12025550110' } as const
  expect(senderNumber(sender, '+447700900101')).toBe('+12025550110')
})

test('a picture message is charged once, a text by its segments', () => {
  const body = 'x'.repeat(400)
  expect(chargedSegments({ body })).toBe(3)
  expect(chargedSegments({ body, mediaUrls: ['https://shop.example.com/mug.jpg'] })).toBe(1)
})
