import fc from 'fast-check'
import { stringify } from 'yaml'
import type { FileKind } from '../../src/compiler/shape/schemas.ts'
import { samplesOf } from '../compiler/schema-samples.ts'

/** Documents as people write them: schema-sound data in every style of YAML, keys in any order, comments anywhere. */

export interface Written {
  readonly text: string
  /** Every comment in it, in its order. */
  readonly comments: readonly string[]
}

/** Decides everything that a writer is free to decide. */
type Pick = (choices: number) => number

const OLD_WORDS = ['NO', 'on', 'yes', 'y', '21:00', '2026-11-23', '1_000', '08:30', '=', '<<'] as const
const TEXTS = ['a: b', 'x #y', "it's", 'say "hi"', String.raw`back\slash`, ' padded ', 'two\nlines\n', '- dash', '']

export function writtenDocuments(kind: FileKind): fc.Arbitrary<Written> {
  return fc
    .record({ value: samplesOf(kind), picks: fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 200 }) })
    .map(({ value, picks }) => write(value, picks))
}

/** Documents of no schema at all: any keys, and texts that need quotes. */
export const wildDocuments: fc.Arbitrary<Written> = fc
  .record({
    value: fc.letrec<{ map: object; node: unknown }>((tie) => ({
      map: fc.dictionary(
        fc.oneof(fc.constantFrom(...OLD_WORDS, 'steps', 'at', 'a b'), fc.stringMatching(/^[a-z]{1,8}$/)),
        tie('node'),
        {
          minKeys: 1,
          maxKeys: 4,
          noNullPrototype: true,
        },
      ),
      node: fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        fc.oneof(
          fc.constantFrom(...OLD_WORDS, ...TEXTS),
          fc.integer(),
          fc.boolean(),
          fc.string({ unit: 'grapheme' }),
          fc.lorem(),
        ),
        tie('map'),
        fc.array(tie('node'), { maxLength: 4 }),
      ),
    })).map,
    picks: fc.array(fc.nat(1_000_000), { minLength: 40, maxLength: 200 }),
  })
  .map(({ value, picks }) => write(value, picks))

function write(value: unknown, picks: readonly number[]): Written {
  let at = 0
  const pick: Pick = (choices) => (picks[at++ % picks.length] ?? 0) % choices
  let comments = 0
  const comment = (): string => `#${pick(3) === 0 ? '' : ' '}note ${++comments}`
  const ahead = pick(3) === 0 ? `${comment()}\n${pick(2) === 0 ? '\n' : ''}` : ''
  const behind = (lines: string): string => (pick(4) === 0 ? `${lines}\n${comment()}\n` : `${lines}\n`)
  const text = behind(ahead + block(value, 0, pick, comment).replace(/^\n/, ''))
  return { text, comments: [...text.matchAll(/# ?note \d+/g)].map(([one]) => one) }
}

/** A value behind `key:` or `-`: on the same line, or from the next one on (then it begins with a line break). */
function block(value: unknown, indent: number, pick: Pick, comment: () => string): string {
  if (!isCollection(value) || (indent > 0 && (sizeOf(value) === 0 || pick(3) === 0))) {
    const tail = pick(5) === 0 ? `${' '.repeat(1 + pick(12))}${comment()}` : ''
    if (isCollection(value)) return ` ${flow(value, indent, pick, comment)}${tail}`
    return scalar(value, indent, pick, tail)
  }
  const members: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((item: unknown) => ['', item] as const)
    : shuffled(Object.entries(value), pick)
  const step = indent === 0 && !Array.isArray(value) ? 0 : 1 + pick(4)
  const column = indent === 0 ? 0 : indent - 1 + step
  const pad = ' '.repeat(column)
  const opening = indent > 0 && pick(5) === 0 ? ` ${comment()}` : ''
  const lines = members.map(([name, member]) => {
    const above = [
      ...(pick(6) === 0 ? [''] : []),
      ...(pick(5) === 0 ? [pad + ' '.repeat(pick(2)) + comment()] : []),
      ...(pick(9) === 0 ? ['', ''] : []),
    ]
    const head = Array.isArray(value) ? '-' : `${key(name, pick)}:`
    return [...above, `${pad}${head}${block(member, column + 1, pick, comment)}`].join('\n')
  })
  const after = pick(7) === 0 ? `\n${pad}${comment()}` : ''
  return `${opening}\n${lines.join('\n')}${after}`
}

function flow(value: unknown, indent: number, pick: Pick, comment: () => string): string {
  if (!isCollection(value)) return inFlow(value, pick)
  // Within brackets a line may end anywhere, and a comment with it.
  const gap = (): string => {
    const pad = `\n${' '.repeat(indent + 1)}`
    return pick(6) === 0 ? pad : pick(9) === 0 ? ` ${comment()}${pad}` : pick(2) === 0 ? ' ' : ''
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const members = Array.isArray(value)
    ? value.map((item) => flow(item, indent, pick, comment))
    : shuffled(Object.entries(value), pick).map(
        ([name, member]) => `${key(name, pick)}: ${flow(member, indent, pick, comment)}`,
      )
  return `${open}${members.map((member) => `${gap()}${member}${gap()}`).join(',')}${gap()}${close}`
}

function scalar(value: unknown, indent: number, pick: Pick, tail: string): string {
  if (typeof value === 'string' && value.trim() === value && value !== '' && /^[ -~]*$/.test(value)) {
    const pad = ' '.repeat(indent + 1 + pick(3))
    if (pick(6) === 0) return ` ${pick(2) === 0 ? '|-' : '>-'}${tail}\n${pad}${value}`
    if (pick(6) === 0) return `\n${pad}${JSON.stringify(value)}${tail}`
    if (pick(4) === 0 && /^[a-z][a-z ]*$/.test(value)) return ` ${value.replaceAll(' ', `\n${pad}`)}${tail}`
  }
  return ` ${inFlow(value, pick)}${tail}`
}

function inFlow(value: unknown, pick: Pick): string {
  if (typeof value !== 'string') return String(value)
  if (/^[ -~]*$/.test(value) && pick(4) === 0) return `'${value.replaceAll("'", "''")}'`
  if (pick(3) === 0)
    return JSON.stringify(value).replaceAll(
      /[\u007F-\u009F\u2028\u2029\uFEFF]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  return stringify([value], {
    lineWidth: 0,
    collectionStyle: 'flow',
    flowCollectionPadding: false,
    defaultStringType: 'PLAIN',
    blockQuote: false,
  })
    .trim()
    .slice(1, -1)
}

function key(name: string, pick: Pick): string {
  return inFlow(name, pick)
}

function shuffled<T>(members: readonly T[], pick: Pick): readonly T[] {
  return members
    .map((member) => ({ member, place: pick(1000) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ member }) => member)
}

function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function sizeOf(value: object): number {
  return Object.keys(value).length
}
