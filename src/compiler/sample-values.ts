import type { FieldSchema, ObjectSchema } from '../core/field-schema.ts'

/**
 * Values made up from a schema, so that a new journey can be previewed and simulated before anybody wrote a fixture for it. Always the
 * same ones for the same schema and `now`. Nobody's: example.com addresses and 555-01xx numbers.
 */
export interface SampleTerms {
  /** Epoch milliseconds; instants lie a few days after it. */
  readonly now: number
  /**
   * - `usual`: what most contacts look like.
   * - `long`: as long as real values get, in letters that an SMS carries without more cost.
   * - `foreign`: as long, with letters that make every SMS more expensive.
   */
  readonly size: 'usual' | 'long' | 'foreign'
}

const DAY_MS = 86_400_000

/** By the last word of the field's name, as shops call their fields. */
const USUAL: readonly (readonly [RegExp, string])[] = [
  [/(^|_)first_?name$|^given_?name$/i, 'Maya'],
  [/(^|_)last_?name$|^family_?name$/i, 'Ortiz'],
  [/(^|_)(full_?)?name$/i, 'Linen throw'],
  [/time_?zone$/i, 'America/New_York'],
  [/country(_code)?$/i, 'US'],
  [/(^|_)state$/i, 'NY'],
  [/(^|_)city$/i, 'Brooklyn'],
  [/(postal_?code|zip)$/i, '11201'],
  [/locale$|language$/i, 'en-US'],
  [/currency$/i, 'USD'],
  [/phone|mobile/i, '+12025550143'],
  [/email/i, 'maya@example.com'],
  [/(^|_)sku$/i, 'THROW-01'],
  [/(^|_)(id|nr|number|key|token)$/i, 'A-1042'],
  [/(image|picture|photo)(_url)?$/i, 'https://shop.example.com/pictures/throw.png'],
  [/(url|link|href)$/i, 'https://shop.example.com/basket/A-1042'],
  [/(^|_)code$/i, 'CART10-7QK2M9XD'],
  [/brand$/i, 'Fernway'],
]

/** 24 letters: few names are longer. */
const LONG = 'Maximiliana Christabelle'
const FOREIGN = 'Świętosława-Małgorzata Ż'

/** Every field of an object, filled. */
export function sampleValues(schema: ObjectSchema, terms: SampleTerms): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(schema.properties).map(([name, field]) => [name, sampleValue(name, field, terms, 0)]),
  )
}

function sampleValue(name: string, field: FieldSchema, terms: SampleTerms, nth: number): unknown {
  switch (field.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(field.properties).map(([inner, child]) => [inner, sampleValue(inner, child, terms, nth)]),
      )
    case 'array':
      return [0, 1].map((index) => sampleValue(name, field.items, terms, index))
    case 'boolean':
      return false
    case 'integer':
      return terms.size === 'usual' ? nth + 1 : 12
    case 'number':
      return terms.size === 'usual' ? 64 + nth * 18.5 : 1249.95
    case 'string':
      return sampleText(name, field, terms, nth)
    default:
      return field satisfies never
  }
}

function sampleText(
  name: string,
  field: Extract<FieldSchema, { readonly type: 'string' }>,
  { now, size }: SampleTerms,
  nth: number,
): string {
  const { enum: choices, format } = field
  const usual = USUAL.find(([pattern]) => pattern.test(name))?.[1]
  if (choices !== undefined) {
    const longest = choices.toSorted((a, b) => b.length - a.length)[0]
    return (size === 'usual' ? choices[0] : longest) ?? ''
  }
  switch (format) {
    case 'date-time':
      return new Date(now - (now % 3_600_000) + 3 * DAY_MS).toISOString()
    case 'date':
      return /birth/i.test(name) ? '1991-06-14' : new Date(now + 3 * DAY_MS).toISOString().slice(0, 10)
    case 'email':
      return 'maya@example.com'
    case 'uri':
      return usual?.startsWith('https:') === true ? usual : 'https://shop.example.com/basket/A-1042'
    case undefined:
      break
    default:
      return format satisfies never
  }
  // What a machine reads is never longer than it is: a zone, a country, an id.
  if (size !== 'usual' && (usual === undefined || /name$|city$|brand$/i.test(name)))
    return size === 'long' ? LONG : FOREIGN
  if (usual === 'Linen throw' && nth > 0) return 'Stoneware mug'
  return usual ?? `Sample ${name.replaceAll('_', ' ')}`
}
