import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  type PreferenceSubject,
  signPreferenceToken,
  verifyPreferenceToken,
} from '../../../src/consent/preferences/token.ts'
import { signUnsubscribeToken, verifyUnsubscribeToken } from '../../../src/consent/unsubscribe-token.ts'

const SECRET = 'a secret for tests'
const ID = '0b9cd2a4-7f0e-8a2b-a1c3-0123456789ab'

const subjects: fc.Arbitrary<PreferenceSubject> = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), id: fc.uuid() }),
  fc.record({ kind: fc.constant('contact' as const), id: fc.uuid(), expiresAt: fc.integer({ min: 0, max: 2 ** 47 }) }),
)

describe('the preference token', () => {
  it('says to whoever has the secret what it was made for, and survives a change of the secret', () => {
    fc.assert(
      fc.property(subjects, (subject) => {
        const token = signPreferenceToken(subject, 'old secret')
        expect(token).toMatch(/^[\w-]+\.[\w-]{22}$/)
        expect(verifyPreferenceToken(token, ['new secret', 'old secret'])).toEqual(subject)
        expect(verifyPreferenceToken(token, ['new secret'])).toBeUndefined()
      }),
    )
  })

  it('is void with any one character changed', () => {
    const token = signPreferenceToken({ kind: 'contact', id: ID, expiresAt: 1_772_550_000_000 }, SECRET)
    for (let at = 0; at < token.length; at++) {
      if (token[at] === '.') continue
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      expect(verifyPreferenceToken(changed, [SECRET])).toBeUndefined()
    }
  })

  it('is of no use as an unsubscribe link, nor the other way round', () => {
    const subject = { kind: 'send', id: ID } as const
    expect(verifyUnsubscribeToken(signPreferenceToken(subject, SECRET), [SECRET])).toBeUndefined()
    expect(verifyPreferenceToken(signUnsubscribeToken(ID, SECRET), [SECRET])).toBeUndefined()
  })

  it('is nothing that anybody could make up', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `${text}.${text}`),
        ),
        (text) => {
          expect(verifyPreferenceToken(text, [SECRET])).toBeUndefined()
        },
      ),
    )
  })

  it('is made for nothing but an id', () => {
    expect(() => signPreferenceToken({ kind: 'send', id: 'ada@example.com' }, SECRET)).toThrow('which is a UUID')
  })
})
