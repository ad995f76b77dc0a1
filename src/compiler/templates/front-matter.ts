import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { suggest } from '../../diagnostics/suggestion.ts'
import type { TemplateProblem } from './problem.ts'

const KEYS = ['subject', 'preheader', 'text'] as const
type Key = (typeof KEYS)[number]

/** A value of the front matter and where its text begins (0-based). */
export interface FrontMatterValue {
  readonly text: string
  readonly line: number
  readonly column: number
}

export interface FrontMatter {
  readonly values: Partial<Readonly<Record<Key, FrontMatterValue>>>
  readonly body: string
  /** Lines before the body. */
  readonly bodyLine: number
  readonly problems: readonly TemplateProblem[]
}

/** Splits the YAML between two `---` lines from the body below it. A file without it is all body. */
export function readFrontMatter(file: string): FrontMatter {
  const text = file.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const match = /^---[ \t]*\n([\s\S]*?)(?:^|\n)---[ \t]*(?:\n|$)/.exec(text)
  if (match === null) return { values: {}, body: text, bodyLine: 0, problems: [] }
  const [whole, yaml = ''] = match
  const { values, problems } = readValues(yaml)
  return { values, body: text.slice(whole.length), bodyLine: whole.split('\n').length - 1, problems }
}

function readValues(yaml: string): Pick<FrontMatter, 'values' | 'problems'> {
  const lines = new LineCounter()
  const document = parseDocument(yaml, { version: '1.2', uniqueKeys: true, prettyErrors: false, lineCounter: lines })
  const problems: TemplateProblem[] = []
  const add = (message: string, offset: number): void => {
    const { line, col } = lines.linePos(offset)
    problems.push({ code: 'SEG351', message, line: line + 1, column: col })
  }
  const [error] = document.errors
  if (error !== undefined) {
    add(`the front matter is not valid YAML; text with ": " or "{{" at its beginning needs quotes`, error.pos[0])
    return { values: {}, problems }
  }
  if (document.contents === null) return { values: {}, problems }
  if (!isMap(document.contents)) {
    add('the front matter must be keys and values', document.contents.range?.[0] ?? 0)
    return { values: {}, problems }
  }
  const values: Partial<Record<Key, FrontMatterValue>> = {}
  for (const { key, value } of document.contents.items) {
    const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0
    const name = isScalar(key) ? String(key.value) : ''
    const known = KEYS.find((one) => one === name)
    if (known === undefined) {
      const meant = suggest(name, KEYS)
      add(
        `unknown key "${name}"; ${meant === undefined ? `a template has ${KEYS.join(', ')}` : `did you mean "${meant}"?`}`,
        offset,
      )
    } else if (!isScalar(value) || typeof value.value !== 'string' || value.tag !== undefined) {
      add(`"${name}" must be text; put it in quotes`, offset)
    } else {
      const { line, col } = lines.linePos(value.range?.[0] ?? offset)
      values[known] = { text: value.value, line, column: col - 1 + (value.type === 'PLAIN' ? 0 : 1) }
    }
  }
  return { values, problems }
}
