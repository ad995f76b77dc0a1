import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, contentHash } from '../../src/core/canonical-json.ts'

describe('canonical JSON', () => {
  it('sorts keys at every depth and leaves arrays in order', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 3], a: { z: null, y: { x: 1, w: 2 } } })).toBe(
      '{"a":{"y":{"w":2,"x":1},"z":null},"b":[{"c":2,"d":1},3]}',
    )
  })

  it('leaves out undefined members, so that an absent option and an undefined one are the same', () => {
    expect(canonicalJson({ a: undefined, b: { c: undefined, d: 1 } })).toBe('{"b":{"d":1}}')
  })

  it('sorts by UTF-16 code units, not by any language', () => {
    expect(canonicalJson({ ä: 1, z: 2, Z: 3, a: 4, '\u{1f600}': 5, '\ufb01': 6 })).toBe(
      '{"Z":3,"a":4,"z":2,"ä":1,"\u{1f600}":5,"\ufb01":6}',
    )
  })

  it('keeps a member that has the name of a prototype one', () => {
    const value: unknown = JSON.parse('{"constructor":2,"__proto__":{"b":1,"a":2}}')
    expect(canonicalJson(value)).toBe('{"__proto__":{"a":2,"b":1},"constructor":2}')
  })

  it('is the same text for the same value, whatever order it was built in, and means the same value', () => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : value !== null && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .toReversed()
                .map(([key, member]) => [key, reversed(member)]),
            )
          : value
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('the content hash', () => {
  it.each([
    [{}, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
    [[], '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945'],
    [null, '74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b'],
  ])('is the known SHA-256 of the text of %j', (value, hash) => {
    expect(contentHash(value)).toBe(hash)
  })

  it('is the SHA-256 of the canonical text in UTF-8', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(contentHash(value)).toBe(createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex'))
      }),
    )
  })

  it('does not depend on the order of members, and does depend on the order of elements', () => {
    expect(contentHash({ a: 1, b: 2 })).toBe(contentHash({ b: 2, a: 1, c: undefined }))
    expect(contentHash([1, 2])).not.toBe(contentHash([2, 1]))
  })
})
