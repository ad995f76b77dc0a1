import type { ErrorObject } from 'ajv'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { suggest } from '../../diagnostics/suggestion.ts'
import { entryOf, type MapEntry, type MapNode } from '../source/node.ts'
import { resolveWithin, type FileKind } from './schemas.ts'

/** Words that people bring along from other tools, and what they mean here. Only used where such a key may stand. */
const WORDS_OF_OTHERS: Readonly<Record<string, string>> = {
  after: 'at',
  condition: 'if',
  delay: 'at',
  wait: 'at',
  exit: 'exit_on',
  id: 'journey',
  name: 'journey',
  mail: 'email',
  text: 'sms',
  skip_if: 'unless',
  trigger: 'enter',
  when: 'if',
}

/** A map with more unknown keys than this is no map with typing mistakes. */
const HELPED_AT_MOST = 50

/** Unknown and missing keys of one map. A missing key that an unknown one was meant to be is not reported again. */
export function keyDiagnostics(
  kind: FileKind,
  source: SourceText,
  map: MapNode,
  entry: MapEntry | undefined,
  errors: readonly ErrorObject[],
): readonly Diagnostic[] {
  const where = containerName(kind, map.path)
  const missing = new Set(errors.flatMap((error) => parameter(error, 'missingProperty')))
  const absent = new Set(errors.flatMap(allowedKeys).filter((key) => entryOf(map, key) === undefined))
  const diagnostics: Diagnostic[] = []
  for (const name of new Set(errors.flatMap((error) => parameter(error, 'additionalProperty')))) {
    const key = entryOf(map, name)?.key
    if (key === undefined) continue
    // A missing key first: an author who wrote all the others most likely meant that one.
    const helped = diagnostics.length < HELPED_AT_MOST
    const meant = helped ? (suggest(name, missing) ?? suggest(name, absent) ?? wordOfOthers(name, absent)) : undefined
    const child = helped && meant === undefined ? childWith(kind, name, errors) : undefined
    if (meant !== undefined) {
      missing.delete(meant)
      absent.delete(meant)
    }
    diagnostics.push(
      report(source, 'SEG201', {
        message: `unknown key ${JSON.stringify(name)} in ${where}`,
        at: key,
        help:
          meant !== undefined
            ? `did you mean ${JSON.stringify(meant)}?`
            : child === undefined
              ? undefined
              : `${name} belongs in ${child.join(' or ')}`,
        expected:
          helped && meant === undefined && child === undefined && absent.size > 0
            ? `one of ${[...absent].join(', ')}`
            : undefined,
        fix: meant === undefined ? undefined : { at: key, text: meant, applicability: 'maybe' },
      }),
    )
  }
  const at = entry?.key ?? map.entries[0]?.key ?? map
  for (const name of missing) {
    diagnostics.push(
      report(source, 'SEG202', {
        message: `key ${JSON.stringify(name)} is missing in ${where}`,
        at: { start: at.start, end: at.end, path: map.path },
        help: name === 'segue' ? 'begin the file with segue: 1' : describe(errors, name),
      }),
    )
  }
  return diagnostics
}

function wordOfOthers(name: string, absent: ReadonlySet<string>): string | undefined {
  const word = Object.hasOwn(WORDS_OF_OTHERS, name) ? WORDS_OF_OTHERS[name] : undefined
  return word !== undefined && absent.has(word) ? word : undefined
}

/** The keys of this map under which the misplaced key could stand. */
function childWith(kind: FileKind, name: string, errors: readonly ErrorObject[]): readonly string[] | undefined {
  const children = Object.entries(errors.map(properties)[0] ?? {}).flatMap(([key, property]) => {
    const child = resolveWithin(kind, property)
    const allowed = typeof child === 'object' && child !== null && 'properties' in child ? child.properties : undefined
    return typeof allowed === 'object' && allowed !== null && Object.hasOwn(allowed, name) ? [key] : []
  })
  return children.length === 0 ? undefined : children
}

/** What people call the map: its key, or the kind of file. List items are called after their list. */
function containerName(kind: FileKind, path: string): string {
  const segments = path.split('/').slice(1)
  while (segments.length > 0 && /^\d+$/.test(segments.at(-1) ?? '')) segments.pop()
  return segments.at(-1) ?? `the ${kind === 'segue' ? 'workspace' : kind === 'codes' ? 'code pool' : kind}`
}

function parameter(error: ErrorObject, name: string): string[] {
  const value: unknown = error.params[name]
  return typeof value === 'string' ? [value] : []
}

function properties(error: ErrorObject): Readonly<Record<string, unknown>> {
  const found: unknown = error.parentSchema?.['properties']
  return typeof found === 'object' && found !== null ? { ...found } : {}
}

function allowedKeys(error: ErrorObject): readonly string[] {
  return Object.keys(properties(error))
}

/** The first sentence of the key's hover text. */
function describe(errors: readonly ErrorObject[], name: string): string | undefined {
  for (const error of errors) {
    const property: unknown = properties(error)[name]
    if (typeof property !== 'object' || property === null || !('markdownDescription' in property)) continue
    const text = String(property.markdownDescription)
    return `${name}: ${text.split(/\.(?:\s|$)/)[0] ?? text}`
  }
  return undefined
}
