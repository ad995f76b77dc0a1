import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { FILE_KINDS, type FileKind } from '../../src/compiler/shape/schemas.ts'
import { samplesOf } from './schema-samples.ts'
import { compileWith } from './workspace-fixture.ts'

const PATHS: Readonly<Record<FileKind, string>> = {
  journey: 'sample.yaml',
  segue: 'segue.yaml',
  policy: 'policies/sample.yaml',
  event: 'events/sample.yaml',
  codes: 'offers/sample.yaml',
  fixture: 'messages/fixtures/sample.yaml',
}

/** Of the shape family, the one thing that a key-shaped schema leaves to a rule. */
const SHAPE_BY_RULE: ReadonlySet<string> = new Set(['SEG211', 'SEG202'])

it.each(FILE_KINDS)(
  'every %s file that its schema allows compiles, or gets a finding about its meaning',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(samplesOf(kind), async (value) => {
        const text = stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 })
        const { diagnostics } = await compileWith(PATHS[kind], text)
        const own = diagnostics.filter(({ file }) => file === PATHS[kind])
        const aboutShape = own.filter(({ code }) => /^SEG[12]/.test(code) && !SHAPE_BY_RULE.has(code))
        expect(aboutShape.map(({ code, message }) => `${code} ${message}\n${text}`)).toEqual([])
      }),
      { numRuns: 30 },
    )
  },
)
