import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'

/** What a YAML file of the workspace is; its folder says which. */
export type FileKind = 'journey' | 'segue' | 'policy' | 'event' | 'codes' | 'fixture'

export const FILE_KINDS: readonly FileKind[] = ['journey', 'segue', 'policy', 'event', 'codes', 'fixture']

/** Hover texts and the like, for editors; the validator only has to know that they are no typing mistakes. */
const EDITOR_KEYWORDS = ['markdownDescription', 'patternErrorMessage', 'defaultSnippets', 'markdownEnumDescriptions']

/** The package's own schemas, the very files that editors read: src/ and dist/ both lie below the folder that holds them. */
function schemaFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'schemas', 'journey.schema.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('the schemas of the language are missing from this installation')
    folder = parent
  }
  return join(folder, 'schemas')
}

const schemas = new Map<string, Readonly<Record<string, unknown>>>()

/** A schema of the package, read once. */
export function readSchema(name: FileKind | 'words'): Readonly<Record<string, unknown>> {
  const known = schemas.get(name)
  if (known !== undefined) return known
  const schema: unknown = JSON.parse(readFileSync(join(schemaFolder(), `${name}.schema.json`), 'utf8'))
  if (typeof schema !== 'object' || schema === null) throw new Error(`schema ${name} is not an object`)
  const read = { ...schema }
  schemas.set(name, read)
  return read
}

let compiled: ReadonlyMap<FileKind, ValidateFunction> | undefined

function validators(): ReadonlyMap<FileKind, ValidateFunction> {
  if (compiled !== undefined) return compiled
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, strictRequired: false, allowUnionTypes: true })
  ajv.addVocabulary(EDITOR_KEYWORDS)
  ajv.addSchema(readSchema('words'), 'words.schema.json')
  compiled = new Map(FILE_KINDS.map((kind) => [kind, ajv.compile(readSchema(kind))]))
  return compiled
}

/** The validator's raw findings. They are curated before a person sees them. */
export function schemaErrors(kind: FileKind, data: unknown): readonly ErrorObject[] {
  const validate = validators().get(kind)
  if (validate === undefined) throw new Error(`no schema for ${kind}`)
  return validate(data) ? [] : [...(validate.errors ?? [])]
}

/** The schema that a property of another one refers to within its file. */
export function resolveWithin(kind: FileKind, property: unknown): unknown {
  if (typeof property !== 'object' || property === null || !('$ref' in property)) return property
  const name = /^#\/definitions\/(\w+)$/.exec(String(property.$ref))?.[1]
  const definitions = readSchema(kind)['definitions']
  if (name === undefined || typeof definitions !== 'object' || definitions === null) return undefined
  return Object.entries(definitions).find(([key]) => key === name)?.[1]
}
