import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The documentation as the tests read it: pages, their fenced blocks, their tables. */

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Page {
  /** From the root of the repository, such as `docs/author.md`. */
  readonly path: string
  readonly text: string
}

export async function readPage(path: string): Promise<Page> {
  return { path, text: await readFile(`${ROOT}${path}`, 'utf8') }
}

/** Every page, wherever it lies. */
export async function readPages(): Promise<readonly Page[]> {
  const top = (await readdir(ROOT)).filter((file) => file.endsWith('.md'))
  const docs = (await readdir(`${ROOT}docs`, { recursive: true }))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file.replaceAll('\\', '/')}`)
  return Promise.all([...top, ...docs].toSorted().map(readPage))
}

export interface Block {
  readonly page: string
  /** 1-based line of the fence, for the name of a test. */
  readonly line: number
  readonly language: string
  /** The rest of the info string: `file=x.yaml` as `file`, a bare word with the value `yes`. */
  readonly labels: Readonly<Record<string, string>>
  /** The info string behind the language, whole. */
  readonly info: string
  readonly text: string
}

/** Fenced blocks, also those inside lists, which are moved back to the margin. */
export function blocksOf({ path, text }: Page): readonly Block[] {
  return [...text.matchAll(/^([ ]*)```(\w+)[ ]*([^\n]*)\n([\s\S]*?)^\1```$/gm)].map((match) => {
    const [, indent = '', language = '', info = '', body = ''] = match
    const labels = info.split(' ').filter((label) => label !== '')
    return {
      page: path,
      line: text.slice(0, match.index).split('\n').length,
      language,
      info,
      labels: Object.fromEntries(
        labels.map((label) => {
          const [name = '', value = 'yes'] = label.split('=')
          return [name, value]
        }),
      ),
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }
  })
}

/** The text without fenced blocks, so that links and commands in prose are read apart from code. */
export function proseOf({ text }: Page): string {
  return text.replaceAll(/^[ ]*```[\s\S]*?^[ ]*```$/gm, '')
}

/** The part of a page under a heading, down to the next heading of the same depth. */
export function section({ path, text }: Page, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`)
  if (start === -1) throw new Error(`${path} has no heading ${JSON.stringify(heading)}`)
  const depth = heading.split(' ', 1)[0]?.length ?? 1
  const body = text.slice(start + heading.length + 2)
  const next = new RegExp(`^#{1,${depth}} `, 'm').exec(body)
  return next === null ? body : body.slice(0, next.index)
}

/** First cells of the table rows of a text, without backticks; the head of a table is not one. */
export function firstCells(text: string): readonly string[] {
  return [...text.matchAll(/^\| `([^|]+?)` \|/gm)].map(([, cell = '']) => cell)
}

/** Cells of each table row whose first cell is code; `\|` is a bar within a cell. */
export function tableRows(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) =>
    row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
}

/** Top-level keys of a YAML text with all of their lines. */
function keyBlocks(text: string): Map<string, string> {
  const blocks = new Map<string, string>()
  let name = ''
  for (const line of text.trimEnd().split('\n')) {
    if (/^[a-z_]+:/.test(line)) name = line.split(':')[0] ?? ''
    blocks.set(name, `${blocks.get(name) ?? ''}${line}\n`)
  }
  return blocks
}

/** A file with the keys of a part in the place of its own. */
export function withPart(whole: string, part: string): string {
  return [...new Map([...keyBlocks(whole), ...keyBlocks(part)]).values()].join('')
}
