import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CHANNELS, JOURNEY_ID_PATTERN } from '../../src/core/compiled-journey.ts'
import { FILE_KINDS, readSchema } from '../../src/compiler/shape/schemas.ts'

const NAMES = ['words', ...FILE_KINDS] as const

type Schema = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface Place {
  readonly path: string
  readonly schema: Schema
  /** The property's name, if the schema is a property's. */
  readonly property?: string
}

/** Every schema in a schema. Members of `properties` and `definitions` are names, not keywords. */
function schemasIn(path: string, schema: unknown, property?: string): Place[] {
  if (!isObject(schema)) return []
  const named = ['properties', 'definitions'].flatMap((keyword) => {
    const members = schema[keyword]
    return isObject(members)
      ? Object.entries(members).flatMap(([name, child]) =>
          schemasIn(`${path}/${name}`, child, keyword === 'properties' ? name : undefined),
        )
      : []
  })
  const nested = ['items', 'additionalProperties', 'propertyNames'].flatMap((keyword) =>
    schemasIn(`${path}/${keyword}`, schema[keyword]),
  )
  return [{ path, schema, ...(property === undefined ? {} : { property }) }, ...named, ...nested]
}

const places = NAMES.flatMap((name) => schemasIn(name, readSchema(name)))
const properties = places.filter(({ property }) => property !== undefined)

describe('the schemas and the compiler are one language', () => {
  it('the schemas declare enough properties for these tests to mean something', () => {
    expect(properties.length).toBeGreaterThan(80)
  })

  it('every property has a hover text that ends as a sentence', () => {
    const without = properties.filter(
      ({ schema }) => !/"[^"].*[.)]"$/s.test(JSON.stringify(schema['markdownDescription']) ?? ''),
    )
    expect(without.map(({ path }) => path)).toEqual([])
  })

  it('every pattern is explained in words', () => {
    const unexplained = places.filter(({ schema }) => 'pattern' in schema && !('patternErrorMessage' in schema))
    expect(unexplained.map(({ path }) => path)).toEqual([])
  })

  it('every example matches the pattern beside it', () => {
    const wrong = places.flatMap(({ path, schema: { pattern, examples } }) =>
      typeof pattern === 'string' && Array.isArray(examples)
        ? examples.filter((example) => !new RegExp(pattern).test(String(example))).map(() => path)
        : [],
    )
    expect(wrong).toEqual([])
  })

  it('the compiler reads exactly the words that the schemas declare', async () => {
    const folder = fileURLToPath(new URL('../../src/compiler/document/', import.meta.url))
    const sources = await Promise.all((await readdir(folder)).map((file) => readFile(`${folder}${file}`, 'utf8')))
    const read = new Set<string>(CHANNELS)
    for (const [, word = ''] of sources
      .join('\n')
      .matchAll(/\b(?:read|need|entryOf)\w*\([^()]*?(?:\([^()]*\))?[^()]*?, '(\w+)'/g)) {
      read.add(word)
    }
    // Read by nobody on purpose: the version is checked by the schema, notes are for other tools.
    const ignored = ['segue', 'annotations']
    const declared = new Set(properties.map(({ property }) => property ?? ''))
    expect([...declared].filter((word) => !read.has(word)).toSorted()).toEqual(ignored.toSorted())
    expect([...read].filter((word) => !declared.has(word))).toEqual([])
  })

  it('the schema allows exactly the journey ids that the core allows', () => {
    const definitions = readSchema('words')['definitions']
    const journeyId = isObject(definitions) ? definitions['journeyId'] : undefined
    expect(isObject(journeyId) ? journeyId['pattern'] : undefined).toBe(JOURNEY_ID_PATTERN)
  })

  it('every map is closed, so that a misspelt key is never ignored', () => {
    const open = places
      .filter(({ schema }) => isObject(schema['properties']) && schema['additionalProperties'] !== false)
      .map(({ path }) => path)
    expect(open).toEqual([])
  })
})
