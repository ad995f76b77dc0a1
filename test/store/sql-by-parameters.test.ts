import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url).pathname
const SQL = /^\s*(?:select|insert|update|delete|with|truncate|alter|create|do|lock|merge|values)\b/i

interface Interpolation {
  readonly file: string
  readonly expression: string
}

/** Every file of ours that could talk to the store. */
function sources(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return sources(path)
    return path.endsWith('.ts') ? [path] : []
  })
}

/** Constants, which are written in upper case, and numbers, and what is calculated from them. */
const CONSTANT = /^(?:[A-Z][A-Z0-9_]*(?:\.[a-zA-Z]+)?|\d[\d_]*)(?: [-+*/] (?:[A-Z][A-Z0-9_]*|\d[\d_]*))*$/

/** A choice between the two columns that hold addresses, made in the same file. */
const ADDRESS_COLUMN = "channel === 'email' ? 'email' : 'phone'"

/**
 * Everything else that a statement is put together from, each looked at and found to be text of ours: a list that is closed at compile
 * time, never anything that a person, a request or a workspace said. A new one fails this test until somebody has looked.
 */
const LOOKED_AT: Readonly<Record<string, readonly string[]>> = {
  'src/consent/audit/match-sends.ts': ["options.note ? NOTE : ''"],
  'src/consent/preferences/save.ts': [
    'columns',
    "places.join(', ')",
    "names.map((name) => `${name} = excluded.${name}`).join(', ')",
    'condition',
  ],
  'src/consent/reliance.ts': ['purpose'],
  'src/delivery/send-progress.ts': ['columns'],
  'src/gate/read-facts.ts': ["columns.join(',\\n  ')"],
  'src/ingestion/opt-in-confirmation.ts': ["requestDedupeKey('')"],
  'src/rights/erase.ts': ['table', 'column', 'where', "set.join(', ')"],
  'src/rights/export.ts': ['where', 'order'],
  'src/rights/person.ts': ['looked.where'],
  'src/store/migrate.ts': ['sql'],
}

function isOurs({ file, expression }: Interpolation): boolean {
  if (CONSTANT.test(expression) || LOOKED_AT[file]?.includes(expression) === true) return true
  // Names of tables and columns as the store's own catalogue has them, in quotation marks.
  if (/^quote\(\w+\)$/.test(expression)) return true
  const text = readFileSync(join(ROOT, file), 'utf8')
  return (
    (expression === 'column' && text.includes(`const column = ${ADDRESS_COLUMN}`)) ||
    expression.endsWith(ADDRESS_COLUMN)
  )
}

function interpolations(file: string): readonly Interpolation[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const found: Interpolation[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node) && SQL.test(node.head.text) && !ts.isTaggedTemplateExpression(node.parent)) {
      for (const { expression } of node.templateSpans) found.push({ file, expression: expression.getText(source) })
    }
    // A statement that is glued together: `'select …' + value`.
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      const { left, right } = node
      if (ts.isStringLiteralLike(left) && SQL.test(left.text)) found.push({ file, expression: right.getText(source) })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const files = [...sources('src'), ...sources('workers')].filter((file) => !file.startsWith('src/providers/'))
const all = files.flatMap(interpolations)

describe('SQL', () => {
  it('is looked at in every file', () => {
    expect(files.length).toBeGreaterThan(150)
    expect(all.length).toBeGreaterThan(5)
  })

  it('takes what is not its own text by parameters only', () => {
    expect(all.filter((one) => !isOurs(one))).toEqual([])
  })

  it('has no exception that is no longer there', () => {
    const listed = Object.entries(LOOKED_AT).flatMap(([file, expressions]) =>
      expressions.map((expression) => `${file}: ${expression}`),
    )
    const there = new Set(all.map(({ file, expression }) => `${file}: ${expression}`))
    expect(listed.filter((one) => !there.has(one))).toEqual([])
  })
})
