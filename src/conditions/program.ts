import { Environment, ParseError } from '@marcbachmann/cel-js'
import type { ASTNode } from '@marcbachmann/cel-js'

/** A reviewer must be able to read a condition, and a hostile one must not be able to keep the gate busy. */
const LIMITS = { sourceCharacters: 2_000, astNodes: 120, depth: 16 } as const

export const CEL_OPTIONS = {
  unlistedVariablesAreDyn: false,
  // Off, so that `contact.?frst_name` is a syntax error: optional access would pass the type check with any name.
  enableOptionalTypes: false,
  limits: { maxAstNodes: LIMITS.astNodes, maxDepth: LIMITS.depth, maxListElements: 100, maxMapEntries: 0 },
} as const

export type Program =
  | { readonly kind: 'program'; readonly ast: ASTNode }
  | {
      readonly kind: 'unparsable'
      readonly tooLarge: boolean
      readonly message: string
      readonly start: number
      readonly end: number
    }

const grammar = new Environment(CEL_OPTIONS)

export function parseProgram(source: string): Program {
  if (source.length > LIMITS.sourceCharacters) {
    const message = `a condition may have at most ${LIMITS.sourceCharacters} characters, this one has ${source.length}`
    return { kind: 'unparsable', tooLarge: true, message, start: 0, end: source.length }
  }
  try {
    return { kind: 'program', ast: grammar.parse(source).ast }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    const start = Math.min(error.range?.start ?? 0, source.length)
    const end = Math.max(start, Math.min(error.range?.end ?? source.length, source.length))
    const tooLarge = /limit|exceed|too (deep|many)/i.test(`${error.code} ${error.summary}`)
    return { kind: 'unparsable', tooLarge, message: inPlainWords(error.summary, source, start), start, end }
  }
}

/** The parser names tokens like a parser; a marketer reads what is written there. */
function inPlainWords(summary: string, source: string, start: number): string {
  if (source.trim() === '') return 'the condition is empty'
  if (/EOF/.test(summary)) return 'the condition ends too early'
  if (/ASSIGN|Unexpected character: =/.test(summary)) return 'to compare two values write =='
  const found = source.slice(start).match(/^[\p{L}\p{N}_]+|^\S/u)?.[0]
  return found === undefined ? summary : `unexpected "${found}"`
}

/** Programs by source. Bounded, because sources come from stored journeys of any age; the oldest one makes room. */
export class ProgramCache {
  readonly #programs = new Map<string, Program>()
  readonly #bound: number

  constructor(bound: number) {
    this.#bound = bound
  }

  get(source: string): Program {
    const known = this.#programs.get(source)
    if (known !== undefined) return known
    const program = parseProgram(source)
    if (this.#programs.size >= this.#bound) {
      const oldest = this.#programs.keys().next()
      if (!oldest.done) this.#programs.delete(oldest.value)
    }
    this.#programs.set(source, program)
    return program
  }

  get size(): number {
    return this.#programs.size
  }
}
