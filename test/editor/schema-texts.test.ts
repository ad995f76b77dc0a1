import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ROOT } from './language-server.ts'

type Schema = Readonly<Record<string, unknown>>

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const files = (await readdir(`${ROOT}schemas`)).filter((file) => file.endsWith('.schema.json'))
const schemas = await Promise.all(
  files.map(async (file): Promise<readonly [string, unknown]> => {
    return [file, JSON.parse(await readFile(`${ROOT}schemas/${file}`, 'utf8'))]
  }),
)

interface Place {
  readonly path: string
  readonly schema: Schema
  readonly isProperty: boolean
}

/** Every schema in a schema, at any depth. The members of `properties` and `definitions` are names, not keywords. */
function placesIn(path: string, value: unknown, isProperty = false): readonly Place[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => placesIn(`${path}/${index}`, one))
  if (!isSchema(value)) return []
  return [
    { path, schema: value, isProperty },
    ...Object.entries(value).flatMap(([keyword, child]) => {
      if (['examples', 'default', 'defaultSnippets', 'const', 'enum'].includes(keyword)) return []
      if (!['properties', 'definitions', 'patternProperties'].includes(keyword))
        return placesIn(`${path}/${keyword}`, child)
      return Object.entries(isSchema(child) ? child : {}).flatMap(([name, one]) =>
        placesIn(`${path}/${name}`, one, keyword === 'properties'),
      )
    }),
  ]
}

const places = schemas.flatMap(([file, schema]) => placesIn(file, schema))

describe('the published schemas', () => {
  it('are enough for this test to mean something', () => {
    expect(files.length).toBeGreaterThanOrEqual(7)
    expect(places.filter(({ isProperty }) => isProperty).length).toBeGreaterThan(110)
  })

  it('say what each file is', () => {
    const silent = schemas.filter(
      ([file, schema]) =>
        file !== 'words.schema.json' && !(isSchema(schema) && isSentence(schema['markdownDescription'])),
    )
    expect(silent.map(([file]) => file)).toEqual([])
  })

  it('explain every property', () => {
    const silent = places.filter(({ isProperty, schema }) => isProperty && !isSentence(schema['markdownDescription']))
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('explain every word of every closed list', () => {
    const silent = places.filter(({ schema: { enum: words, markdownEnumDescriptions: texts } }) => {
      if (!Array.isArray(words)) return false
      return !Array.isArray(texts) || texts.length !== words.length || !texts.every(isSentence)
    })
    expect(silent.map(({ path }) => path)).toEqual([])
    expect(places.filter(({ schema }) => Array.isArray(schema['enum'])).length).toBeGreaterThan(7)
  })

  it('put every pattern in words', () => {
    const silent = places.filter(
      ({ schema }) => 'pattern' in schema && typeof schema['patternErrorMessage'] !== 'string',
    )
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('show an example of every form that has a pattern, at the property or at the word that it refers to', () => {
    const silent = places.filter(
      ({ path, schema }) =>
        'pattern' in schema &&
        !('examples' in schema) &&
        !/propertyNames|additionalProperties|items$|\/(text|webAddress)$/.test(path),
    )
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('have a name and a sentence for every snippet', () => {
    const snippets = places.flatMap(({ schema }) =>
      Array.isArray(schema['defaultSnippets']) ? schema['defaultSnippets'] : [],
    )
    expect(snippets.map((snippet: unknown) => (isSchema(snippet) ? snippet['label'] : ''))).toEqual(
      expect.arrayContaining([
        'journey',
        'email step',
        'text step with fallback',
        'experiment',
        'offer',
        'policy',
        'event',
      ]),
    )
    for (const snippet of snippets) expect(snippet).toMatchObject({ description: expect.stringMatching(/^[A-Z]/) })
  })
})

function isSentence(text: unknown): boolean {
  return typeof text === 'string' && /^[^a-z].*[.)]$/s.test(text)
}
