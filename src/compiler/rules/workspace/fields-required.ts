import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import type { SourceText } from '../../../diagnostics/source-text.ts'
import { textOf } from '../../document/located.ts'
import { entryOf, type MapNode } from '../../source/node.ts'
import { unknownName } from '../unknown-name.ts'
import type { WorkspaceRule } from './rule.ts'

/** What `required` names is declared beside it; otherwise every such event would be rejected. */
export const fieldsRequired: WorkspaceRule = ({ events }) =>
  [...events.entries.values()].flatMap(({ source, document }) => undeclared(source, document.root))

function undeclared(source: SourceText, map: MapNode): readonly Diagnostic[] {
  const properties = entryOf(map, 'properties')?.value
  const required = entryOf(map, 'required')?.value
  const fields = properties?.kind === 'map' ? properties.entries : []
  const known = fields.map(({ name }) => name)
  const names = required?.kind === 'list' ? required.items.map(textOf) : []
  const lookup = { code: 'SEG331', noun: 'property', known, declaredIn: 'properties:' } as const
  return [
    ...names.filter(({ value }) => !known.includes(value)).map((name) => unknownName(source, name, lookup)),
    ...fields.flatMap(({ value }) => {
      const items = value.kind === 'map' ? entryOf(value, 'items')?.value : undefined
      return [value, items].flatMap((child) => (child?.kind === 'map' ? undeclared(source, child) : []))
    }),
  ]
}
