import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isSigned, type OptInSubject, readOptInToken, signOptInToken } from '../../../src/consent/opt-in/token.ts'
import { signPreferenceToken } from '../../../src/consent/preferences/token.ts'
import { signUnsubscribeToken } from '../../../src/consent/unsubscribe-token.ts'

const SECRET = 'a link secret for tests'
const subject: OptInSubject = {
  requestId: '0b0e1a52-3c4d-8e5f-a601-728394a5b6c7',
  channel: 'email',
  purpose: 'newsletter',
  addressHash: 'ab'.repeat(32),
  expiresAt: 1_772_550_000_000,
}

it('names its request and nothing personal, and is valid for its subject alone', () => {
  const token = signOptInToken(subject, SECRET)
  expect(readOptInToken(token)).toEqual({ requestId: subject.requestId, expiresAt: subject.expiresAt })
  expect(isSigned(token, subject, [SECRET])).toBe(true)
  const others: readonly Partial<OptInSubject>[] = [
    { channel: 'sms' },
    { purpose: 'cart-reminders' },
    { addressHash: 'cd'.repeat(32) },
    { expiresAt: subject.expiresAt + 1 },
    { requestId: '0b0e1a52-3c4d-8e5f-a601-728394a5b6c8' },
  ]
  for (const other of others) expect(isSigned(token, { ...subject, ...other }, [SECRET])).toBe(false)
})

it('stays valid when the secret is rotated, and not when the old one is gone', () => {
  const token = signOptInToken(subject, SECRET)
  expect(isSigned(token, subject, ['a newer secret', SECRET])).toBe(true)
  expect(isSigned(token, subject, ['a newer secret'])).toBe(false)
})

it('is not a token of another kind, signed with the same secret', () => {
  for (const token of [
    signUnsubscribeToken(subject.requestId, SECRET),
    signPreferenceToken({ kind: 'contact', id: subject.requestId, expiresAt: subject.expiresAt }, SECRET),
  ]) {
    expect(isSigned(token, subject, [SECRET])).toBe(false)
  }
})

it('with any one character changed is worth nothing', () => {
  const token = signOptInToken(subject, SECRET)
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'ABCxyz019-_.'), (at, character) => {
      fc.pre(token[at] !== character)
      const forged = `${token.slice(0, at)}${character}${token.slice(at + 1)}`
      // The last character of each part carries bits that base64url ignores: the same bytes are the same token.
      const [payload = '', signature = ''] = forged.split('.')
      const same = [payload, signature].map((part) => Buffer.from(part, 'base64url').toString('base64url')).join('.')
      fc.pre(same !== token)
      expect(isSigned(forged, subject, [SECRET])).toBe(false)
    }),
  )
})

it.each(['', '.', 'a.b', 'a.b.c', 'x'.repeat(5_000)])('"%s" is no token', (token) => {
  expect(readOptInToken(token)).toBeUndefined()
  expect(isSigned(token, subject, [SECRET])).toBe(false)
})
