import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AddressKeys, hashAddress, hashesOf, normalizeAddress } from '../../src/consent/address.ts'

const KEYS: AddressKeys = { current: 3, keys: { 1: 'one', 2: 'two', 3: 'three' } }

describe('an address has one spelling', () => {
  test.each([
    ['(202) 555-0123', '+12025550123'],
    ['202.555.0123', '+12025550123'],
    ['1-202-555-0123', '+12025550123'],
    ['+1 202 555 0123', '+12025550123'],
    ['00442079460958', undefined],
    ['+44 20 7946 0958', '+442079460958'],
    ['+44 (0)20 7946 0958', '+442079460958'],
    ['555-0123', undefined],
    ['+1 202 555 01234', undefined],
    ['', undefined],
    ['call me', undefined],
    ['+'.repeat(5_000), undefined],
  ])('number %s', (raw, expected) => {
    expect(normalizeAddress('sms', raw)).toBe(expected)
  })

  test.each([
    [' Ada.Lovelace@Example.COM ', 'ada.lovelace@example.com'],
    ['ada+carts@example.com', 'ada+carts@example.com'],
    ['ada@MÜNCHEN.example.com', 'ada@xn--mnchen-3ya.example.com'],
    ['ada@xn--mnchen-3ya.example.com', 'ada@xn--mnchen-3ya.example.com'],
    ["o'hara@example.com", "o'hara@example.com"],
    ['ada@localhost', undefined],
    ['ada@@example.com', undefined],
    ['@example.com', undefined],
    ['ada@', undefined],
    ['ada lovelace@example.com', undefined],
    ['ada@exam ple.com', undefined],
    ['.ada@example.com', undefined],
    ['ada..l@example.com', undefined],
    ['ada@-example.com', undefined],
    ['ada@127.0.0.1', undefined],
    ['ada@example.com\nBcc: eve@example.com', undefined],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
    [`${'a'.repeat(65)}@example.com`, undefined],
    [`ada@${'a.'.repeat(124)}com`, undefined],
    [`ada@${'a'.repeat(64)}.com`, undefined],
  ])('email %s', (raw, expected) => {
    expect(normalizeAddress('email', raw)).toBe(expected)
  })

  test('and that spelling is its own', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string(), fc.webUrl()), (raw) => {
        const once = normalizeAddress('email', raw)
        if (once !== undefined) expect(normalizeAddress('email', once)).toBe(once)
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999_999 }), (digits) => {
        const once = normalizeAddress('sms', String(digits))
        if (once !== undefined) expect(normalizeAddress('sms', once)).toBe(once)
      }),
    )
  })
})

describe('the hash of an address', () => {
  test('depends on key, channel and address, and shows none of them', () => {
    const { hash, version } = hashAddress(KEYS, 'sms', '+12025550123')
    expect(version).toBe(3)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    const others = [
      hashAddress({ ...KEYS, current: 2 }, 'sms', '+12025550123').hash,
      hashAddress(KEYS, 'email', '+12025550123').hash,
      hashAddress(KEYS, 'sms', '+12025550124').hash,
    ]
    expect(new Set([hash, ...others]).size).toBe(4)
    expect(hashAddress(KEYS, 'sms', '+12025550123').hash).toBe(hash)
  })

  test('is looked up under every key version, the current one first', () => {
    const hashes = hashesOf(KEYS, 'email', 'ada@example.com')
    expect(hashes).toEqual(
      [3, 1, 2].map((current) => hashAddress({ ...KEYS, current }, 'email', 'ada@example.com').hash),
    )
  })

  test('is not made without a key, because everybody could make it', () => {
    expect(() => hashAddress({ current: 1, keys: {} }, 'email', 'ada@example.com')).toThrow(/key version 1/)
    expect(() => hashAddress({ current: 1, keys: { 1: '' } }, 'email', 'ada@example.com')).toThrow(/key version 1/)
  })
})
