import type { ErrorObject } from 'ajv'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { suggest } from '../../diagnostics/suggestion.ts'
import { entryOf, type MapEntry, type Node, type ScalarNode } from '../source/node.ts'
import { guessDuration, isBareNumber, readings } from './duration-slip.ts'
import { countMessage } from './count.ts'

interface Place {
  readonly node: Node
  readonly entry?: MapEntry
}

/** One finding about a value or a name, or undefined where another finding says the same. */
export function valueDiagnostic(source: SourceText, place: Place, error: ErrorObject): Diagnostic | undefined {
  const { node } = place
  switch (error.keyword) {
    case 'type':
      return typeDiagnostic(source, place, error)
    case 'pattern':
      return error.propertyName === undefined
        ? patternDiagnostic(source, place, error)
        : nameDiagnostic(source, node, error.propertyName, error)
    case 'enum':
      return choiceDiagnostic(source, node, allowedValues(error))
    case 'const':
      return report(source, 'SEG210', {
        message: `version ${written(node)} of the language is not known here`,
        at: node,
        expected: '1',
      })
    // Its cause, a pattern with the property's name, is reported.
    case 'propertyNames':
      return undefined
    default:
      return limitDiagnostic(source, place, error)
  }
}

function typeDiagnostic(source: SourceText, place: Place, error: ErrorObject): Diagnostic {
  const { node, entry } = place
  const expected = patternText(error) ?? typeNames(error.schema)
  const name = entry === undefined ? 'the value' : JSON.stringify(entry.name)
  const at = node.kind === 'scalar' || entry === undefined ? node : { ...entry.key, path: node.path }
  const wantsText = [error.schema].flat().includes('string')
  if (node.kind === 'scalar' && wantsText && typeof node.value === 'number') {
    if (isDuration(error)) return unitDiagnostic(source, node)
    if (!matchesQuoted(node, error)) return patternDiagnostic(source, place, error)
    return report(source, 'SEG209', {
      message: `${name} is text, and YAML reads ${node.source} as the number ${node.value}`,
      at,
      help: `write "${node.source}"`,
      fix: { at: node, text: `"${node.source}"`, applicability: 'safe' },
    })
  }
  const wantsNumber = [error.schema].flat().some((type) => type === 'integer' || type === 'number')
  const number = node.kind === 'scalar' && wantsNumber ? /^(["'])(\d+)\1$/.exec(node.source)?.[2] : undefined
  const help = number === undefined ? undefined : `write ${number} without quotes`
  return report(source, 'SEG203', { message: `${name} cannot be ${kindOf(node)}`, at, expected, help })
}

function patternDiagnostic(source: SourceText, { node }: Place, error: ErrorObject): Diagnostic {
  if (node.kind === 'scalar' && isDuration(error)) {
    if (isBareNumber(node.value)) return unitDiagnostic(source, node)
    const guess = guessDuration(node.value)
    if (guess !== undefined) {
      return report(source, 'SEG204', {
        message: `${written(node)} is not a duration`,
        at: node,
        expected: patternText(error),
        help: `write ${guess}`,
        fix: { at: node, text: guess, applicability: 'safe' },
      })
    }
  }
  // A pattern that only lists words is a choice.
  const words = /^\^\(([a-z0-9|-]+)\)\$$/.exec(String(error.parentSchema?.['pattern']))?.[1]?.split('|')
  if (words !== undefined) return choiceDiagnostic(source, node, words)
  return report(source, 'SEG204', {
    message: `${written(node)} is not a valid value of ${dotted(node)}`,
    at: node,
    expected: patternText(error),
    help: otherForm(node, error),
  })
}

/** What was most likely meant by a share, a time or a keyword in a form of other tools. */
function otherForm(node: Node, error: ErrorObject): string | undefined {
  if (node.kind !== 'scalar') return undefined
  const expected = patternText(error) ?? ''
  const value = Number(node.source)
  if (expected.startsWith('a share') && value > 0 && value < 100) {
    return value < 1 ? `write ${Number((value * 100).toFixed(4))}% for this share` : `write ${node.source}%`
  }
  if (expected.startsWith('`never`, or `after`') && /^\d+[smhdw]$/.test(node.source))
    return `write after ${node.source}`
  if (expected.startsWith('`every_message`') && /^\d+[smhdw]$/.test(node.source)) return `write every ${node.source}`
  if (expected.startsWith('a keyword in capitals') && /^[a-z][a-z0-9]{1,19}$/i.test(node.source))
    return `write ${node.source.toUpperCase()}`
  return undefined
}

function unitDiagnostic(source: SourceText, node: ScalarNode): Diagnostic {
  return report(source, 'SEG205', {
    message: `${node.source} has no unit`,
    at: node,
    expected: 'a duration such as 45m, 1h30m or 7d (units s, m, h, d, w)',
    help: `write ${readings(String(node.value))}`,
  })
}

function nameDiagnostic(source: SourceText, node: Node, name: string, error: ErrorObject): Diagnostic | undefined {
  const key = node.kind === 'map' ? entryOf(node, name)?.key : undefined
  if (key === undefined) return undefined
  return report(source, 'SEG208', {
    message: `${JSON.stringify(name)} cannot be used as a name`,
    at: key,
    expected: patternText(error),
  })
}

function choiceDiagnostic(source: SourceText, node: Node, allowed: readonly string[]): Diagnostic {
  const value = node.kind === 'scalar' ? String(node.value) : ''
  const meant = suggest(value, allowed)
  return report(source, 'SEG206', {
    message: `${written(node)} is not one of the allowed values`,
    at: node,
    expected: allowed.length === 1 ? allowed[0] : `one of ${allowed.join(', ')}`,
    help: meant === undefined ? undefined : `did you mean ${JSON.stringify(meant)}?`,
    fix: meant === undefined ? undefined : { at: node, text: meant, applicability: 'maybe' },
  })
}

function limitDiagnostic(source: SourceText, { node, entry }: Place, error: ErrorObject): Diagnostic {
  const name = entry?.name ?? 'the file'
  const at = node.kind === 'scalar' || entry === undefined ? node : { ...entry.key, path: node.path }
  if (error.keyword === 'minLength') {
    return report(source, 'SEG110', {
      message: `${JSON.stringify(name)} is empty`,
      at,
      help: 'write a value or remove the key',
    })
  }
  return report(source, 'SEG207', { message: `${name} ${countMessage(error, node)}`, at })
}

/** Whether quotes are all that a number needs to be the text that is meant. */
function matchesQuoted(node: ScalarNode, error: ErrorObject): boolean {
  const pattern: unknown = error.parentSchema?.['pattern']
  return typeof pattern !== 'string' || new RegExp(pattern).test(node.source)
}

/** The key with the one above it: `limits.cap`, `send_window.email`. */
function dotted(node: Node): string {
  return node.path.split('/').slice(1).slice(-2).join('.')
}

function isDuration(error: ErrorObject): boolean {
  return patternText(error)?.startsWith('a duration') === true
}

function patternText(error: ErrorObject): string | undefined {
  const text: unknown = error.parentSchema?.['patternErrorMessage']
  return typeof text === 'string' ? text : undefined
}

function allowedValues(error: ErrorObject): readonly string[] {
  const allowed: unknown = error.params['allowedValues']
  return Array.isArray(allowed) ? allowed.map(String) : []
}

function typeNames(schema: unknown): string {
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    object: 'a map of keys',
    array: 'a list',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  }
  return [schema]
    .flat()
    .map((type) => names[String(type)] ?? String(type))
    .join(' or ')
}

function kindOf(node: Node): string {
  if (node.kind === 'map') return 'a map of keys'
  if (node.kind === 'list') return 'a list'
  return typeof node.value === 'string' ? `the text ${written(node)}` : node.source
}

function written(node: Node): string {
  if (node.kind !== 'scalar') return kindOf(node)
  const text = node.style === 'plain' ? node.source : String(node.value)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text)
}
