import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { CODES, docsOf, isDiagnosticCode, type DiagnosticCode } from '../../src/diagnostics/codes.ts'
import { fixtureFiles, withFile } from '../compiler/workspace-fixture.ts'

const FOLDER = new URL('../../docs/diagnostics/', import.meta.url)
const overview = await readFile(new URL('README.md', FOLDER), 'utf8')
const pages: readonly { readonly code: string; readonly text: string }[] = await Promise.all(
  (await readdir(FOLDER))
    .filter((file) => file !== 'README.md')
    .toSorted()
    .map(async (file) => ({ code: file.replace(/\.md$/, ''), text: await readFile(new URL(file, FOLDER), 'utf8') })),
)

interface Example {
  readonly code: DiagnosticCode
  readonly kind: 'bad' | 'good'
  readonly path: string
  readonly text: string
}

const examples: Example[] = pages.flatMap(({ code, text }) => {
  if (!isDiagnosticCode(code)) return []
  return [...text.matchAll(/^```\w+ (bad|good)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, kind, path = 'base.yaml', example = '']) => ({
      code,
      kind: kind === 'bad' ? ('bad' as const) : ('good' as const),
      path,
      text: example,
    }),
  )
})

/** Top-level keys of a YAML text with all their lines; textual, because bad examples need not be YAML. */
function blocksOf(text: string): Map<string, string> {
  const blocks = new Map<string, string>()
  let name = ''
  for (const line of text.trimEnd().split('\n')) {
    if (/^[a-z_]+:/.test(line) && name !== 'rest') name = line.split(':')[0] ?? ''
    // Behind a second document's mark nothing is a key of this one.
    if (line.startsWith('---')) name = 'rest'
    blocks.set(name, `${blocks.get(name) ?? ''}${line}\n`)
  }
  return blocks
}

/** The example in place of the same keys of the file that it belongs to. */
function inPlace({ path, text }: Example): string {
  const base = path.endsWith('.yaml') ? fixtureFiles.get(path) : undefined
  if (base === undefined) return text
  const blocks = blocksOf(base)
  for (const [name, block] of blocksOf(text)) blocks.set(name, block)
  return [...blocks.values()].join('')
}

/** Codes whose smallest example is too large for a page, or no file at all. */
const GENERATED: Readonly<Partial<Record<DiagnosticCode, ReadonlyMap<string, string>>>> = {
  SEG102: withFile('large.yaml', `a: ${'x'.repeat(300_000)}`),
  SEG326: new Map([...fixtureFiles].filter(([path]) => path !== 'segue.yaml')),
  SEG358: withFile('messages/cart/reminder.md', `---\nsubject: Long\n---\n${'Very long indeed. '.repeat(6000)}\n`),
  SEG406: withFile(
    'base.yaml',
    (fixtureFiles.get('base.yaml') ?? '').replace(
      '  key:',
      `  if: ${'trigger.cart.total>1&&'.repeat(85)}trigger.cart.total>1\n  key:`,
    ),
  ),
}

describe('the table of codes and its pages', () => {
  it('name the same codes', () => {
    expect(pages.map(({ code }) => code)).toEqual(Object.keys(CODES))
  })

  it('agree on titles and severities', () => {
    const expected = Object.entries(CODES).map(([code, { title, severity }]) => `# ${code}: ${title} (${severity})`)
    const written = pages.map(({ text }) => {
      const [, heading = '', severity = ''] = /^(# .+)\n\n\*\*(Error|Warning|Info)\.\*\* \S/.exec(text) ?? []
      return `${heading} (${severity.toLowerCase()})`
    })
    expect(written).toEqual(expected)
  })

  it('lead from every code to its page', () => {
    for (const { code } of pages) {
      if (isDiagnosticCode(code)) expect(docsOf(code)).toBe(`docs/diagnostics/${code}.md`)
    }
  })

  it('are listed in the overview, in their order', () => {
    const listed = [...overview.matchAll(/^\| (\[SEG.+) \|$/gm)].map(([, row]) => row)
    expect(listed).toEqual(
      Object.entries(CODES).map(([code, { title, severity }]) => `[${code}](${code}.md) | ${severity} | ${title}`),
    )
  })

  it('have an example for every code, on its page or generated', () => {
    const shown = new Set(examples.filter(({ kind }) => kind === 'bad').map(({ code }) => code))
    const missing = Object.keys(CODES).filter(
      (code) => isDiagnosticCode(code) && !shown.has(code) && GENERATED[code] === undefined,
    )
    expect(missing).toEqual([])
  })

  it('show the journey that the examples are completed with', () => {
    expect(overview).toContain(`\`\`\`yaml\n${fixtureFiles.get('base.yaml') ?? ''}\`\`\``)
  })
})

describe('the examples on the pages', () => {
  it.each(examples.map((example) => [`${example.code} ${example.kind}`, example] as const))(
    '%s is what it says',
    async (_name, example) => {
      const { diagnostics } = await compileWorkspace(withFile(example.path, inPlace(example)))
      const codes = [...new Set(diagnostics.map(({ code }) => code))]
      expect(codes).toEqual(example.kind === 'bad' ? [example.code] : [])
    },
  )

  it.each(Object.entries(GENERATED))('%s is found in a generated example', async (code, files) => {
    const { diagnostics } = await compileWorkspace(files)
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code)
  })
})
