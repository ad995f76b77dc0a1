import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segmentsOf, smartEncoded } from '../../../src/delivery/rendering/sms-encoding.ts'

describe('segments', () => {
  it.each([
    ['160 a', 'a'.repeat(160), 'GSM-7', 1, 160],
    ['161 a', 'a'.repeat(161), 'GSM-7', 2, 161],
    ['an extension character costs two', `|${'1'.repeat(158)}`, 'GSM-7', 1, 160],
    [
      'the pair of an extension character does not straddle two parts',
      `${'a'.repeat(152)}€${'b'.repeat(160)}`,
      'GSM-7',
      3,
      314,
    ],
    ['160 é', 'é'.repeat(160), 'GSM-7', 1, 160],
    ['70 ç', 'ç'.repeat(70), 'UCS-2', 1, 70],
    ['35 emoji', '😀'.repeat(35), 'UCS-2', 1, 70],
    ['71 ú', 'ú'.repeat(71), 'UCS-2', 2, 71],
    ['an extension character costs one in UCS-2', `😀${']'.repeat(68)}`, 'UCS-2', 1, 70],
    ['a flag is four units', `🇮🇹${'1'.repeat(66)}`, 'UCS-2', 1, 70],
    ['a name alone makes it UCS-2', 'Hi Zoë', 'UCS-2', 1, 6],
  ])('%s', (_name, text, encoding, segments, units) => {
    expect(segmentsOf(text)).toEqual({ encoding, segments, units })
  })
})

describe('look-alikes', () => {
  it('are replaced when that makes the text GSM-7', () => {
    expect(smartEncoded('It’s “here” – now…\u00A0go')).toBe('It\'s "here" - now... go')
  })

  it('stay when the text is UCS-2 anyway, because nothing would be won', () => {
    expect(smartEncoded('Zoë’s basket…')).toBe('Zoë’s basket…')
  })

  it('never include letters: a name is not ours to respell', () => {
    for (const letter of 'áçëíóúÀÈ') expect(smartEncoded(letter)).toBe(letter)
  })

  it('never make a text cost more', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '’', '…', '–', 'ë', '😀', ' ', '€', '“')), (parts) => {
        const text = parts.join('')
        expect(segmentsOf(smartEncoded(text)).segments).toBeLessThanOrEqual(segmentsOf(text).segments)
      }),
    )
  })
})
