import type { FieldSchema, ObjectSchema } from '../../core/field-schema.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report, type Span } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { suggest } from '../../diagnostics/suggestion.ts'
import type { FixtureDocument } from '../document/fixture.ts'
import { entryOf, type MapNode, type Node, type ScalarNode } from '../source/node.ts'
import { EMAIL, PHONE } from './compliance/no-personal-data.ts'
import { secretDiagnostics } from './compliance/no-secrets.ts'
import { oneOf, unknownName } from './unknown-name.ts'

/** What a fixture is compared with. */
export interface FixtureFacts {
  readonly contact: ObjectSchema
  /** Names of purposes. */
  readonly purposes: readonly string[]
  /** The trigger's schema of every journey that it may be for, by the journey's id. */
  readonly triggers: ReadonlyMap<string, ObjectSchema>
  /** Ids of all journeys, those with errors included. */
  readonly journeys: readonly string[]
}

/** Everything that is wrong with a fixture's values: names, types, zones, and people who may be real. */
export function fixtureDiagnostics(
  source: SourceText,
  document: FixtureDocument,
  facts: FixtureFacts,
): readonly Diagnostic[] {
  const { contact, consents = [], journeys } = document
  return [
    ...(contact === undefined ? [] : traitDiagnostics(source, contact, facts.contact)),
    ...triggerDiagnostics(source, document, facts),
    ...consents.flatMap(({ purpose }) =>
      facts.purposes.includes(purpose.value)
        ? []
        : [
            unknownName(source, purpose, {
              code: 'SEG301',
              noun: 'purpose',
              known: facts.purposes,
              declaredIn: 'purposes: of segue.yaml',
            }),
          ],
    ),
    ...journeys.flatMap((journey) =>
      facts.journeys.includes(journey.value)
        ? []
        : [
            unknownName(source, journey, {
              code: 'SEG335',
              noun: 'journey',
              known: facts.journeys,
              declaredIn: 'a file of its own',
            }),
          ],
    ),
    ...personDiagnostics(source),
    ...secretDiagnostics(source),
  ]
}

/** The data of the trigger under each journey that the fixture names; without names, under the journey that it fits best. */
function triggerDiagnostics(
  source: SourceText,
  { trigger, journeys }: FixtureDocument,
  { triggers }: FixtureFacts,
): readonly Diagnostic[] {
  if (trigger === undefined) return []
  if (journeys.length === 0) {
    const under = [...triggers.values()].map((schema) => dataDiagnostics(source, trigger, schema))
    return under.toSorted((a, b) => a.length - b.length)[0] ?? []
  }
  const found = new Map(
    journeys
      .flatMap(({ value }) => triggers.get(value) ?? [])
      .flatMap((schema) => dataDiagnostics(source, trigger, schema))
      .map((one) => [`${one.code} ${one.path} ${one.range.start.offset} ${one.message}`, one]),
  )
  return [...found.values()]
}

/** The journeys that a fixture is for: those that it names, or those whose trigger its data could be. Empty: every one. */
export function journeysOfFixture(
  source: SourceText,
  { trigger, journeys }: FixtureDocument,
  { triggers }: FixtureFacts,
): readonly string[] {
  if (journeys.length > 0 || trigger === undefined) return journeys.map(({ value }) => value)
  return [...triggers].flatMap(([id, schema]) => (dataDiagnostics(source, trigger, schema).length === 0 ? [id] : []))
}

function dataDiagnostics(source: SourceText, trigger: MapNode, schema: ObjectSchema): readonly Diagnostic[] {
  return mapDiagnostics(source, trigger, schema, { is: 'the trigger', keyOf: undefined })
}

/** A made-up person may lack traits that the real ones have: that is what some fixtures are for. */
function traitDiagnostics(source: SourceText, contact: MapNode, schema: ObjectSchema): readonly Diagnostic[] {
  const zone = entryOf(contact, 'timezone')?.value
  const unknownZone =
    zone?.kind === 'scalar' && typeof zone.value === 'string' && !isZone(zone.value)
      ? [
          report(source, 'SEG325', {
            message: `there is no time zone ${JSON.stringify(zone.value)}`,
            at: zone,
            expected: 'an IANA name such as America/New_York',
          }),
        ]
      : []
  const { required: _left, ...optional } = schema
  return [...mapDiagnostics(source, contact, optional, { is: 'the contact', keyOf: undefined }), ...unknownZone]
}

interface Holder {
  /** What the map is called in a finding. */
  readonly is: string
  /** The key that holds the map. */
  readonly keyOf: ScalarNode | undefined
}

function mapDiagnostics(
  source: SourceText,
  map: MapNode,
  schema: ObjectSchema,
  { is, keyOf }: Holder,
): readonly Diagnostic[] {
  const known = Object.keys(schema.properties)
  const left = new Set((schema.required ?? []).filter((name) => entryOf(map, name) === undefined))
  const found = map.entries.flatMap(({ name, key, value }) => {
    const field = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (field !== undefined) return valueDiagnostics(source, name, key, value, field)
    const meant =
      suggest(name, left) ??
      suggest(
        name,
        known.filter((one) => entryOf(map, one) === undefined),
      )
    if (meant !== undefined) left.delete(meant)
    return [
      report(source, 'SEG371', {
        message: `${is} has no field ${JSON.stringify(name)}`,
        at: key,
        expected: meant === undefined && known.length > 0 ? oneOf(known.slice(0, 12)) : undefined,
        help: meant === undefined ? undefined : `did you mean ${JSON.stringify(meant)}?`,
        fix: meant === undefined ? undefined : { at: key, text: meant, applicability: 'maybe' },
      }),
    ]
  })
  const place: Span = keyOf ?? map.entries[0]?.key ?? map
  const missing = [...left].map((name) =>
    report(source, 'SEG372', {
      message: `${is} lacks ${JSON.stringify(name)}`,
      at: { start: place.start, end: place.end, path: map.path },
      help: 'such an event would be rejected',
    }),
  )
  return [...found, ...missing]
}

function valueDiagnostics(
  source: SourceText,
  name: string,
  key: ScalarNode,
  node: Node,
  field: FieldSchema,
): readonly Diagnostic[] {
  if (field.type === 'object') {
    if (node.kind === 'map') return mapDiagnostics(source, node, field, { is: JSON.stringify(name), keyOf: key })
    return [wrong(source, name, node, key, 'fields')]
  }
  if (field.type === 'array') {
    if (node.kind !== 'list') return [wrong(source, name, node, key, 'a list')]
    return node.items.flatMap((item) => valueDiagnostics(source, name, key, item, field.items))
  }
  const expected = expectedOf(field)
  if (node.kind !== 'scalar') return [wrong(source, name, node, key, expected)]
  if (fits(node.value, field)) return []
  const meant = meantBy(node, field)
  return [
    report(source, 'SEG370', {
      message: `${JSON.stringify(name)} cannot be ${node.source === '' ? 'empty' : node.source}`,
      at: node,
      expected,
      help:
        meant &&
        (meant.applicability === 'safe' ? `write ${meant.text}` : `did you mean ${JSON.stringify(meant.text)}?`),
      fix: meant && { at: node, ...meant },
    }),
  ]
}

/** The value with the quotes that it lacks or has too much, or the choice that is nearest. */
function meantBy(
  { value, source, style }: ScalarNode,
  field: ScalarField,
): { readonly text: string; readonly applicability: 'safe' | 'maybe' } | undefined {
  if (field.type === 'string') {
    if (typeof value === 'number')
      return fits(source, field) ? { text: `"${source}"`, applicability: 'safe' } : undefined
    const near = typeof value === 'string' ? suggest(value, field.enum ?? []) : undefined
    return near === undefined ? undefined : { text: near, applicability: 'maybe' }
  }
  if (typeof value !== 'string' || style === 'plain') return undefined
  const plain =
    field.type === 'boolean' ? { true: true, false: false }[value] : value.trim() === '' ? undefined : Number(value)
  return fits(plain, field) && !Number.isNaN(plain) ? { text: value, applicability: 'safe' } : undefined
}

function wrong(source: SourceText, name: string, node: Node, key: ScalarNode, expected: string): Diagnostic {
  const kind = node.kind === 'map' ? 'fields' : node.kind === 'list' ? 'a list' : node.source
  const at = node.kind === 'scalar' ? node : { start: key.start, end: key.end, path: node.path }
  return report(source, 'SEG370', { message: `${JSON.stringify(name)} cannot be ${kind}`, at, expected })
}

type ScalarField = Exclude<FieldSchema, { readonly type: 'array' | 'object' }>

const DATE = /^\d{4}-\d\d-\d\d$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** Whether the API would take the value for the field. */
function fits(value: unknown, field: ScalarField): boolean {
  if (field.type !== 'string') return field.type === 'integer' ? Number.isInteger(value) : typeof value === field.type
  if (typeof value !== 'string') return false
  if (field.enum !== undefined) return field.enum.includes(value)
  switch (field.format) {
    case undefined:
      return true
    case 'date':
      return DATE.test(value) && !Number.isNaN(Date.parse(value))
    case 'date-time':
      return INSTANT.test(value) && !Number.isNaN(Date.parse(value))
    case 'email':
      return /^[^\s@]+@[^\s@]+$/.test(value)
    case 'uri':
      return URL.canParse(value)
    default:
      return field.format satisfies never
  }
}

function expectedOf(field: ScalarField): string {
  if (field.type === 'boolean') return 'true or false'
  if (field.type !== 'string') return field.type === 'integer' ? 'a whole number' : 'a number'
  if (field.enum !== undefined) return oneOf(field.enum)
  switch (field.format) {
    case undefined:
      return 'a text'
    case 'date':
      return 'a date such as 2027-03-01'
    case 'date-time':
      return 'an instant with its offset, such as 2027-03-01T09:00:00-05:00'
    case 'email':
      return 'an email address at example.com'
    case 'uri':
      return 'an address such as https://shop.example.com/basket'
    default:
      return field.format satisfies never
  }
}

/** RFC 2606 and RFC 6761: names that belong to nobody. */
const NOBODYS_DOMAIN = /[@.](?:example\.(?:com|org|net)|example|test|invalid|localhost)$/i
/** The numbers 555-0100 to 555-0199 are set aside for fiction: https://nationalnanpa.com/number_resource_info/555_numbers.html */
const NOBODYS_NUMBER = /555\D*01\d\d$/

/** Git never forgets, so a fixture is about nobody. */
function personDiagnostics(source: SourceText): readonly Diagnostic[] {
  const found = (pattern: RegExp, nobodys: RegExp, message: string, help: string): readonly Diagnostic[] =>
    [...source.text.matchAll(pattern)].flatMap((match) =>
      nobodys.test(match[0])
        ? []
        : [report(source, 'SEG508', { message, at: { start: match.index, end: match.index + match[0].length }, help })],
    )
  return [
    ...found(
      EMAIL,
      NOBODYS_DOMAIN,
      'an email address that may be somebody’s in a fixture',
      'take one at example.com; real ones for test sends belong into the environment: test_contacts of segue.yaml',
    ),
    ...found(
      PHONE,
      NOBODYS_NUMBER,
      'a phone number that may be somebody’s in a fixture',
      'take one that ends in 555-01xx; real ones for test sends belong into the environment: test_contacts of segue.yaml',
    ),
  ]
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
