import type { FieldSchema, ObjectSchema } from '../../core/field-schema.ts'
import { entryOf, type MapNode, type Node } from '../source/node.ts'
import { mapOf, readList, readMap, readText, textOf } from './located.ts'

/** Types by their short names; `date-time` and the like are strings with a format. */
const SHORT: Readonly<Record<string, FieldSchema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  'date-time': { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
  email: { type: 'string', format: 'email' },
  uri: { type: 'string', format: 'uri' },
}

/** The schema of an object from its `properties` and the node of its `required` list. */
export function readObjectSchema(properties: MapNode, required: Node | undefined): ObjectSchema {
  const fields: Record<string, FieldSchema> = {}
  for (const { name, value } of properties.entries) fields[name] = readField(value)
  const names = required?.kind === 'list' ? required.items : []
  return {
    type: 'object',
    properties: fields,
    ...(names.length === 0 ? {} : { required: names.map((name) => textOf(name).value).toSorted() }),
  }
}

/** A type's short name, or a field with its own properties, items, enum or format. Anything left unsaid is a string. */
function readField(node: Node): FieldSchema {
  if (node.kind === 'scalar') return SHORT[textOf(node).value] ?? { type: 'string' }
  const map = mapOf(node)
  const properties = readMap(map, 'properties')
  const type = readText(map, 'type')?.value
  if (properties !== undefined || type === 'object') {
    const empty: MapNode = { ...map, entries: [], byName: new Map() }
    return readObjectSchema(properties ?? empty, entryOf(map, 'required')?.value)
  }
  const items = entryOf(map, 'items')?.value
  if (items !== undefined || type === 'array') {
    return { type: 'array', items: items === undefined ? { type: 'string' } : readField(items) }
  }
  if (type === 'number' || type === 'integer' || type === 'boolean') return { type }
  const choices = readList(map, 'enum').map((choice) => textOf(choice).value)
  const format = SHORT[readText(map, 'format')?.value ?? 'string']
  return {
    ...(format?.type === 'string' ? format : { type: 'string' }),
    ...(choices.length === 0 ? {} : { enum: choices }),
  }
}
