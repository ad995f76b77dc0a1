import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileWith, fixtureFiles, readFixture } from './workspace-fixture.ts'
import { parseSource } from '../../src/compiler/source/parse.ts'
import { validateShape } from '../../src/compiler/shape/validate.ts'
import { SourceText } from '../../src/diagnostics/source-text.ts'

const { text: everyWord } = await readFixture('ok', 'every-word.yaml')
const lines = everyWord.split('\n')
const keyLines = lines.flatMap((line, index) => (/^\s*[a-z_-]+:/.test(line) ? [index] : []))

const line = fc.integer({ min: 0, max: lines.length - 1 })

const mutation = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), at: line }),
  fc.record({ kind: fc.constant('swap' as const), at: line, with: line }),
  fc.record({ kind: fc.constant('misspell' as const), at: fc.constantFrom(...keyLines), letter: fc.nat(30) }),
  fc.record({ kind: fc.constant('insert' as const), at: line, text: fc.string({ unit: 'binary', maxLength: 12 }) }),
  fc.record({ kind: fc.constant('shift' as const), at: line, by: fc.integer({ min: -2, max: 3 }) }),
)

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

function mutate(mutated: string[], change: Mutation): void {
  const current = mutated[change.at] ?? ''
  switch (change.kind) {
    case 'drop':
      mutated.splice(change.at, 1)
      return
    case 'swap':
      mutated[change.at] = mutated[change.with] ?? ''
      mutated[change.with] = current
      return
    case 'misspell': {
      const start = current.search(/[a-z]/)
      const at = start + (change.letter % Math.max(1, current.indexOf(':') - start))
      mutated[change.at] = current.slice(0, at) + (current[at + 1] ?? '') + (current[at] ?? '') + current.slice(at + 2)
      return
    }
    case 'insert': {
      const at = change.text.length % (current.length + 1)
      mutated[change.at] = current.slice(0, at) + change.text + current.slice(at)
      return
    }
    case 'shift':
      mutated[change.at] = change.by < 0 ? current.replace(/^ {0,2}/, '') : ' '.repeat(change.by) + current
      return
    default: {
      const unknown: never = change
      return unknown
    }
  }
}

describe('mutated journeys', () => {
  it('never make the compiler throw, and every range lies within the file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (changes) => {
        const mutated = [...lines]
        for (const change of changes) mutate(mutated, change)
        const text = mutated.join('\n')
        const { diagnostics } = await compileWith('every-word.yaml', text)
        for (const { range, message } of diagnostics) {
          expect(range.start.offset).toBeGreaterThanOrEqual(0)
          expect(range.end.offset).toBeLessThanOrEqual(Math.max(text.length, fixtureLength))
          expect(range.end.offset).toBeGreaterThanOrEqual(range.start.offset)
          expect(message).not.toMatch(/undefined|\[object|NaN|\n/)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('of one key misspelt are found at that key, as one finding of shape', () => {
    fc.assert(
      fc.property(fc.constantFrom(...keyLines), fc.nat(30), (at, letter) => {
        const mutated = [...lines]
        mutate(mutated, { kind: 'misspell', at, letter })
        const text = mutated.join('\n')
        if (text === everyWord) return
        const source = new SourceText('every-word.yaml', text)
        const { root, diagnostics } = parseSource(source)
        const found = root === undefined ? diagnostics : validateShape('journey', source, root)
        expect(found.length).toBeLessThanOrEqual(1)
        for (const { range } of found) expect(range.start.line).toBe(at + 1)
      }),
      { numRuns: 200 },
    )
  })

  it('of other files never make the compiler throw', async () => {
    const others = [...fixtureFiles].filter(([path]) => path !== 'base.yaml')
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...others),
        fc.nat(),
        fc.string({ maxLength: 8 }),
        async ([path, text], at, added) => {
          const position = at % (text.length + 1)
          const { diagnostics } = await compileWith(
            path,
            text.slice(0, position) + added + text.slice(position + added.length),
          )
          expect(Array.isArray(diagnostics)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('of random bytes are read without a throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { root, diagnostics } = parseSource(new SourceText('random.yaml', text))
        expect(root === undefined ? diagnostics.length : 1).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })
})

const fixtureLength = Math.max(...[...fixtureFiles.values()].map((text) => text.length))
