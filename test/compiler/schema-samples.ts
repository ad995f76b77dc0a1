import fc from 'fast-check'
import { readSchema, type FileKind } from '../../src/compiler/shape/schemas.ts'

type Schema = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const definitionsOf = (schema: Schema): Schema => (isObject(schema['definitions']) ? schema['definitions'] : {})

/** Names that mean something in the fixture workspace, so that samples get past the name checks now and then. */
const MEANINGFUL: Readonly<Record<string, readonly string[]>> = {
  event: ['cart.abandoned', 'order.placed', 'order.shipped'],
  purpose: ['cart-reminders', 'order-updates'],
  policy: ['us-retail', 'email-only'],
  template: ['cart/reminder', 'cart/code', 'cart/nudge', 'order/shipped'],
  offer: ['ten-off'],
  codes: ['cart10'],
  if: ['trigger.cart.total > 10', 'contact.country == "US"', 'contact.orders_count < 3'],
  unless: ['clicked("a")', 'converted'],
  from: ['entry', 'a', 'b'],
  key: ['trigger.cart.id'],
  sender: ['shop-email', 'shop-sms'],
  kind: ['long_code', 'toll_free'],
  number: ['+12025550123', '+18335550123', '12345'],
}

/** Values that a schema allows: what an editor would let pass without a mark. */
export function samplesOf(kind: FileKind): fc.Arbitrary<unknown> {
  const words = readSchema('words')
  const root = readSchema(kind)
  const resolve = (reference: string): Schema => {
    const [file = '', name = ''] = reference.split('#/definitions/')
    const found = definitionsOf(file === '' ? root : words)[name] ?? definitionsOf(words)[name]
    if (!isObject(found)) throw new Error(`no definition ${reference}`)
    return found
  }

  const sample = (schema: Schema, name: string, depth: number): fc.Arbitrary<unknown> => {
    if (typeof schema['$ref'] === 'string') return sample(resolve(schema['$ref']), name, depth)
    if ('const' in schema) return fc.constant(schema['const'])
    if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum'])
    const types = [schema['type']].flat().filter((type) => depth < 6 || type === 'string')
    return fc.oneof(
      ...(types.length === 0 ? [schema['type']] : types).map((type) => ofType(schema, String(type), name, depth)),
    )
  }

  const ofType = (schema: Schema, type: string, name: string, depth: number): fc.Arbitrary<unknown> => {
    const number = (key: string, otherwise: number): number => {
      const limit = schema[key]
      return typeof limit === 'number' ? limit : otherwise
    }
    if (type === 'string') {
      const { pattern } = schema
      const free =
        typeof pattern === 'string'
          ? fc
              .stringMatching(new RegExp(pattern))
              .map((text) => text.slice(0, number('maxLength', 200)))
              .filter((text) => new RegExp(pattern).test(text))
          : fc.string({ minLength: number('minLength', 0), maxLength: 40, unit: 'grapheme' })
      const known = (MEANINGFUL[name] ?? []).filter(
        (text) => typeof pattern !== 'string' || new RegExp(pattern).test(text),
      )
      return known.length === 0
        ? free
        : fc.oneof({ weight: 1, arbitrary: free }, { weight: 6, arbitrary: fc.constantFrom(...known) })
    }
    if (type === 'integer') return fc.integer({ min: number('minimum', 0), max: number('maximum', 1000) })
    if (type === 'number') return fc.integer({ min: number('minimum', 1), max: number('maximum', 1000) })
    if (type === 'boolean') return fc.boolean()
    if (type === 'array') {
      const items = isObject(schema['items']) ? schema['items'] : {}
      const list = { minLength: number('minItems', 0), maxLength: Math.max(3, number('minItems', 0)) }
      return schema['uniqueItems'] === true
        ? fc.uniqueArray(sample(items, name, depth + 1), list)
        : fc.array(sample(items, name, depth + 1), list)
    }
    return object(schema, depth, number('minProperties', 0))
  }

  const object = (schema: Schema, depth: number, atLeast: number): fc.Arbitrary<unknown> => {
    const properties = isObject(schema['properties']) ? schema['properties'] : undefined
    if (properties !== undefined) {
      const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
      const members = Object.entries(properties).map(
        ([name, property]) => [name, sample(isObject(property) ? property : {}, name, depth + 1)] as const,
      )
      const requiredKeys = atLeast > required.length ? members.slice(0, atLeast).map(([name]) => name) : required
      return fc.record(Object.fromEntries(members), { requiredKeys })
    }
    const value = isObject(schema['additionalProperties']) ? schema['additionalProperties'] : {}
    const pattern = isObject(schema['propertyNames']) ? schema['propertyNames']['pattern'] : undefined
    const names = ['a', 'b', 'ten-off', 'plain', 'cart-reminders', 'US', 'GB'].filter(
      (name) => typeof pattern !== 'string' || new RegExp(pattern).test(name),
    )
    return fc.dictionary(fc.constantFrom(...names), sample(value, 'name', depth + 1), {
      minKeys: Math.max(atLeast, 1),
      maxKeys: Math.min(names.length, 3),
    })
  }

  return sample(root, kind, 0)
}
