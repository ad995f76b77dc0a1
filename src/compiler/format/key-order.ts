import { FILE_KINDS, readSchema, type FileKind } from '../shape/schemas.ts'

type Schema = Readonly<Record<string, unknown>>

interface Place {
  readonly file: FileKind | 'words'
  readonly schema: Schema
}

const ALTERNATIVES = ['allOf', 'anyOf', 'oneOf'] as const
const CONDITIONAL = ['then', 'else'] as const
/** A reference that leads to itself through alternatives has no end. No schema of ours nests them deeper. */
const MAX_DEPTH = 16

/**
 * What the schema says about one place of a file: which keys a map has there, in which order they are written, and what
 * lies below them. The order of `properties` in the schema is the order of the keys.
 */
export class KeyOrder {
  readonly #places: readonly Place[]

  private constructor(places: readonly Place[]) {
    this.#places = places.flatMap((place) => resolved(place, 0))
  }

  static of(kind: FileKind): KeyOrder {
    return new KeyOrder([{ file: kind, schema: readSchema(kind) }])
  }

  /** The names in canonical order. Keys that the author named keep the author's order. */
  inOrder<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
    const ranks = new Map<string, number>()
    for (const { schema } of this.#places) {
      for (const name of Object.keys(objectOf(schema['properties']))) {
        if (!ranks.has(name)) ranks.set(name, ranks.size)
      }
    }
    if (ranks.size === 0) return entries
    // A key that the schema does not know stays behind the one that it was written after.
    let rank = -1
    const ranked = entries.map((entry) => {
      rank = ranks.get(entry.name) ?? rank
      return { entry, rank }
    })
    return ranked.toSorted((a, b) => a.rank - b.rank).map(({ entry }) => entry)
  }

  /** The place below a key. */
  below(name: string): KeyOrder {
    return new KeyOrder(
      this.#places.flatMap(({ file, schema }) => {
        const properties = objectOf(schema['properties'])
        const child = Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties']
        return isSchema(child) ? [{ file, schema: child }] : []
      }),
    )
  }

  /** The place of a list's items. */
  items(): KeyOrder {
    return new KeyOrder(
      this.#places.flatMap(({ file, schema }) =>
        isSchema(schema['items']) ? [{ file, schema: schema['items'] }] : [],
      ),
    )
  }

  /** Whether any text may stand here: what looks like a comment behind it may be text that YAML cut off. */
  takesFreeText(): boolean {
    return this.#places.some(({ schema }) => {
      const { type, pattern, enum: words, format } = schema
      const isText = type === 'string' || (Array.isArray(type) && type.includes('string'))
      return (
        isText && words === undefined && format === undefined && (pattern === undefined || pattern === String.raw`\S`)
      )
    })
  }
}

/** The schema itself and everything that it refers to or combines. */
function resolved({ file, schema }: Place, depth: number): readonly Place[] {
  if (depth > MAX_DEPTH) return []
  const referred = typeof schema['$ref'] === 'string' ? referenced(file, schema['$ref']) : undefined
  const combined = [
    ...ALTERNATIVES.flatMap((keyword) => (Array.isArray(schema[keyword]) ? schema[keyword].filter(isSchema) : [])),
    ...CONDITIONAL.flatMap((keyword) => (isSchema(schema[keyword]) ? [schema[keyword]] : [])),
  ].map((one) => ({ file, schema: one }))
  return [
    { file, schema },
    ...[...(referred === undefined ? [] : [referred]), ...combined].flatMap((place) => resolved(place, depth + 1)),
  ]
}

function referenced(from: FileKind | 'words', reference: string): Place | undefined {
  const [, name, definition = ''] = /^(?:(\w+)\.schema\.json)?#\/definitions\/(\w+)$/.exec(reference) ?? []
  const file = name === undefined ? from : (['words', ...FILE_KINDS] as const).find((one) => one === name)
  if (file === undefined) return undefined
  const schema = objectOf(readSchema(file)['definitions'])[definition]
  return isSchema(schema) ? { file, schema } : undefined
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectOf(value: unknown): Schema {
  return isSchema(value) ? value : {}
}
