import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { roleOf } from '../../src/compiler/bind/workspace-layout.ts'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { formatSource } from '../../src/compiler/format/format.ts'
import type { FileKind } from '../../src/compiler/shape/schemas.ts'
import { contentHash } from '../../src/core/canonical-json.ts'
import { SourceText } from '../../src/diagnostics/source-text.ts'
import { baseJourney, fixtureFiles, JOURNEYS, readFixture, withFile } from '../compiler/workspace-fixture.ts'

function formatted(text: string, kind: FileKind = 'journey'): string {
  const result = formatSource(kind, new SourceText('a.yaml', text))
  return result.kind === 'formatted' ? result.text : result.kind
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`

describe('segue fmt', () => {
  it('writes keys in the order of the schema, at every level', () => {
    expect(
      formatted(lines('steps: {a: {email: {offer: x, template: t}, at: 1h, from: entry}}', 'journey: j', 'segue: 1')),
    ).toBe(lines('segue: 1', 'journey: j', 'steps: { a: { from: entry, at: 1h, email: { template: t, offer: x } } }'))
  })

  it('leaves names that the author chose in the author’s order', () => {
    const text = lines(
      'segue: 1',
      'offers:',
      '  zeta: { codes: a, valid_for: 1d }',
      '  alpha: { codes: a, valid_for: 1d }',
      'steps:',
      '  second: { at: 2h }',
      '  first: { at: 1h }',
    )
    expect(formatted(text)).toBe(text)
  })

  it('keeps an unknown key behind the one that it was written after', () => {
    expect(formatted(lines('journey: j', 'porpuse: x', 'segue: 1'))).toBe(lines('segue: 1', 'journey: j', 'porpuse: x'))
  })

  it('moves a comment with its key, and leaves the head of the file at the top', () => {
    expect(
      formatted(
        lines(
          '# yaml-language-server: $schema=x',
          '',
          'journey: j   # the id',
          '# who pays',
          'owner: growth',
          'segue: 1',
        ),
      ),
    ).toBe(
      lines(
        '# yaml-language-server: $schema=x',
        '',
        'segue: 1',
        'journey: j                       # the id',
        '# who pays',
        'owner: growth',
      ),
    )
  })

  it('keeps a comment at the end of a map in that map, and one before the next key there', () => {
    const text = lines(
      'steps:',
      '  a:',
      '    at: 1h',
      '    # unless: converted',
      '  # the second',
      '  b:',
      '    at: 2h',
      '# the end',
    )
    expect(formatted(text)).toBe(text)
  })

  it('opens brackets that hold comments, and that do not fit into 100 columns', () => {
    expect(formatted(lines('enter: { event: e, # why', '  key: k }'))).toBe(
      lines('enter:', '  event: e                       # why', '  key: k'),
    )
    const long = 'x'.repeat(50)
    expect(formatted(lines(`enter: { event: ${long}, key: ${long} } # both`))).toBe(
      lines('enter:                           # both', `  event: ${long}`, `  key: ${long}`),
    )
  })

  it('closes brackets that are spread over lines and fit', () => {
    expect(formatted(lines('enter: {', '    event: e,', '    key: k', '}'))).toBe(lines('enter: { event: e, key: k }'))
  })

  it.each(['NO', 'on', 'y', 'Yes', '21:00', '2026-11-23', '2026-11-23T10:00:00Z', '1_000', '0b11', '1:30:45', '='])(
    'quotes %s, which tools of YAML 1.1 misread',
    (word) => {
      expect(formatted(lines('annotations:', `  a: ${word}`))).toBe(lines('annotations:', `  a: "${word}"`))
      expect(formatted(lines(`annotations: { ${word}: [${word}] }`))).toBe(
        lines(`annotations: { "${word}": ["${word}"] }`),
      )
    },
  )

  it('leaves numbers as they are written: their value is the check’s to judge', () => {
    expect(formatted(lines('annotations: { a: 1.10, b: 00123, c: 0xFF }'))).toBe(
      lines('annotations: { a: 1.10, b: 00123, c: 0xFF }'),
    )
  })

  it('has one way to quote', () => {
    expect(
      formatted(
        lines(
          'annotations:',
          "  a: 'x'",
          "  b: 'it''s'",
          String.raw`  c: "say \"hi\""`,
          String.raw`  d: "a\nb"`,
          "  e: 'c:\\d'",
        ),
      ),
    ).toBe(
      lines('annotations:', '  a: "x"', '  b: "it\'s"', `  c: 'say "hi"'`, String.raw`  d: "a\nb"`, "  e: 'c:\\d'"),
    )
  })

  it('keeps block texts as their author broke them, indented by two', () => {
    expect(
      formatted(
        lines(
          'annotations:',
          '    a: >-   # why',
          '          one',
          '          two',
          '',
          '          three',
          '    b: |',
          '       x',
          '         y',
        ),
      ),
    ).toBe(
      lines(
        'annotations:',
        '  a: >-                          # why',
        '    one',
        '    two',
        '',
        '    three',
        '  b: |',
        '    x',
        '      y',
      ),
    )
  })

  it('breaks a text that was over several lines and does not fit on one', () => {
    const words = Array.from({ length: 30 }, (_, index) => `word${index}`)
    const text = lines(`description: ${words.slice(0, 15).join(' ')}`, `  ${words.slice(15).join(' ')}`)
    expect(formatted(text)).toMatch(/^description: >-\n {2}word0 .{60,90}\n {2}word\d+ .{60,90}\n {2}word\d+ .*\n$/)
  })

  it('leaves the gap before what may be text that YAML cut off', () => {
    const text = lines('description: Save 10% #today', 'owner: growth                    # the team')
    expect(formatted(text)).toBe(text)
  })

  it('reads Windows line ends and a byte order mark, and writes neither', () => {
    expect(formatted('\uFEFFjourney: j # x\r\nsegue: 1\r\n')).toBe(
      lines('segue: 1', 'journey: j                       # x'),
    )
  })

  it('keeps single blank lines between keys, and none at the ends', () => {
    expect(formatted('\n\nsegue: 1\n\n\n\njourney: j\nowner: x\n\n\n')).toBe('segue: 1\n\njourney: j\nowner: x\n')
  })

  it.each([
    'a: [',
    'a: 1\na: 2\n',
    'if: ! x\n',
    'a:\n',
    'a: &x 1\n',
    '%YAML 1.1\n---\na: 1\n',
    '',
    '- a\n',
    '---\na: 1\n---\nb: 2\n',
  ])('leaves %j alone, with the findings of the check', (text) => {
    const result = formatSource('journey', new SourceText('a.yaml', text))
    expect(result.kind).toBe('unreadable')
    expect(result.kind === 'unreadable' ? result.diagnostics.length : 0).toBeGreaterThan(0)
  })
})

describe('a formatted workspace', () => {
  it('compiles to the very same journeys', async () => {
    const ugly = baseJourney().replaceAll('\n\n', '\n')
    const before = await compileWorkspace(new Map([...fixtureFiles, ['base.yaml', ugly]]))
    const after = await compileWorkspace(formattedFiles(new Map([...fixtureFiles, ['base.yaml', ugly]])))
    expect(after.journeys.length).toBeGreaterThan(0)
    expect(after.journeys.map(contentHash)).toEqual(before.journeys.map(contentHash))
    expect(contentHash(after.workspace)).toBe(contentHash(before.workspace))
  })

  const broken = ['err', 'err-shared'] as const
  it.each(broken)('gives every file of %s the same findings', async (folder) => {
    const names = (await readdir(`${JOURNEYS}${folder}`)).filter((name) => name.endsWith('.yaml'))
    expect(names.length).toBeGreaterThan(30)
    for (const name of names) {
      const { path, text } = await readFixture(folder, name)
      const role = roleOf(path)
      if (role.kind !== 'yaml') continue
      const result = formatSource(role.shape, new SourceText(path, text))
      if (result.kind !== 'formatted') {
        expect(result.kind, name).toBe('unreadable')
        continue
      }
      const found = async (written: string) =>
        (await compileWorkspace(withFile(path, written))).diagnostics.map(
          ({ code, message, path: place, fix }) => `${code} ${place} ${message} ${fix?.text ?? ''}`,
        )
      expect((await found(result.text)).toSorted(), name).toEqual((await found(text)).toSorted())
    }
  })
})

function formattedFiles(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...files].map(([path, text]) => {
      const role = roleOf(path)
      return [path, role.kind === 'yaml' ? formatted(text, role.shape) : text]
    }),
  )
}
