import type { Liquid, Variable, Variables } from 'liquidjs'
import { suggest } from '../../diagnostics/suggestion.ts'
import { liquidFor, LIQUID_ROOTS, OFFER_FIELDS } from './liquid.ts'
import type { TemplateProblem } from './problem.ts'

/** A piece of Liquid and the place in its file at which it begins (both 0-based; `column` counts for the first line only). */
export interface LiquidSource {
  readonly text: string
  readonly line: number
  readonly column: number
}

export interface LiquidAnalysis {
  /** Dotted paths of everything that is read; `[]` stands for any element of a list. */
  readonly reads: readonly string[]
  readonly problems: readonly TemplateProblem[]
}

/** Parses Liquid, names what it reads, and finds what could not be filled for anybody. */
export function analyseLiquid(source: LiquidSource): LiquidAnalysis {
  const liquid = liquidFor('html', 'UTC')
  const parsed = parse(liquid, source)
  if (parsed.kind === 'problem') return { reads: [], problems: [parsed.problem] }
  const reads = new Set<string>()
  const problems: TemplateProblem[] = []
  for (const { path, variable } of variablesOf(source.text, parsed.globals, parsed.variables)) {
    reads.add(path)
    const message = unknownVariable(path)
    if (message === undefined) continue
    const { row, col } = variable.location
    const column = col + (row === 1 ? source.column : 0)
    problems.push({ code: 'SEG356', message, line: row + source.line, column, endColumn: column + path.length })
  }
  return { reads: [...reads].toSorted(), problems }
}

type Parsed =
  | { readonly kind: 'parsed'; readonly globals: Variables; readonly variables: Variables }
  | { readonly kind: 'problem'; readonly problem: TemplateProblem }

function parse(liquid: Liquid, source: LiquidSource): Parsed {
  try {
    const { globals, variables } = liquid.analyzeSync(liquid.parse(source.text), { partials: false })
    return { kind: 'parsed', globals, variables }
  } catch (error) {
    return { kind: 'problem', problem: liquidProblem(error, source) }
  }
}

function liquidProblem(error: unknown, source: LiquidSource): TemplateProblem {
  const message = error instanceof Error ? error.message : 'this Liquid cannot be read'
  const place = /, line:(\d+), col:(\d+)/.exec(message)
  const row = Number(place?.[1] ?? 1)
  const column = Number(place?.[2] ?? 1) + (row === 1 ? source.column : 0)
  const text = (message.split('\n')[0] ?? message).replace(/,( file:[^,]*,)? line:\d+, col:\d+.*$/, '')
  const filter = /^undefined filter: (\S+)/.exec(text)?.[1]
  const tag = /^tag "?([\w#]+)"? not found/.exec(text)?.[1]
  const line = row + source.line
  if (filter !== undefined)
    return {
      code: 'SEG357',
      message: notAllowed('filter', filter, Object.keys(liquidFor('html', 'UTC').filters)),
      line,
      column,
    }
  if (tag !== undefined && !tag.startsWith('end')) {
    return { code: 'SEG357', message: notAllowed('tag', tag, Object.keys(liquidFor('html', 'UTC').tags)), line, column }
  }
  return { code: 'SEG352', message: tag === undefined ? unescaped(text) : `{% ${tag} %} closes nothing`, line, column }
}

/** The library shows what it found as a JSON string; an author wrote no backslashes. */
function unescaped(message: string): string {
  return message.replaceAll('\\"', '"')
}

function notAllowed(kind: 'filter' | 'tag', name: string, known: readonly string[]): string {
  const meant = suggest(name, known)
  return `messages have no ${kind} "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`
}

interface Read {
  readonly path: string
  readonly variable: Variable
}

/** Globals as they are, and the variables of loops as elements of what they loop over. */
function* variablesOf(text: string, globals: Variables, variables: Variables): Generator<Read> {
  for (const list of Object.values(globals)) for (const variable of list) yield { path: pathOf(variable), variable }
  const loops = new Map<string, string>()
  for (const [, name = '', collection = ''] of text.matchAll(/\{%-?\s*for\s+(\w+)\s+in\s+([\w.]+)/g))
    loops.set(name, collection)
  for (const list of Object.values(variables)) {
    for (const variable of list) {
      const path = throughLoops(pathOf(variable), loops)
      if (path !== undefined) yield { path, variable }
    }
  }
}

function throughLoops(path: string, loops: ReadonlyMap<string, string>): string | undefined {
  let resolved = path
  for (let depth = 0; depth < 8; depth++) {
    const root = /^\w+/.exec(resolved)?.[0] ?? ''
    const collection = loops.get(root)
    if (collection === undefined) return depth === 0 ? undefined : resolved
    resolved = `${collection}[]${resolved.slice(root.length)}`
  }
  return undefined
}

function pathOf(variable: Variable): string {
  return variable.segments
    .map((segment, index) => (typeof segment === 'string' ? (index === 0 ? segment : `.${segment}`) : '[]'))
    .join('')
}

function unknownVariable(path: string): string | undefined {
  const [root = '', field] = path.split(/[.[]/)
  if (!LIQUID_ROOTS.includes(root)) {
    const meant = suggest(root, LIQUID_ROOTS)
    return `messages have no "${root}"${meant === undefined ? `; they have ${LIQUID_ROOTS.join(', ')}` : `; did you mean "${meant}"?`}`
  }
  if (root !== 'offer' || (field !== undefined && OFFER_FIELDS.includes(field))) return undefined
  return `an offer has ${OFFER_FIELDS.join(', ')}${field === undefined ? '' : `, not "${field}"`}`
}
