import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { compileWorkspace, type Compilation } from '../../src/compiler/compile.ts'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'
import { CONDITION_FUNCTIONS } from '../../src/conditions/functions.ts'
import { type Block, blocksOf, readPage, readPages, ROOT, section, tableRows, withPart } from './pages.ts'

const author = await readPage('docs/author.md')
const shipped = await readWorkspaceFiles(`${ROOT}journeys`)
/** The pages of the codes have a format and a test of their own. */
const pages = (await readPages()).filter(({ path }) => !path.startsWith('docs/diagnostics/'))
const blocks = pages.flatMap(blocksOf)
const yaml = blocks.filter(({ language }) => language === 'yaml')

/** The shipped workspace with every file of a page in it, as a reader has it who followed the page. */
function workspaceOf(page: string): Map<string, string> {
  const files = blocks.filter((block) => block.page === page && block.labels['file'] !== undefined)
  return new Map([...shipped, ...files.map(({ labels, text }) => [labels['file'] ?? '', text] as const)])
}

function journeyOf(page: string): Block {
  const journey = yaml.find((block) => block.page === page && block.text.includes('\njourney: '))
  if (journey === undefined) throw new Error(`${page} has no whole journey that a part could belong to`)
  return journey
}

function compileBlock({ page, labels, text }: Block): Promise<Compilation> {
  const files = workspaceOf(page)
  if (labels['part'] !== undefined) {
    const journey = journeyOf(page)
    files.set(journey.labels['file'] ?? '', withPart(journey.text, text))
  }
  return compileWorkspace(files)
}

describe('the YAML in the documentation', () => {
  it('always says what it is', () => {
    const unlabelled = yaml.filter(
      ({ labels }) => !['file', 'part', 'same-as'].some((label) => labels[label] !== undefined),
    )
    expect(unlabelled.map(({ page, line }) => `${page}:${line}`)).toEqual([])
    expect(yaml.length).toBeGreaterThanOrEqual(10)
  })

  it.each(yaml.filter(({ labels }) => labels['same-as'] !== undefined))(
    '$page:$line is the file that it says it is',
    async ({ labels, text }) => {
      expect(text).toBe(await readFile(`${ROOT}${labels['same-as']}`, 'utf8'))
    },
  )

  it.each(yaml.filter(({ labels }) => labels['same-as'] === undefined))(
    '$page:$line compiles as it says: $info',
    async (block) => {
      const { diagnostics } = await compileBlock(block)
      const error = block.labels['error']
      const said = diagnostics.map(({ code, file, message }) =>
        error === undefined ? `${file} ${code} ${message}` : code,
      )
      expect(said).toEqual(error === undefined ? [] : [error])
    },
  )
})

describe('the README', () => {
  it('shows the cart journey', () => {
    expect(yaml.filter(({ page }) => page === 'README.md').map(({ labels }) => labels['same-as'])).toEqual([
      'journeys/cart-recovery.yaml',
    ])
  })

  it('counts the people of the sample', async () => {
    const sample: { readonly people: readonly unknown[] } = JSON.parse(
      await readFile(`${ROOT}journeys/sample/people.json`, 'utf8'),
    )
    expect((await readPage('README.md')).text).toContain(`${sample.people.length} invented people`)
  })
})

describe('docs/author.md', () => {
  it('lists the functions of conditions, and no others, in their own words', () => {
    const written = tableRows(section(author, '### Conditions'))
      .filter(([name = '']) => name.includes('): '))
      .map(([name, sentence]) => ({ signature: name, sentence }))
    expect(written).toEqual(
      CONDITION_FUNCTIONS.map(({ signature, sentence }) => ({ signature: `\`${signature}\``, sentence })),
    )
  })

  it.each([
    ['journey', 25],
    ['segue', 35],
    ['policy', 35],
  ])('names every key of the %s schema', async (name, least) => {
    const schema: unknown = JSON.parse(await readFile(`${ROOT}schemas/${name}.schema.json`, 'utf8'))
    const keys = [...new Set(keysIn(schema))]
    expect(keys.length).toBeGreaterThanOrEqual(least)
    expect(keys.filter((key) => !new RegExp(`\`${key}[\`:.]|^ *${key}:`, 'm').test(author.text))).toEqual([])
  })

  it('shows what check really says about a typing mistake', async () => {
    const journey = journeyOf('docs/author.md')
    const files = workspaceOf('docs/author.md')
    const at = journey.text.split('\n').findIndex((line) => line.includes('email:')) + 1
    files.set('review-request.yaml', journey.text.replace('email: { template:', 'email: { tempalte:'))
    const { diagnostics } = await compileWorkspace(files)
    expect(diagnostics.map(({ code }) => code)).toEqual(['SEG201'])
    expect(author.text).toContain(`--> journeys/review-request.yaml:${at}:${diagnostics[0]?.range.start.column ?? 0}\n`)
    expect(author.text).toContain(`error[SEG201] ${diagnostics[0]?.message ?? ''}\n`)
  })
})

function keysIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([name, value]: [string, unknown]) =>
    name === 'properties' && typeof value === 'object' && value !== null
      ? [...Object.keys(value), ...Object.values(value).flatMap(keysIn)]
      : keysIn(value),
  )
}
