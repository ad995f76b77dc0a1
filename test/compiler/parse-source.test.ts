import { describe, expect, it } from 'vitest'
import { parseSource, MAX_FILE_BYTES } from '../../src/compiler/source/parse.ts'
import { entryOf, type MapNode } from '../../src/compiler/source/node.ts'
import { validateShape } from '../../src/compiler/shape/validate.ts'
import { spanInScalar } from '../../src/compiler/source/scalar-offsets.ts'
import { SourceText } from '../../src/diagnostics/source-text.ts'
import { baseJourney } from './workspace-fixture.ts'

function parse(text: string) {
  return parseSource(new SourceText('file.yaml', text))
}

function scalar(text: string, name: string) {
  const root = parse(text).root
  const node = root === undefined ? undefined : entryOf(root, name)?.value
  if (node?.kind !== 'scalar') throw new Error(`no scalar ${name}`)
  return node
}

describe('reading a file', () => {
  it('keeps value, quoting and place of every scalar', () => {
    const node = scalar('a: x\nb: "y z"\n', 'b')
    expect(node).toMatchObject({ value: 'y z', style: 'double', source: '"y z"', path: '/b', start: 8, end: 13 })
  })

  it('keeps a number as it was written', () => {
    expect(scalar('code: 00123\n', 'code')).toMatchObject({ value: 123, source: '00123' })
  })

  it('refuses a file above the limit without parsing it', () => {
    const { root, diagnostics } = parse(`a: ${'x'.repeat(MAX_FILE_BYTES)}`)
    expect(root).toBeUndefined()
    expect(diagnostics.map(({ code }) => code)).toEqual(['SEG102'])
  })

  it('refuses a file of nothing but brackets', () => {
    const { diagnostics } = parse(`a: ${'['.repeat(200_000)}`)
    expect(diagnostics.map(({ code }) => code)).toEqual(['SEG101'])
  })

  it('refuses more nesting than the language has', () => {
    const deep = `${Array.from({ length: 40 }, (_, i) => `${' '.repeat(i)}k:`).join('\n')} v\n`
    expect(parse(deep).diagnostics.map(({ code }) => code)).toEqual(['SEG101'])
  })

  it('refuses an alias bomb at its anchors and aliases, before anything is expanded', () => {
    const bomb = 'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n'
    const { root, diagnostics } = parse(bomb)
    expect(root).toBeUndefined()
    expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(['SEG106']))
  })

  it.each([['constructor: 1\n'], ['__proto__: { polluted: 1 }\n'], ['toString: x\n']])(
    'reads %j as a plain key',
    (text) => {
      const root: MapNode | undefined = parse(text).root
      expect(root?.entries).toHaveLength(1)
      expect(Reflect.get({}, 'polluted')).toBeUndefined()
    },
  )

  it('refuses a directive: %YAML 1.1 would turn yes and 21:00 into something else', () => {
    expect(parse('%YAML 1.1\n---\na: yes\n').diagnostics.map(({ code }) => code)).toEqual(['SEG101'])
  })
})

describe('checking the shape of a file', () => {
  function shape(text: string) {
    const source = new SourceText('file.yaml', text)
    const { root } = parseSource(source)
    return root === undefined ? [] : validateShape('journey', source, root)
  }

  it('makes one finding of a value that is too long and in the wrong form', () => {
    const found = shape(baseJourney(['at: 1h', `at: ${'1h'.repeat(40)}x`]))
    expect(found).toHaveLength(1)
  })

  it('reports every unknown key of a file that is no journey, and suggests only for the first ones', () => {
    const found = shape(Array.from({ length: 500 }, (_, i) => `ownr${i}: 1\n`).join(''))
    expect(found.filter(({ code }) => code === 'SEG201')).toHaveLength(500)
    expect(found.filter(({ help }) => help?.startsWith('did you mean') === true).length).toBeLessThanOrEqual(50)
  })
})

describe('places within a scalar', () => {
  it.each([
    ['plain', 'if: a == bad\n'],
    ['single quotes', "if: 'a == bad'\n"],
    ['double quotes', 'if: "a == bad"\n'],
    ['a literal block', 'if: |-\n  a ==\n  bad\n'],
    ['a folded block', 'if: >-\n  a ==\n  bad\n'],
    ['a folded block that keeps its line break', 'if: >\n    a ==\n    bad\n'],
    ['a literal block with Windows line ends', 'if: |-\r\n  a ==\r\n  bad\r\n'],
  ])('are found in %s', (_style, text) => {
    const source = new SourceText('file.yaml', text)
    const node = scalar(text, 'if')
    const start = String(node.value).indexOf('bad')
    const span = spanInScalar(source, node, start, start + 3)
    expect(span === undefined ? undefined : text.slice(span.start, span.end)).toBe('bad')
  })

  it.each([
    ['escapes', 'if: "a \\"b\\" == bad"\n'],
    ['doubled quotes', "if: 'a ''b'' == bad'\n"],
    ['a plain value over two lines', 'if: a ==\n  bad\n'],
    ['a folded block with a blank line', 'if: >-\n  a ==\n\n  bad\n'],
  ])('are given up for %s, where value and text differ', (_style, text) => {
    const source = new SourceText('file.yaml', text)
    expect(spanInScalar(source, scalar(text, 'if'), 0, 1)).toBeUndefined()
  })
})
