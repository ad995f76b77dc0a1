import type { ErrorObject } from 'ajv'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { nodeAt, toData, type MapNode } from '../source/node.ts'
import { keyDiagnostics } from './keys.ts'
import { schemaErrors, type FileKind } from './schemas.ts'
import { valueDiagnostic } from './value.ts'

/** Keywords about the keys of a map: judged together, because a misspelt key is often also a missing one. */
const ABOUT_KEYS: ReadonlySet<string> = new Set(['additionalProperties', 'required'])

/**
 * Compares a file with its schema. Raw findings never reach a person: each becomes at most one diagnostic at the place
 * where the author has to type, and one mistake makes one diagnostic.
 */
export function validateShape(kind: FileKind, source: SourceText, root: MapNode): readonly Diagnostic[] {
  const errors = schemaErrors(kind, toData(root))
  const maps = new Map<string, ErrorObject[]>()
  const diagnostics: Diagnostic[] = []
  const judged = new Set<string>()
  for (const error of errors) {
    const place = nodeAt(root, error.instancePath)
    if (place === undefined) continue
    if (ABOUT_KEYS.has(error.keyword)) {
      const group = maps.get(error.instancePath)
      if (group === undefined) maps.set(error.instancePath, [error])
      else group.push(error)
      continue
    }
    const diagnostic = valueDiagnostic(source, place, error)
    // A value that is both too long and in the wrong form is one mistake.
    const value = `${error.instancePath} ${error.propertyName ?? ''}`
    if (diagnostic === undefined || judged.has(value)) continue
    judged.add(value)
    diagnostics.push(diagnostic)
  }
  for (const [path, group] of maps) {
    const place = nodeAt(root, path)
    if (place?.node.kind === 'map') diagnostics.push(...keyDiagnostics(kind, source, place.node, place.entry, group))
  }
  return diagnostics
}
