import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sendId } from '../../src/core/send-id.ts'

const branch = fc.constantFrom('action', 'fallback')

/** The same id, built from the digest's bytes instead of its text. */
function referenceId(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  // The digits after the version and the variant are the digest's; the variant's digit is fixed.
  bytes[6] = 0x80 | (bytes.readUInt8(6) & 0x0f)
  bytes[8] = 0xa0 | (bytes.readUInt8(8) & 0x0f)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

describe('a send id', () => {
  it('is a UUID of version 8 and the variant of RFC 9562', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string(), branch, (enrollment, step, b) => {
        expect(sendId(enrollment, step, b)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        )
      }),
    )
  })

  it('depends on enrollment, step and branch alone', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.string({ unit: 'grapheme' }), branch, (enrollment, step, b) => {
        expect(sendId(enrollment, step, b)).toBe(referenceId(`${enrollment}.${step}.${b}`))
        expect(sendId(enrollment, step, b)).toBe(sendId(enrollment, step, b))
      }),
    )
  })

  it('is different for every enrollment, step and branch', () => {
    const ids = new Set<string>()
    for (let run = 0; run < 2_000; run++) {
      for (const step of ['first-email', 'sms-code', 'final-email']) {
        for (const b of ['action', 'fallback'] as const) ids.add(sendId(`enrollment-${run}`, step, b))
      }
    }
    expect(ids.size).toBe(12_000)
  })
})
